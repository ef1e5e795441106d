"""The pages that are lists, as each of the cast who may come asks for them.

They are found in the table of routes: every address without arguments. What needs more (a filter, a page far back) is
a line in `narrowed_pages`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

from config.routes import ROUTES
from requests_app.demo.cast import PLAYERS
from requests_app.forms.by_section import FORMS
from requests_app.models import DataRequest, Event, Question
from requests_app.states import State

# Addresses without arguments that are about one person or thing: measured as well, without a limit of queries.
NO_LISTS = frozenset({"my_standing"})
# One request of each of these states, as one who works on it: its own page, and those that lead from it.
REQUEST_PAGES: tuple[tuple[str, State, tuple[str, ...]], ...] = (
    ("coordinator", State.DRAFT, ("request", "form", "form_check", "form_people")),
    ("coordinator", State.RETURNED, ("request", "form", "form_versions")),
    ("program_analyst", State.IN_REVIEW, ("request", "review", "request_questions", "record")),
    ("approving_official", State.RECOMMENDED, ("request", "review")),
    ("disclosure_analyst", State.DISCLOSURE_REVIEW, ("request",)),
    ("coordinator", State.RELEASED, ("request",)),
    ("coordinator", State.IN_USE, ("request", "request_questions", "add_amendment", "destruction")),
)


@dataclass(frozen=True)
class Page:
    """An address as one of the cast asks for it; the limits are for lists."""

    name: str
    path: str
    player: str
    is_list: bool = True

    @property
    def key(self) -> str:
        """How results name it."""
        return f"{self.name} as {self.player}"


def route_pages() -> Iterator[Page]:
    """Every address without arguments that is no page of sign-in, as one of the cast for each set of roles."""
    players = {player.roles: player.key for player in reversed(PLAYERS)}
    for name, methods in ROUTES.items():
        audience = methods.get("GET")
        if audience is None or audience.public or name.startswith(("account_", "mfa_", "api_")):
            continue
        try:
            path = reverse(name)
        except NoReverseMatch:
            continue  # about one thing
        for roles, player in players.items():
            if not audience.roles or audience.roles & set(roles):
                yield Page(name, path, player, is_list=name not in NO_LISTS)


def narrowed_pages() -> Iterator[Page]:
    """What is narrowed or far back: one line a page."""
    for player in ("coordinator", "agent", "output_reviewer_ri", "program_analyst"):
        yield Page("requests, submitted", "/requests/?state=submitted", player)
        yield Page("requests, closed", "/requests/?state=closed", player)
        yield Page("requests, micro closed", "/requests/?state=closed&kind=micro", player)
        yield Page("requests, page 40", "/requests/?page=40", player)
        yield Page("requests, page 400", "/requests/?page=400", player)
        yield Page("requests, by number", f"/requests/?q={_number(State.CLOSED)}", player)
        yield Page("requests, by a year's numbers", "/requests/?q=WR-2024", player)
        yield Page("requests, by the number's end", "/requests/?q=004999", player)
        yield Page("requests, by words", "/requests/?q=nurses+mobility", player)
        yield Page("requests, by a common word", "/requests/?q=employment", player)
        yield Page("requests, by words nobody wrote", "/requests/?q=zebra", player)
    for which in ("mine", "unclaimed", "late", "away"):
        yield Page(f"queue, {which}", f"/queue/?which={which}", "program_analyst")
    yield Page("requests, late", "/requests/?late=on", "program_analyst")
    yield Page("requests, of a state", "/requests/?agency=RI", "program_analyst")
    yield Page("events of a request", f"/events/?request={_number(State.CLOSED)}", "auditor")
    yield Page("events of a kind", "/events/?kind=request.submit", "auditor")
    yield Page("events of a kind that never was", "/events/?kind=cohort_key.destroy", "auditor")
    yield Page("events, half-way back", f"/events/?older_than={Event.objects.count() // 2}", "auditor")
    yield Page("records, page 400", "/records/?page=400", "auditor")
    yield Page("records, by words", "/records/?q=nurses+mobility", "auditor")


def request_pages() -> Iterator[Page]:
    """The pages of one request, for those who work on it."""
    for player, state, names in REQUEST_PAGES:
        for name in names:
            yield Page(f"{name}, {state}", reverse(name, args=[_number(state)]), player)
    for section in FORMS:
        path = reverse("form_section", args=[_number(State.DRAFT), section])
        yield Page(f"form section, {section}", path, "coordinator")
    asked = Question.objects.filter(request__agency__postal="RI", settled_at=None).order_by("pk")
    path = reverse("question", args=asked.values_list("request__number", "pk")[0])
    yield Page("a question", path, "program_analyst")


def _number(state: State) -> str:
    """A request of Rhode Island in the state."""
    found = DataRequest.objects.filter(agency__postal="RI", state=state).order_by("pk")
    return str(found.values_list("number", flat=True)[0])
