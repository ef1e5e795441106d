"""The amendments of a request that somebody may read, in words, and what the person may do with one."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from requests_app import amendment_problems, policies, standing
from requests_app.amendment_states import AmendmentState, Move, moves_from
from requests_app.fips import STATE_NAMES
from requests_app.models import Amendment, DataRequest, Person
from requests_app.request_rows import there_is
from requests_app.selectors.life.answers import Answer
from requests_app.states import Role
from requests_app.templatetags import formats


@dataclass(frozen=True)
class OfferedMove:
    """A move as a button: possible where `reasons` is empty."""

    move: Move
    reasons: list[str]

    @property
    def enabled(self) -> bool:
        """True where the person may take it now."""
        return not self.reasons


def amendments_read_by(reader: Person, request: DataRequest) -> QuerySet[Amendment]:
    """BLS and the requesting agency read them; one that is being written is its agency's alone."""
    found = request.amendments.select_related("request__agency", "drafted_by", "submitted_by", "decided_by", "child")
    if not there_is(request).amendments or not policies.is_party(reader, request):
        return found.none()
    return found.exclude(submitted_at=None) if reader.agency.is_bls else found


def amendments_of_day(reader: Person, request: DataRequest) -> list[Amendment]:
    """The amendments that ask for another day of destruction."""
    return [amendment for amendment in amendments_read_by(reader, request) if amendment.new_day]


def amendment_that_brought(request: DataRequest) -> Amendment | None:
    """The amendment whose approval made this request; None for one that was drafted."""
    if not there_is(request).brought_by:
        return None
    return Amendment.objects.filter(child=request).select_related("request").first()


def facts_of(amendment: Amendment) -> list[Answer]:
    """What it changes, why, and who signed and decided it when."""
    changes = amendment.changes
    rows = [
        Answer("Agents", lines=[_agent(row) for row in changes.get("agents", [])]),
        Answer("Quarters", formats.quarters(changes.get("quarters", []))),
        Answer("States", lines=_states(changes.get("states", []))),
        Answer("Destruction date", _day(changes.get("destruction_on", ""))),
    ]
    rows = [row for row in rows if row.value or row.lines]
    rows.append(Answer("Reason", amendment.reason))
    if amendment.submitted_by:
        rows.append(Answer("Signed", f"{formats.moment(amendment.submitted_at)}, {amendment.submitted_by.name}"))
    if amendment.decided_by:
        words = f"{amendment.status.label}, {formats.moment(amendment.decided_at)}, {amendment.decided_by.name}"
        rows.append(Answer("Decision", lines=list(filter(None, [words, amendment.decision_reason]))))
    return rows


def _agent(row: dict[str, Any]) -> str:
    return f"{row['name']}{', may upload cohort files' if row['may_upload'] else ''}"


def _states(fips: list[str]) -> list[str]:
    return sorted(STATE_NAMES.get(code, f"State {code}") for code in fips)


def _day(value: str) -> str:
    return formats.day(date.fromisoformat(value)) if value else ""


def moves_for(person: Person, amendment: Amendment) -> list[OfferedMove]:
    """The moves of the person's roles from here, each with everything that stands in its way."""
    held = standing.roles_on(person, amendment.request)
    offered = [move for move in moves_from(amendment.status) if move.role in held]
    return [OfferedMove(move, _reasons(person, amendment, move)) for move in offered]


def _reasons(person: Person, amendment: Amendment, move: Move) -> list[str]:
    found = standing.acting_problems(person)
    if move.checked:
        signer = person if move.role is Role.COORDINATOR else amendment.submitted_by
        found += amendment_problems.problems(amendment, signer)
    return list(dict.fromkeys(found))


def waiting_for_decision() -> QuerySet[Amendment]:
    """Signed and not decided, the oldest first."""
    waiting = Amendment.objects.filter(state=AmendmentState.SUBMITTED)
    return waiting.select_related("request__agency").order_by("submitted_at")
