"""The queue of reviews and decisions: what waits for a reviewer's roles, who has it, since when, until when."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone

from requests_app.bls_review_policies import PART_OF
from requests_app.models import Absence, Claim, DataRequest, Person, Question
from requests_app.models.questions import Side
from requests_app.selectors.life.requests import visible_to
from requests_app.standing import in_force, roles_of
from requests_app.states import State
from requests_app.targets import due_on, late_if_before


class Which(StrEnum):
    """The parts of the queue a reviewer asks for."""

    ALL = ""
    MINE = "mine"
    UNCLAIMED = "unclaimed"
    LATE = "late"
    AWAY = "away"


@dataclass(frozen=True)
class QueueLine:
    """One request in the queue."""

    request: DataRequest
    holder: Person | None
    since: datetime
    due: date | None
    late: bool
    questions: int
    away: Absence | None = None


def states_for(person: Person) -> list[State]:
    """The states in which one of the person's roles has a part."""
    roles = roles_of(person)
    return [state for state, role in PART_OF.items() if role in roles]


def open_claims() -> QuerySet[Claim]:
    """The claims that stand, of the request in the outer query."""
    return Claim.objects.filter(request=OuterRef("pk"), ended_at__isnull=True)


def absences_now() -> QuerySet[Absence]:
    """Who is away today, each with their stand-in; what was taken back does not count."""
    today = in_force(timezone.localdate(), "starts_on", "ends_on")
    return Absence.objects.filter(today, taken_back_at__isnull=True).select_related("stand_in").order_by("-ends_on")


def absence_of(person: Person) -> Absence | None:
    """The absence that keeps the person away today, the longest."""
    return absences_now().filter(person=person).first()


def late_requests(states: list[State], today: date) -> Q:
    """What stands in one of the states past its target on `today`; equal to `due_on` (a test compares them)."""
    bounds = [(state, late_if_before(state, today)) for state in states]
    late = [Q(state=state, state_since__lt=bound) for state, bound in bounds if bound]
    return reduce(or_, late, Q(pk__in=[]))


def queue(person: Person, which: Which = Which.ALL) -> QuerySet[DataRequest]:
    """The requests of the queue that are asked for, the longest waiting first."""
    states = states_for(person)
    found = visible_to(person).filter(state__in=states)
    if which is Which.MINE:
        found = found.filter(pk__in=Claim.objects.filter(person=person, ended_at__isnull=True).values("request"))
    if which is Which.UNCLAIMED:
        found = found.filter(_unclaimed(states))
    if which is Which.LATE:
        found = found.filter(late_requests(states, timezone.localdate()))
    if which is Which.AWAY:
        held_by_absent = Claim.objects.filter(ended_at__isnull=True, person__in=absences_now().values("person"))
        found = found.filter(pk__in=held_by_absent.values("request"))
    away = Prefetch("person__absences", absences_now(), to_attr="away_now")
    claims = Claim.objects.filter(ended_at__isnull=True).select_related("person").prefetch_related(away)
    held = Prefetch("claims", claims, to_attr="open_claims")
    waits = Question.objects.filter(settled_at__isnull=True, waits_for=Side.BLS)
    asked = Prefetch("questions", waits, to_attr="questions_to_bls")
    return found.prefetch_related(held, asked).order_by("state_since")


def _parts(states: list[State]) -> list[tuple[State, str]]:
    return [(state, PART_OF[state].value) for state in states]


def _unclaimed(states: list[State]) -> Q:
    parts = (Q(state=state) & ~Exists(open_claims().filter(role=role)) for state, role in _parts(states))
    return reduce(or_, parts, Q(pk__in=[]))


def line_of(request: DataRequest) -> QueueLine:
    """A request of `queue` as a line."""
    role = PART_OF[request.status]
    held = next((claim.person for claim in getattr(request, "open_claims", []) if claim.role == role), None)
    due = due_on(request.status, request.state_since)
    late = due is not None and due < timezone.localdate()
    away = next(iter(getattr(held, "away_now", [])), None)
    asked = len(getattr(request, "questions_to_bls", []))
    return QueueLine(request, held, request.state_since, due, late, asked, away)
