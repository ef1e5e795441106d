"""What the addresses of the matrix name: one request with everything a page can show, and whatever else pages need.

A new page whose address has a new parameter needs one line in `places`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from matching.models.cohorts import CohortFile, CohortKey, CohortUpload
from requests_app import keys
from requests_app.models import (
    AgencyContact,
    Amendment,
    DataRequest,
    Delivery,
    Document,
    Output,
    OutputFile,
    OutputReview,
    PartnerReview,
    Person,
    Question,
    SavedView,
    StandingConsent,
    Suspension,
)
from requests_app.models.files import FileKind
from requests_app.services.bls_review import desk
from requests_app.services.form import signed
from requests_app.services.life import requests as service
from requests_app.services.packages import files, incidents, packages
from requests_app.services.people import absences
from requests_app.services.sign_in.tokens import create_token
from requests_app.states import Kind, Role, State
from tests import factories
from tests.pages import hold_quarters
from tests.security.personas import Persona

# Who works on people's records and handles incidents at BLS.
AT_BLS = frozenset({Role.PROGRAM_ANALYST, Role.APPROVING_OFFICIAL, Role.ADMINISTRATOR})


@dataclass(frozen=True)
class Place:
    """The value of an address's parameter, and who of those who may come sees what it names."""

    value: Any
    seen_by: Callable[[Persona], bool] = lambda _persona: True


def request_with_everything(people: dict[str, Person]) -> DataRequest:
    """A released request of Rhode Island: cohort key, agent, delivered package, and Delaware asked to review it."""
    hold_quarters()
    request = factories.draft(people, Kind.MICRO_TO_MACRO)
    service.name_agent(request, people["agent"], actor=people["coordinator"], may_upload=True)
    CohortKey.objects.create(request=request, public_pem=keys.new_pair(2048)[0], made_at=timezone.now())
    package, tables = (files.seal_bytes(b"[]", request, kind) for kind in (FileKind.PACKAGE, FileKind.TABLES))
    kept = packages.keep_package(request, packages.Built("0" * 64, package, ["10", "44"], ["10"], tables=tables))
    Delivery.objects.create(package=kept, status="delivered", created_at=timezone.now(), delivered_at=timezone.now())
    reviewing, now = people["output_reviewer"].agency, timezone.now()
    PartnerReview.objects.create(
        package=kept, package_sha256="0" * 64, agency=reviewing, due_on=timezone.localdate(), asked_at=now
    )
    signed.keep_form(request, people["coordinator"], now)
    factories.place(request, State.RELEASED)
    return request


def places(request: DataRequest, people: dict[str, Person]) -> dict[str, Place]:
    """A value for every parameter of every address; `address.parameter` where one address needs another."""
    coordinator, now = people["coordinator"], timezone.now()
    incident = incidents.report(actor=coordinator, what_is_known="Nothing yet.", request=request)
    token, _ = create_token(actor=people["data_steward"], name="matrix", scopes=[])
    mou, line = coordinator.agency.mous.get(), coordinator.section_ii_g_lines.get()
    contact = AgencyContact.objects.create(agency=coordinator.agency, purpose="incident", name="A", added_at=now)

    output = _output(request, people)

    def works_on_people(one: Persona) -> bool:
        return bool(one.roles & AT_BLS) or is_coordinator(one)

    def is_coordinator(one: Persona) -> bool:
        return one.person == coordinator

    return {
        "number": Place(request.number),
        "section": Place("project"),
        "amendment_number": Place(_amendment(request, coordinator)),
        "transition": Place("withdraw"),
        "cohort_number": Place(1),
        "quarter": Place(20161),
        "package_id": Place(request.packages.get().pk),
        "file_id": Place(_refused_file(request, coordinator)),
        "upload_id": Place(_upload(request, coordinator), is_coordinator),
        "review_id": Place(PartnerReview.objects.get().pk, lambda one: one.place == "reviewing"),
        "review_care.review_id": Place(PartnerReview.objects.get().pk),
        "output_id": Place(output.pk),
        "output_file.file_id": Place(output.files.get().pk, lambda one: one.sees_request),
        "output_picture.file_id": Place(output.files.get().pk, lambda one: one.sees_request),
        "page": Place(1),
        "output_review.review_id": Place(output.reviews.get().pk, lambda one: one.place == "reviewing"),
        "incident_id": Place(incident.pk, works_on_people),
        "consent_id": Place(_consent(people["output_reviewer"]), lambda one: one.place == "reviewing"),
        "suspension_id": Place(Suspension.objects.get(incident=incident).pk),
        "document_id": Place(_document(people["auditor"]), lambda one: bool(one.roles & {*AT_BLS, Role.AUDITOR})),
        "token_id": Place(token.pk, lambda one: bool({Role.ADMINISTRATOR, Role.DATA_STEWARD} & one.roles)),
        "role": Place("coordinator"),
        "public_id": Place(coordinator.public_id, works_on_people),
        "coordinator_id": Place(coordinator.public_id),
        "act": Place("give-role"),
        "review_act.act": Place("note"),
        "finding_id": Place(_finding(request, people)),
        "notice_id": Place(_notice(coordinator), is_coordinator),
        "question_id": Place(_question(request, coordinator)),
        "absence_id": Place(_absence(coordinator), is_coordinator),
        "view_id": Place(_saved_view(coordinator), is_coordinator),
        "template_id": Place(desk.keep_template(actor=people["program_analyst"], title="Scope", text="Which?").pk),
        "person_record_act.act": Place("end-role"),
        "record_id": Place(coordinator.memberships.get().pk),
        "agreement_id": Place(coordinator.agreements.get().pk, is_coordinator),
        "invitation.public_id": Place(coordinator.public_id),
        "token": Place("no-such-link"),
        "passkey": Place("no-such-passkey"),  # a real one needs a browser; the second factor is asked for first
        "provider_id": Place("no-such-provider", lambda _one: False),
        "postal": Place(coordinator.agency.postal),
        "mou_id": Place(mou.pk),
        "line_id": Place(line.pk),
        "contact_id": Place(contact.pk),
        "chart": Place("line"),
        "fips": Place("44"),
        "kind": Place("wage_records"),
        "version": Place(1),
        "load_rejects.version": Place(1, lambda _one: False),  # no quality was computed of a load made by hand
    }


def _amendment(request: DataRequest, coordinator: Person) -> int:
    """An amendment that waits for BLS's decision."""
    asked = {"drafted_at": timezone.now(), "drafted_by": coordinator, "submitted_at": timezone.now()}
    made = Amendment.objects.create(
        request=request, number=1, state="submitted", reason="More time.", submitted_by=coordinator, **asked
    )
    return made.number


def _saved_view(person: Person) -> str:
    found = SavedView.objects.create(
        person=person, page="requests", name="Mine", query="state=draft", saved_at=timezone.now()
    )
    return found.pk


def _absence(person: Person) -> str:
    today = timezone.localdate()
    return absences.announce(actor=person, starts_on=today, ends_on=today, stand_in=None).pk


def _question(request: DataRequest, asker: Person) -> str:
    now = timezone.now()
    return Question.objects.create(
        request=request, text="When?", asked_of="bls", waits_for="bls", waits_since=now, due_on=timezone.localdate(),
        asked_at=now, asked_by=asker,
    ).pk  # fmt: skip


def _finding(request: DataRequest, people: dict[str, Person]) -> str:
    raised_at, raised_by = timezone.now(), people["program_analyst"]
    return request.findings.create(section="scope", text="Why?", raised_at=raised_at, raised_by=raised_by).pk


def _notice(person: Person) -> int:
    now = timezone.now()
    return person.notices.create(text="Something happened.", path="/home/", created_at=now, not_before=now).pk


def _refused_file(request: DataRequest, sender: Person) -> str:
    now = timezone.now()
    sealed = files.remember(files.seal_bytes(b"x", request, FileKind.COHORT), request, FileKind.COHORT, "x", now)
    problem = {"kind": "empty", "count": 1, "lines": [], "hint": "Put persons into it."}
    return CohortFile.objects.create(
        request=request, cohort="Trainees", quarter=20161, file=sealed, state="refused", problems=[problem],
        uploaded_at=now, uploaded_by=sender,
    ).pk  # fmt: skip


def _output(request: DataRequest, people: dict[str, Person]) -> Output:
    """An output that was cleared, with one picture and one state that was asked."""
    now, by = timezone.now(), people["coordinator"]
    output = Output.objects.create(
        request=request, title="A map", description="Of jobs.", shared_with="All.", state="cleared",
        state_since=now, files_sha256="0" * 64, started_at=now, started_by=by,
    )  # fmt: skip
    file, view = (
        files.remember(files.seal_bytes(b'{"pages": [""]}', request, kind), request, kind, "map", now)
        for kind in (FileKind.OUTPUT, FileKind.OUTPUT_VIEW)
    )
    OutputFile.objects.create(
        output=output, file=file, view=view, name="map", kind="png", sha256="0" * 64, pages=1, added_at=now, added_by=by
    )
    OutputReview.objects.create(
        output=output, files_sha256="0" * 64, agency=people["output_reviewer"].agency, due_on=timezone.localdate(),
        asked_at=now,
    )  # fmt: skip
    return output


def _consent(reviewer: Person) -> str:
    now, today = timezone.now(), timezone.localdate()
    return StandingConsent.objects.create(
        agency=reviewer.agency, covers="macro", starts_on=today, ends_on=today, given_at=now, given_by=reviewer
    ).pk


def _upload(request: DataRequest, sender: Person) -> str:
    now = timezone.now()
    return CohortUpload.objects.create(
        request=request, cohort="Trainees", quarter=20161, total_bytes=9, started_at=now, started_by=sender,
        last_part_at=now,
    ).pk  # fmt: skip


def _document(uploader: Person) -> str:
    now, content = timezone.now(), b"%PDF-1.7"
    return Document.objects.create(
        name="paper.pdf", content=content, bytes=len(content), sha256="0" * 64, uploaded_at=now, uploaded_by=uploader
    ).pk


def patterns(found: list[Any] | None = None) -> list[URLPattern]:
    """Every address the resolver knows."""
    every: list[URLPattern] = []
    for one in get_resolver().url_patterns if found is None else found:
        every += patterns(one.url_patterns) if isinstance(one, URLResolver) else [one]
    return every


def parameters() -> dict[str, list[str]]:
    """The parameters of each address, by its name."""
    return {str(one.name): list(one.pattern.converters) for one in patterns()}


def named(name: str, needed: list[str], given: dict[str, Place]) -> dict[str, Place]:
    """What each parameter of the address names."""
    found = {parameter: given.get(f"{name}.{parameter}") or given.get(parameter) for parameter in needed}
    for parameter, place in found.items():
        if place is None:
            raise AssertionError(
                f"The address {name} has the parameter {parameter}: give it a value in tests/security/places.py."
            )
    return {parameter: place for parameter, place in found.items() if place}


def address(name: str, needed: list[str], given: dict[str, Place]) -> str:
    """The address in full."""
    return reverse(name, kwargs={parameter: place.value for parameter, place in named(name, needed, given).items()})
