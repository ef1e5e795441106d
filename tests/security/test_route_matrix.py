"""Role by address by method: every cell is answered exactly as config/routes.py says.

Not in the table: 405. Nobody: sign-in, 401 from the API. Unseen: 404. Wrong role: 403 with the reason in the answer.
Else the door is passed; what is refused behind it, a policy refuses, by the state of the request.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from html import unescape
from itertools import product
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseNotFound
from django.template.backends.django import Template
from django.test import Client, RequestFactory
from django.urls import URLResolver, path, resolve
from django.urls.resolvers import RegexPattern
from django.utils import timezone
from rest_framework.exceptions import NotAuthenticated

from config import checks
from config.access import ByTable, RouteAccess
from config.routes import API_PREFIX, ROUTES
from requests_app.api import problems
from requests_app.audiences import About, Audience
from requests_app.models import Event, Person
from requests_app.policies import Denied
from requests_app.selectors.audit.routes import METHODS
from requests_app.states import State
from tests import factories
from tests.security.personas import Persona, personas
from tests.security.places import Place, address, named, parameters, places, request_with_everything

NO_METHOD, SIGN_IN, UNSEEN, FORBIDDEN, REACHED = "no such method", "sign in", "unseen", "forbidden", "reached"
# One in so many of the cells that the door alone decides, and of those that reach a view whatever the address names,
# is asked from the client on, through everything.
AT_THE_DOOR, THROUGH_IT = 19, 3
Cell = tuple[str, str, Persona]  # name of the address, method, who
# Who sees what an address is about; a new `About` needs a line.
SEES: dict[About, Callable[[Persona], bool]] = {
    About.NOTHING: lambda _one: True,
    About.REQUEST: lambda one: one.sees_request,
    About.RECORD: lambda one: one.reads_record,
}


def expected(audience: Audience | None, things: list[Place], who: Persona) -> str:
    """What the table says, by the persona's facts alone."""
    if audience is None:
        return NO_METHOD
    seen = REACHED if all(place.seen_by(who) for place in things) else UNSEEN
    if audience.public:
        return seen
    if who.is_nobody:
        return SIGN_IN
    if not SEES[audience.about](who):
        return UNSEEN
    held = who.on_request if audience.about else who.roles
    if audience.roles and not audience.roles & held:
        return UNSEEN if audience.hidden else FORBIDDEN
    return seen


def outcome(response: Any) -> str:
    """What was answered; an answer that is none of these is named by its status."""
    admitted, status = getattr(response.wsgi_request, "admitted", False), response.status_code
    if status == 405:
        return NO_METHOD
    if status == 404:
        return UNSEEN
    if admitted:
        return REACHED if status < 500 or status == 503 else f"failed with {status}"
    if status == 302 and response["Location"].startswith("/accounts/login/"):
        return SIGN_IN
    return {401: SIGN_IN, 403: FORBIDDEN}.get(status, f"odd answer {status}")


def ask(client: Client, method: str, path_: str) -> Any:
    """One call, without anything to send."""
    sent = {"data": b"{}", "content_type": "application/json"} if path_.startswith(API_PREFIX) else {}
    return getattr(client, method.lower())(path_, **(sent if method in {"POST", "PUT"} else {}))


def ask_and_undo(client: Client, method: str, path_: str) -> Any:
    """One call; whatever it changed, and whatever cookies it set, is undone."""
    cookies = client.cookies.copy()
    with transaction.atomic():
        response = ask(client, method, path_)
        transaction.set_rollback(True)
    client.cookies = cookies
    return response


def asked_once_in(method: str, wanted: tuple[str, str]) -> int:
    """How many cells of this kind one is asked in full of. `wanted`: of the door, and of the view behind it.

    No view is needed where the door refuses, HEAD of a page runs the view that GET has just run, and a view is run for
    a part of those who reach it. Where the view has to look for what the address names, each is asked.
    """
    if method == "HEAD" or wanted[0] != REACHED:
        return AT_THE_DOOR
    return THROUGH_IT if wanted[1] == REACHED else 1


def at_the_door(path_: str, method: str, who: Persona) -> Any:
    """What the door itself answers, without the way there; the attempt that it records is undone. The API's second
    door is asked as the one who the token says calls."""
    request = RequestFactory().generic(method, path_)
    request.resolver_match = resolve(path_)
    request.user = who.person or AnonymousUser()
    with transaction.atomic():
        try:
            refusal = RouteAccess(lambda _request: HttpResponse()).process_view(request, None, None, {})
            if refusal is None and path_.startswith(API_PREFIX):
                refusal = at_the_doors_of_the_api(request)
        except Http404:
            refusal = HttpResponseNotFound()
        transaction.set_rollback(True)
    response = HttpResponse() if refusal is None else refusal
    response.wsgi_request = request  # type: ignore[attr-defined]
    return response


def at_the_doors_of_the_api(request: Any) -> HttpResponse | None:
    """None, or what the API's door refuses, in the API's words; unseen is `Http404`."""
    caller = SimpleNamespace(_request=request, user=request.user)
    try:
        ByTable().has_permission(caller, None)  # type: ignore[arg-type]
    except NotAuthenticated:
        return HttpResponse(status=401)
    except Denied as denied:
        return problems.problem(403, *denied.reasons)
    return None


def client_for(path_: str, who: Persona) -> Client:
    return who.machine if path_.startswith(API_PREFIX) else who.browser


@pytest.fixture
def nothing_but_the_door(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Limits, log lines and what pages show have tests of their own; only refusals are rendered, with their reasons."""
    monkeypatch.setattr("rest_framework.throttling.UserRateThrottle.allow_request", lambda *_args: True)
    settings.ACCOUNT_RATE_LIMITS = False
    rendered = Template.render

    def render(template: Template, context: Any = None, request: Any = None) -> Any:
        admitted = getattr(request, "admitted", False)
        return "" if admitted else rendered(template, context)  # without the request: no navigation around it

    monkeypatch.setattr(Template, "render", render)
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def world(people: dict[str, Person], tmp_path: Any, settings: Any) -> tuple[list[Persona], dict[str, Place]]:
    settings.VAULT_ROOT = tmp_path
    return personas(people), places(request_with_everything(people), people)


def walk(everybody: list[Persona], given: dict[str, Place]) -> Iterator[tuple[Cell, str, list[Place]]]:
    """Every cell with its address and the things the address names."""
    addresses = {name: address(name, needed, given) for name, needed in parameters().items()}
    for name, needed in parameters().items():
        path_, things = addresses[name], list(named(name, needed, given).values())
        for method in METHODS:
            for who in everybody:
                yield (name, method, who), path_, things


@pytest.mark.usefixtures("nothing_but_the_door")
def test_every_role_reaches_exactly_what_the_table_says(
    world: tuple[list[Persona], dict[str, Place]], record_property: Callable[[str, object], None]
) -> None:
    counted: Counter[str] = Counter()
    wrong, events = [], Event.objects.count()
    for place, ((name, method, who), path_, things) in enumerate(walk(*world)):
        audience = ROUTES[name].get("GET" if method == "HEAD" else method)
        at_door, wanted = expected(audience, [], who), expected(audience, things, who)
        if place % asked_once_in(method, (at_door, wanted)):
            wanted = at_door  # what else the address names, the view looks for
            response = at_the_door(path_, method, who)
        else:
            call = ask_and_undo if wanted in (REACHED, FORBIDDEN) else ask
            response = call(client_for(path_, who), method, path_)
        found = outcome(response)
        if found == FORBIDDEN and method != "HEAD" and audience and not _says(response, audience):
            found = "forbidden without the reason"
        counted[found] += 1
        if found != wanted:
            wrong.append(f"{method} {name}, {who}: {found} instead of {wanted}")
    assert not wrong, f"{len(wrong)} cells of {counted.total()}:\n" + "\n".join(wrong[:60])
    assert Event.objects.count() == events, "What is not there was recorded."
    summary = f"{len(parameters())} addresses, {counted.total()} cells: {dict(counted)}"
    record_property("route matrix", summary)
    print(summary)
    assert min(counted[one] for one in (NO_METHOD, SIGN_IN, UNSEEN, FORBIDDEN, REACHED)) > 50


def _says(response: HttpResponse, audience: Audience) -> bool:
    return f"This is for: {audience.words}." in unescape(response.content.decode())


@pytest.mark.usefixtures("nothing_but_the_door")
def test_draft_is_not_there_for_bls(world: tuple[list[Persona], dict[str, Place]], people: dict[str, Person]) -> None:
    everybody, given = world
    factories.place(people["coordinator"].agency.requests.get(), State.DRAFT)
    about_requests = {name: needed for name, needed in parameters().items() if "number" in needed}
    at_bls = [one for one in everybody if one.place == "bls"]
    for place, (who, (name, needed)) in enumerate(product(at_bls, about_requests.items())):
        path_ = address(name, needed, given)
        for method in ROUTES[name]:
            door_decides = at_the_door(path_, method, who).status_code == 404
            if not door_decides or place % AT_THE_DOOR == 0:
                assert ask(client_for(path_, who), method, path_).status_code == 404, (method, name, str(who))
    assert len(about_requests) > 20


@pytest.mark.parametrize("key", ["coordinator", "program_analyst"])
@pytest.mark.usefixtures("nothing_but_the_door")
def test_request_is_not_there_once_the_role_has_ended(
    key: str, world: tuple[list[Persona], dict[str, Place]], people: dict[str, Person]
) -> None:
    everybody, given = world
    who = next(one for one in everybody if one.person == people[key])
    yesterday = timezone.localdate() - timedelta(days=1)
    factories.lapse(people[key].memberships.all(), starts_on=yesterday, ends_on=yesterday)
    for path_ in (address("request", ["number"], given), address("api_request", ["number"], given)):
        assert ask(client_for(path_, who), "GET", path_).status_code == 404


@pytest.mark.usefixtures("nothing_but_the_door")
def test_account_that_is_not_active_is_nobody_also_in_an_open_session(
    world: tuple[list[Persona], dict[str, Place]], people: dict[str, Person]
) -> None:
    everybody, given = world
    who = next(one for one in everybody if one.person == people["coordinator"])
    Person.objects.filter(pk=people["coordinator"].pk).update(is_active=False)
    page = ask(who.browser, "GET", address("request", ["number"], given))
    assert page["Location"].startswith("/accounts/login/")
    assert ask(who.machine, "GET", address("api_request", ["number"], given)).status_code == 401


def test_address_without_a_row_stops_the_start(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from config import urls

    assert checks.every_route_has_a_row() == []
    added = [*urls.urlpatterns, path("new/", lambda _request: HttpResponse(), name="new_page"), path("x/", str)]
    monkeypatch.setattr(urls, "urlpatterns", added)
    monkeypatch.setattr(checks, "get_resolver", lambda: URLResolver(RegexPattern(r"^/"), urls))
    monkeypatch.setitem(ROUTES, "old_page", {})
    found = [(message.id, message.msg) for message in checks.every_route_has_a_row()]
    assert found == [
        ("wr.E013", "The address new_page has no row in config/routes.py."),
        ("wr.E013", "The address x/ has no row in config/routes.py."),
        ("wr.E013", "config/routes.py has a row for old_page, which is no address."),
    ]


def test_parameter_without_a_value_is_said_in_a_sentence() -> None:
    with pytest.raises(AssertionError, match=r"new_page has the parameter new_id: give it a value in tests/security"):
        address("new_page", ["new_id"], {})
