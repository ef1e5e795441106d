"""The rows of a request that many parts of a page ask for: each looked up once while one page is read.

`there_is` tells in one query which further kinds of rows the request has at all, so that a page does not ask for each
of them in turn only to find nothing, as with most requests.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import BooleanField, Exists, Func, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL

from requests_app.models import (
    Amendment,
    ConflictStatement,
    DataRequest,
    Decision,
    Delivery,
    DestructionStatement,
    Finding,
    FormSection,
    Output,
    Package,
    PartnerReview,
    Question,
    RequestAgent,
    SignedForm,
    SignOff,
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
    return tuple(request.decisions.select_related("decided_by__agency").order_by("decided_at", "id"))


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
    deliveries: bool
    findings: bool
    notes: bool
    outputs: bool
    packages: bool
    questions: bool
    reviews: bool
    sign_offs: bool
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
    "deliveries": lambda: Exists(Delivery.objects.filter(package__request=OuterRef("pk"))),
    "findings": lambda: Exists(Finding.objects.filter(request=OuterRef("pk"))),
    "notes": lambda: Exists(StaffNote.objects.filter(request=OuterRef("pk"))),
    "outputs": lambda: Exists(Output.objects.filter(request=OuterRef("pk"))),
    "packages": lambda: Exists(Package.objects.filter(request=OuterRef("pk"))),
    "questions": lambda: Exists(Question.objects.filter(Q(settled_at=None), request=OuterRef("pk"))),
    "reviews": lambda: Exists(PartnerReview.objects.filter(request=OuterRef("pk"))),
    "sign_offs": lambda: Exists(SignOff.objects.filter(package__request=OuterRef("pk"))),
    "signed_twice": lambda: Exists(SignedForm.objects.filter(request=OuterRef("pk"), number__gt=1)),
    "statements": lambda: Exists(DestructionStatement.objects.filter(destruction__request=OuterRef("pk"))),
    "suspensions": lambda: Exists(Suspension.objects.filter(request=OuterRef("pk"))),
}


def with_kinds(requests: QuerySet[DataRequest]) -> QuerySet[DataRequest]:
    """Each request with what `there_is` tells of it: nothing more to ask when its page goes on."""
    text, parameters = _kinds_text()  # written by Django from KINDS
    return requests.annotate(kinds=RawSQL(text, parameters, ArrayField(BooleanField())))  # noqa: S611


@cache
def _kinds_text() -> tuple[str, tuple[Any, ...]]:
    """One array of answers, in the order of KINDS, about the request of the query around it; written once."""
    array = Func(*[kind() for kind in KINDS.values()], function="ARRAY", template="%(function)s[%(expressions)s]")
    query = DataRequest.objects.annotate(kinds=array).query
    text, parameters = query.get_compiler("default").compile(query.annotations["kinds"])
    return text, tuple(parameters)


@once_a_reading
def _there_is(request: DataRequest) -> ThereIs:
    known: Any = getattr(request, "kinds", None)
    if known is None:
        known = with_kinds(DataRequest.objects.filter(pk=request.pk)).values_list("kinds", flat=True).get()
    return ThereIs(**dict(zip(KINDS, known, strict=True)))


@once_a_reading
def packages(request: DataRequest) -> tuple[Package, ...]:
    """Every package, the newest first, each with its files and its destruction."""
    if not there_is(request).packages:
        return ()
    files = ("file", "tables", "workbench", "destruction")
    return tuple(request.packages.select_related(*files).order_by("-version"))


def sign_offs_of(package: Package) -> list[SignOff]:
    """Every signature under a package, also under bytes it had before, in the order they were given."""
    return [one for one in _sign_offs(package.request) if one.package_id == package.pk]


def deliveries_of(package: Package) -> list[Delivery]:
    """Every delivery of a package, the first first."""
    return [one for one in _deliveries(package.request) if one.package_id == package.pk]


@once_a_reading
def _sign_offs(request: DataRequest) -> tuple[SignOff, ...]:
    if not there_is(request).sign_offs:
        return ()
    return tuple(SignOff.objects.filter(package__request=request).select_related("person").order_by("pk"))


@once_a_reading
def _deliveries(request: DataRequest) -> tuple[Delivery, ...]:
    if not there_is(request).deliveries:
        return ()
    return tuple(
        Delivery.objects.filter(package__request=request).select_related("package").order_by("created_at", "pk")
    )


def may_have_results(request: DataRequest) -> bool:
    """False before any match or table; an appeal against a late denial is reviewed with results at hand."""
    return request.status not in BEFORE_RESULTS or there_is(request).packages
