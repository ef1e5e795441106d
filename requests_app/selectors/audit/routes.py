"""The table of routes as documents and help show it: every address and method, and which roles may come."""

import inspect
import re
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from requests_app import hooks
from requests_app.audiences import About, Audience
from requests_app.selectors.life.requests import SEES_ALL
from requests_app.states import STATE_ROLES, Role

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
CONVERTER = re.compile(r"<(?:\w+:)?(\w+)>")
# Parts of the site by how an address begins; any other is named by its first word.
PARTS = {
    "api/": "The API",
    "accounts/": "Sign-in and account",
    "health/": "For everybody, and home",
    "requests/<number>/": "One request",
    "requests/": "Requests",
}
ONE_WORD = "For everybody, and home"


@dataclass(frozen=True)
class Route:
    """One address with one method: who may come, and in words what is done there."""

    name: str
    path: str
    method: str
    audience: Audience
    words: str


def routes_by_part() -> dict[str, list[Route]]:
    """Every row of the table, in the order of the addresses, by part of the site."""
    parts: dict[str, list[Route]] = {}
    for path, pattern in _patterns(get_resolver()):
        for method, audience in hooks.routes[str(pattern.name)].items():
            words = _words(pattern.callback, method)
            parts.setdefault(_part(path), []).append(Route(str(pattern.name), f"/{path}", method, audience, words))
    return parts


def may_come(role: Role, audience: Audience) -> str:
    """`yes`, `no`, or `if seen`: where somebody else's request or thing is answered as if it did not exist."""
    if audience.roles and role not in audience.roles:
        return "no"
    if audience.about is About.NOTHING and not audience.hidden:
        return "yes"
    return "if seen" if role in _may_see(audience.about) else "no"


def _may_see(about: About) -> frozenset[Role]:
    """The roles that see anything of what an address is about."""
    if about is About.REQUEST:
        return SEES_ALL | STATE_ROLES
    if about is About.RECORD:
        return SEES_ALL | STATE_ROLES | {Role.AUDITOR}
    return frozenset(Role)


def _patterns(resolver: URLResolver, before: str = "") -> list[tuple[str, URLPattern]]:
    found: list[tuple[str, URLPattern]] = []
    for one in resolver.url_patterns:
        path = before + CONVERTER.sub(r"<\1>", str(one.pattern))
        found += _patterns(one, path) if isinstance(one, URLResolver) else [(path, one)]
    return found


def _part(path: str) -> str:
    for beginning, title in PARTS.items():
        if path.startswith(beginning):
            return title
    first, slash, rest = path.partition("/")
    return first.replace("-", " ").capitalize() if slash and (rest or first not in {"", "home", "help"}) else ONE_WORD


def _words(view: Any, method: str) -> str:
    """The first paragraph of what the view says about itself; a page of a library's own says nothing."""
    view_class = getattr(view, "cls", None)
    said = getattr(view_class, method.lower(), None) if view_class else view
    text = inspect.getdoc(inspect.unwrap(said)) if inspect.isfunction(said) else ""
    return " ".join((text or "").partition("\n\n")[0].split())
