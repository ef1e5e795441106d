"""The record of one request: everything about it on one page, for an inspector, within what the reader may see.

BLS and the Auditor read all of it. The requesting agency reads its own side: no reasons given inside BLS, no other
state's answer, no file of BLS's making, its own people's openings. A state asked to review reads the steps and its own
answers. The rules are those of the request's history, package and form pages; nothing here is said that they hold back.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from requests_app import policies
from requests_app.form import SECTIONS
from requests_app.models import (
    Amendment,
    DataRequest,
    Decision,
    Delivery,
    Destruction,
    Event,
    Incident,
    PartnerReview,
    Person,
    SealedFile,
    Suspension,
)
from requests_app.models.files import FileKind
from requests_app.request_rows import decisions, deliveries_of, packages, there_is
from requests_app.selectors.audit import accounting
from requests_app.selectors.audit.accounting import Disclosure
from requests_app.selectors.audit.event_words import words_of_value
from requests_app.selectors.audit.history import INSIDE_BLS, REASON_FOR_STATES, HistoryLine, history, words_of
from requests_app.selectors.audit.record_outputs import OutputRecord, outputs_of
from requests_app.selectors.form.amendments import amendments_read_by, facts_of
from requests_app.selectors.holdings.incidents import incidents_of
from requests_app.selectors.holdings.packages import PackageLine, packages_of
from requests_app.selectors.life.answers import Answer, answers_by_section
from requests_app.selectors.life.search import search
from requests_app.selectors.reviews.waiting import with_void
from requests_app.standing import roles_of
from requests_app.states import Role, State
from requests_app.templatetags.formats import moment

EVENTS_AT_MOST = 1000
EVERY = 1_000_000
UNSIGNED = frozenset({State.DRAFT, State.RETURNED})
FACTS_FOR_STATES = frozenset({"conditions", "signed_name", "form_sha256"})
OF_STATES = frozenset({FileKind.COHORT})


@dataclass(frozen=True)
class DecisionLine:
    """A decision: what, who, when, why, and the facts it was taken on."""

    at: datetime
    who: str
    words: str
    reason: str
    facts: list[Answer]


@dataclass(frozen=True)
class Record:
    """All parts of the record; an empty part is said to be empty, one the reader may not see is left out (None)."""

    is_party: bool
    form: list[tuple[str, list[Answer]]]
    people: list[Answer] | None
    amendments: list[tuple[Amendment, list[Answer]]] | None
    decisions: list[DecisionLine]
    files: list[SealedFile] | None
    packages: list[PackageLine] | None
    openings: list[Disclosure]
    reviews: list[PartnerReview] | None
    deliveries: list[tuple[Delivery, str]] | None
    outputs: list[OutputRecord] | None
    destructions: list[Destruction] | None
    suspensions: list[Suspension] | None
    incidents: list[Incident] | None
    history: list[HistoryLine]
    events: list[Event] = field(default_factory=list)


def record_of(request: DataRequest, reader: Person, at_most: int = EVENTS_AT_MOST) -> Record:
    """The record as `reader` may read it; they were found to see the request, or to be an Auditor.

    `at_most` events and openings: a page stays readable, the PDF holds every one.
    """
    inside, party, known = reader.agency.is_bls, policies.is_party(reader, request), there_is(request)
    return Record(
        is_party=party,
        form=_signed_form(request) if party else [],
        people=_people(request) if party else None,
        amendments=_amendments(request, reader) if party else None,
        decisions=_decisions(request, inside=inside, party=party),
        files=list(_files(request, inside=inside)) if party else None,
        packages=packages_of(request, reader) if party else None,
        openings=_openings(request, reader, at_most),
        reviews=(list(_reviews(request, reader)) if known.reviews else []) if inside or not party else None,
        deliveries=_deliveries(request) if party else None,
        outputs=outputs_of(request, inside=inside) if party else None,
        destructions=_destructions(request) if party else None,
        suspensions=(_suspensions(request) if known.suspensions else []) if party else None,
        incidents=list(_incidents(request, reader)) if party else None,
        history=[] if inside else history(request, reader),
        events=list(_events(request)[:at_most]) if inside else [],
    )


def _signed_form(request: DataRequest) -> list[tuple[str, list[Answer]]]:
    """The answers under the last signature; while the form is the state's to change, none."""
    if request.status in UNSIGNED:
        return []
    return [(SECTIONS[name][0], rows) for name, rows in answers_by_section(request).items() if name != "people"]


def _people(request: DataRequest) -> list[Answer]:
    """The coordinator, and every agent ever named, with who named them, until when, and what they might do."""
    rows = request.agents.select_related("person", "named_by").order_by("named_at")
    lines = [
        f"{row.person.name}, named {moment(row.named_at)} by {row.named_by.name}"
        + (", may upload cohort files" if row.may_upload else "")
        + (f", removed {moment(row.removed_at)}" if row.removed_at else "")
        for row in rows
    ]
    return [
        Answer("Agency", request.agency.name),
        Answer("Coordinator", request.coordinator.name),
        Answer("Agents", "" if lines else "None", lines),
    ]


def _amendments(request: DataRequest, reader: Person) -> list[tuple[Amendment, list[Answer]]]:
    """What the approved form was asked to become, in words, and what was decided."""
    return [(row, facts_of(row)) for row in amendments_read_by(reader, request).order_by("number")]


def _decisions(request: DataRequest, *, inside: bool, party: bool) -> list[DecisionLine]:
    found = decisions(request)
    return [_decision(row, inside=inside, party=party) for row in found if inside or _kind(row) not in INSIDE_BLS]


def _kind(row: Decision) -> str:
    return f"request.{row.transition}"


def _decision(row: Decision, *, inside: bool, party: bool) -> DecisionLine:
    reads_reason = inside or (party and _kind(row) in REASON_FOR_STATES)
    facts = row.facts if inside else {key: row.facts[key] for key in FACTS_FOR_STATES & set(row.facts) if party}
    return DecisionLine(
        at=row.decided_at,
        who=f"{row.decided_by.name}, {row.decided_by.agency.name}" if row.decided_by else "The system",
        words=words_of(_kind(row)),
        reason=row.reason if reads_reason else "",
        facts=[Answer(_title(key), words_of_value(key, value)) for key, value in sorted(facts.items())],
    )


def _title(key: str) -> str:
    return {"form_sha256": "SHA-256 of the form", "package_sha256": "SHA-256 of the package"}.get(
        key, key.replace("_", " ").capitalize()
    )


def _files(request: DataRequest, *, inside: bool) -> QuerySet[SealedFile]:
    """Every encrypted file, made, received or destroyed; a state's own are what it sent."""
    found = request.files.order_by("created_at", "pk")
    return found if inside else found.filter(kind__in=OF_STATES)


def _openings(request: DataRequest, reader: Person, at_most: int) -> list[Disclosure]:
    """Who opened what when, the first one first; a state reads its own people's."""
    found = accounting.disclosures({"request": request.number})
    if not reader.agency.is_bls:
        found = found.filter(actor_id__in=reader.agency.people.values("pk"))
    return accounting.lines(found.order_by("occurred_at", "seq")[:at_most])


def _reviews(request: DataRequest, reader: Person) -> QuerySet[PartnerReview]:
    """The partner states' answers, for BLS; a state asked reads its own. Void ones stay, marked."""
    found = with_void(PartnerReview.objects.filter(request=request))
    found = found.select_related("agency", "answered_by", "package").prefetch_related("extensions")
    found = found.order_by("package__version", "agency__state_name")
    return found if reader.agency.is_bls else found.filter(agency=reader.agency)


def _deliveries(request: DataRequest) -> list[tuple[Delivery, str]]:
    """Each with its channel in words."""
    found = [delivery for package in reversed(packages(request)) for delivery in deliveries_of(package)]
    return [(delivery, delivery.channel.replace("_", " ")) for delivery in found]


def _suspensions(request: DataRequest) -> list[Suspension]:
    return list(request.suspensions.select_related("suspended_by", "lifted_by"))


def _incidents(request: DataRequest, reader: Person) -> QuerySet[Incident]:
    """All for the Auditor; for others those they see on the page of incidents."""
    if Role.AUDITOR in roles_of(reader):
        return request.incidents.select_related("reported_by")
    return incidents_of(reader).filter(request=request)


def _destructions(request: DataRequest) -> list[Destruction]:
    """The duty to destroy each package, with the statement where one was made."""
    found = request.destructions.select_related("package", "held").prefetch_related(
        "statements__confirmed_by", "statements__certificate"
    )
    return list(found.order_by("due_on", "pk"))


def _events(request: DataRequest) -> QuerySet[Event]:
    return Event.objects.filter(request_number=request.number).order_by("seq")


def recorded(wanted: dict[str, Any]) -> QuerySet[DataRequest]:
    """The requests that have a record, narrowed by words and state, newest first: the Auditor's list."""
    found = DataRequest.objects.exclude(state=State.DRAFT).select_related("agency").order_by("-number")
    if words := str(wanted.get("q", "")).strip():
        found = search(found, words)
    return found.filter(state=wanted["state"]) if wanted.get("state") else found
