"""The page of routes: every address of the site and of the API, every method, and who may come, role by role."""

from config.reference.markdown import page, table
from requests_app.audiences import Audience
from requests_app.selectors.audit.routes import Route, may_come, routes_by_part
from requests_app.states import Role

ROLES = [role for role in Role if role is not Role.SYSTEM]
INTRODUCTION = """
Read from `config/routes.py`, which is enforced before any page runs; a test tries every address with every method as
every role. HEAD goes with GET; a method that does not stand here is answered with 405. Without sign-in a page leads to
sign-in, and the API answers 401; what a person does not see is 404; a role that may not come is told why, with 403.
Behind the door policies decide, by state: [permissions.md](permissions.md).

● may come. ○ may come if they see the request: coordinators those of their agency, agents those they are named on,
output reviewers those their state is asked about, BLS all but drafts. · may not.
"""
MARKS = {"yes": "●", "if seen": "○", "no": "·"}


def routes_page() -> str:
    """A table for each part of the site."""
    return page(
        "Addresses",
        INTRODUCTION,
        *(block for title, routes in routes_by_part().items() for block in (f"## {title}", _table(routes))),
    )


def _table(routes: list[Route]) -> str:
    """Methods with the same audience share a row."""
    rows: dict[tuple[str, Audience], list[str]] = {}
    for one in routes:
        rows.setdefault((one.path, one.audience), []).append(one.method)
    header = ["Address", "Method", "Who", *(role.label for role in ROLES)]
    return table(header, (_row(path, methods, audience) for (path, audience), methods in rows.items()))


def _row(path: str, methods: list[str], audience: Audience) -> list[str]:
    marks = [MARKS[may_come(role, audience)] for role in ROLES]
    return [f"`{path}`", ", ".join(methods), audience.words, *marks]
