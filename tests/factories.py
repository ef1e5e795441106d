"""People and requests for tests, made by driving the real services: `request_at(State.APPROVED, people)`."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from requests_app import form
from requests_app.demo.reviewers import look_through
from requests_app.models import DataRequest, Delivery, Destruction, Package, Person
from requests_app.models.files import FileKind
from requests_app.services.life import requests, workflow
from requests_app.services.packages import files, packages
from requests_app.states import Kind, State

DESIGN = {
    "source": "wage_records",
    "dimensions": ["area", "industry"],
    "area_level": "county",
    "industry_level": 3,
    "industries": ["44", "45"],
    "ownerships": [],
    "followed_from": 0,
    "time": "quarter",
    "after": [],
    "measures": ["jobs", "wages", "mean_wages"],
}
COHORT_DESIGN = {
    "source": "wage_records",
    "dimensions": ["cohort", "state", "industry"],
    "area_level": "state",
    "industry_level": 2,
    "industries": [],
    "ownerships": [],
    "time": "quarter",
    "after": [],
    "measures": ["persons", "wages"],
}


def answers(kind: Kind, *, states: list[str], quarters: list[int]) -> dict[str, dict[str, Any]]:
    """A complete form for `kind`, by section."""
    sections: dict[str, dict[str, Any]] = {
        "project": {
            "title": f"{kind.label} request",
        },
        "purpose": {
            "activity": "regional_mobility",
            "questions": "How many find work in the neighbouring state?",
            "need": "No other source follows people across state borders.",
            "results_use": "A report for the legislature.",
        },
        "package": {"kind": kind.value},
        "scope": {"states": states, "quarters": quarters},
        "security": {
            "kept_where": "An encrypted server inside the agency.",
        },
        "disposition": {
            "destruction_on": (timezone.localdate() + timedelta(days=365)).isoformat(),
            "destruction_method": "purge",
        },
        "outputs": {"outputs_planned": "A report with tables and charts."},
        "linkage": {"links": "no", "linked_data": ""},
        "certify": {"certifications": list(form.CERTIFICATIONS)},
    }
    if kind is not Kind.MACRO:
        sections["cohorts"] = {
            "cohorts": [{"name": "Trainees", "reference_quarter": quarters[0]}],
            "cohort_source": "The training provider's roster.",
            "authority": "State workforce act, section 12.",
            "expected_size": 500,
        }
    if kind is not Kind.MICRO:
        sections["tables"] = {"design": DESIGN if kind is Kind.MACRO else COHORT_DESIGN}
    return {name: data for name, data in sections.items() if name in form.sections_of(kind)}


def draft(
    people: dict[str, Person],
    kind: Kind = Kind.MICRO,
    *,
    states: list[str] | None = None,
    quarters: list[int] | None = None,
) -> DataRequest:
    """A complete draft of the RI coordinator."""
    coordinator = people["coordinator"]
    request = requests.start_draft(actor=coordinator)
    filled = answers(kind, states=states or ["10", "44"], quarters=quarters or [20161, 20162])
    for name, data in filled.items():
        requests.save_section(request, name, data, actor=coordinator, seen_version=0)
    request.refresh_from_db()
    return request


def submitted(people: dict[str, Person], kind: Kind = Kind.MICRO, **scope: Any) -> DataRequest:
    """A request BLS has not looked at yet."""
    return workflow.transition(draft(people, kind, **scope), "submit", actor=people["coordinator"])


def approved(people: dict[str, Person], kind: Kind = Kind.MICRO, **scope: Any) -> DataRequest:
    """A request that was reviewed, recommended and approved by the right people."""
    return decided(draft(people, kind, **scope), people)


def decided(request: DataRequest, people: dict[str, Person]) -> DataRequest:
    """A draft, signed, reviewed, recommended and approved."""
    request = workflow.transition(request, "submit", actor=people["coordinator"])
    analyst = people["program_analyst"]
    request = workflow.transition(request, "start_review", actor=analyst)
    look_through(request, analyst)
    requests.answer_viability(request, actor=analyst, enough_data=True, reason="Thousands of jobs in every cell.")
    request = workflow.transition(request, "recommend", actor=analyst, reason="Sound and within the MOU.")
    look_through(request, people["approving_official"])
    return workflow.transition(request, "approve", actor=people["approving_official"])


STEPS_TO = {
    State.DRAFT: draft,
    State.SUBMITTED: submitted,
    State.APPROVED: approved,
}


def request_at(state: State, people: dict[str, Person], kind: Kind = Kind.MICRO, **scope: Any) -> DataRequest:
    """A request in `state`, driven there by the services as far as no worker is needed."""
    return STEPS_TO[state](people, kind, **scope)


@contextmanager
def behind_the_triggers() -> Iterator[None]:
    """Within it the database keeps nothing as it was: for tests of what follows from a record that says otherwise."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = origin")


def place(request: DataRequest, state: State) -> None:
    """Puts a request into any state, for tests of what may happen from there."""
    with behind_the_triggers():
        DataRequest.objects.filter(pk=request.pk).update(state=state)
    request.refresh_from_db()


def lapse(records: QuerySet[Any], **said: Any) -> None:
    """Makes dated records say what they would say after a time, e.g. `completed_on` of a training long ago."""
    with behind_the_triggers():
        records.update(**said)


PACKAGE_BYTES = b"PK made-up package"


def with_package(people: dict[str, Person], state: State, *, delivered: bool = True) -> tuple[DataRequest, Package]:
    """A micro request with one package, put into `state`; delivered, it comes with the duty to destroy it."""
    request = draft(people, Kind.MICRO)
    sealed = files.seal_bytes(PACKAGE_BYTES, request, FileKind.PACKAGE)
    digest = hashlib.sha256(PACKAGE_BYTES).hexdigest()
    package = packages.keep_package(request, packages.Built(digest, sealed, ["10", "44"], ["10"]))
    place(request, state)
    now = timezone.now()
    if delivered:
        Delivery.objects.create(package=package, status="delivered", created_at=now, delivered_at=now)
        Destruction.objects.create(package=package, due_on=timezone.localdate() + timedelta(days=30))
    return request, package
