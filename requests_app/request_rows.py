"""The rows of a request that many parts of a page ask for: each looked up once while one page is read.

`there_is` tells in one query which further kinds of rows the request has at all, so that a page does not ask for each
of them in turn only to find nothing, as with most requests.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q

from requests_app.models import (
    Amendment,
    ConflictStatement,
    DataRequest,
    Decision,
    DestructionStatement,
    Finding,
    FormSection,
    Output,
    Package,
    Question,
    RequestAgent,
    SignedForm,
    StaffNote,
    Suspension,
)
from requests_app.reading import is_reading, once_a_reading
from requests_app.states import State

BEFORE_RESULTS = frozenset(
    {State.DRAFT, State.SUBMITTED, State.IN_REVIEW, State.RETURNED, State.RECOMMENDED, State.APPROVED,
     State.AWAITING_COHORT}
)  # fmt: skip


@once_a_reading
def decisions(request: DataRequest) -> tuple[Decision, ...]:
    """Every decision, the oldest first, each with who made it."""
    return tuple(request.decisions.select_related("decided_by").order_by("decided_at", "id"))


def last_decision(request: DataRequest, *transitions: str) -> Decision | None:
    """The newest of these transitions."""
    return next((one for one in reversed(decisions(request)) if one.transition in transitions), None)


@once_a_reading
def sections(request: DataRequest) -> tuple[FormSection, ...]:
    """The sections of the form as they are saved now."""
    return tuple(sorted(request.sections.all(), key=lambda section: section.name))


@once_a_reading
def agents(request: DataRequest) -> tuple[RequestAgent, ...]:
    """The agents named today, by name."""
    named = request.agents.filter(removed_at__isnull=True)
    return tuple(named.select_related("person__agency", "request").order_by("person__name"))


@dataclass(frozen=True)
class ThereIs:
    """Which kinds of rows a request has."""

    amendments: bool
    brought_by: bool
    conflicts: bool
    findings: bool
    notes: bool
    outputs: bool
    packages: bool
    questions: bool
    signed_twice: bool
    statements: bool
    suspensions: bool


def there_is(request: DataRequest) -> ThereIs:
    """One query while a page is read; when something is being changed everything counts as there, and is looked up."""
    if not is_reading():
        return ThereIs(*[True] * len(KINDS))
    return _there_is(request)


KINDS: dict[str, Callable[[], Exists]] = {
    "amendments": lambda: Exists(Amendment.objects.filter(request=OuterRef("pk"))),
    "brought_by": lambda: Exists(Amendment.objects.filter(child=OuterRef("pk"))),
    "conflicts": lambda: Exists(ConflictStatement.objects.filter(request=OuterRef("pk"))),
    "findings": lambda: Exists(Finding.objects.filter(request=OuterRef("pk"))),
    "notes": lambda: Exists(StaffNote.objects.filter(request=OuterRef("pk"))),
    "outputs": lambda: Exists(Output.objects.filter(request=OuterRef("pk"))),
    "packages": lambda: Exists(Package.objects.filter(request=OuterRef("pk"))),
    "questions": lambda: Exists(Question.objects.filter(Q(settled_at=None), request=OuterRef("pk"))),
    "signed_twice": lambda: Exists(SignedForm.objects.filter(request=OuterRef("pk"), number__gt=1)),
    "statements": lambda: Exists(DestructionStatement.objects.filter(destruction__request=OuterRef("pk"))),
    "suspensions": lambda: Exists(Suspension.objects.filter(request=OuterRef("pk"))),
}


@once_a_reading
def _there_is(request: DataRequest) -> ThereIs:
    asked: Any = DataRequest.objects.values(**{f"has_{name}": kind() for name, kind in KINDS.items()})
    return ThereIs(**{name.removeprefix("has_"): found for name, found in asked.get(pk=request.pk).items()})


def may_have_results(request: DataRequest) -> bool:
    """False before any match or table; an appeal against a late denial is reviewed with results at hand."""
    return request.status not in BEFORE_RESULTS or there_is(request).packages
