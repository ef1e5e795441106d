"""The record of a request: all of it for BLS and the Auditor, and for states nothing that other pages hold back."""

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from requests_app.models import DataRequest, Delivery, Destruction, PartnerReview, Person, Suspension
from requests_app.models.files import FileKind
from requests_app.selectors.audit.record import Record, record_of
from requests_app.services.event_log import events
from requests_app.services.life import workflow
from requests_app.services.packages import files, incidents, packages
from requests_app.services.partners import suspensions
from requests_app.states import Kind, State
from tests import factories
from tests.pages import signed_in

pytestmark = pytest.mark.django_db
People = dict[str, Person]
INSIDE = "One enterprise dominates Kent County."
OBJECTION = "Cell 7 shows one employer of ours."
CONDITION = "Publish no table before June."
KNOWN = "A laptop was lost."


@pytest.fixture
def request_(people: People, tmp_path: Path, settings: Settings) -> DataRequest:
    """A request with everything that can be on its record."""
    settings.VAULT_ROOT = tmp_path
    request = factories.submitted(people, Kind.MICRO_TO_MACRO)
    analyst = people["program_analyst"]
    workflow.transition(request, "start_review", actor=analyst)
    workflow.decide(request, "answer_viability", actor=analyst, at=timezone.now(), reason=INSIDE)
    workflow.decide(request, "recommend", actor=analyst, at=timezone.now(), reason=INSIDE)
    workflow.decide(
        request, "approve", actor=people["approving_official"], at=timezone.now(), reason="Sound.",
        facts={"conditions": CONDITION, "package_sha256": "f" * 64},
    )  # fmt: skip
    for kind in (FileKind.COHORT, FileKind.MATCH_RESULT):
        files.remember(files.seal_bytes(b"x", request, kind), request, kind, f"{kind}-file", timezone.now())
    sealed = files.seal_bytes(b"package", request, FileKind.PACKAGE)
    tables = files.seal_bytes(b"[]", request, FileKind.TABLES)
    sha256 = hashlib.sha256(b"package").hexdigest()
    built = packages.Built(sha256, sealed, ["10", "44"], ["10"], tables=tables)
    package = packages.keep_package(request, built)
    now = timezone.now()
    PartnerReview.objects.create(
        package=package, package_sha256=sha256, agency=people["output_reviewer"].agency, due_on=timezone.localdate(),
        asked_at=now, verdict="objection", reason=OBJECTION, cells=[["a"]], answered_at=now,
        answered_by=people["output_reviewer"],
    )  # fmt: skip
    Delivery.objects.create(
        package=package, created_at=now, delivered_at=now, status="delivered", receipt={"place": "x"}
    )
    Destruction.objects.create(package=package, due_on=timezone.localdate() + timedelta(days=30))
    for key in ("coordinator", "disclosure_analyst", "output_reviewer"):
        events.record(
            "file.open", actor=people[key], request_number=request.number, subject=package.file_id,
            detail={"kind": "package", "purpose": "download", "states": ["10"]},
        )  # fmt: skip
    events.record("package.sign_off", actor=people["disclosure_analyst"], request_number=request.number)
    suspensions.lift(
        Suspension.objects.create(request=request, cause="agreement_revoked", reason="Revoked.", suspended_at=now),
        actor=people["approving_official"],
        why="A new agreement was signed.",
    )
    incidents.report(actor=people["coordinator"], what_is_known=KNOWN, request=request)
    factories.place(request, State.PARTNER_REVIEW)
    return request


def page(people: People, key: str, request: DataRequest) -> str:
    answer = signed_in(people[key]).get(reverse("record", args=[request.number]))
    assert answer.status_code == 200
    return answer.content.decode()


def openers(record: Record) -> list[str]:
    return [line.event.actor.partition(" (")[0] for line in record.openings]


def test_auditor_reads_all_of_it_from_top_to_bottom(people: People, request_: DataRequest) -> None:
    text = page(people, "auditor", request_)
    wanted = [
        "The form as it was signed", "The training provider", "Decisions", INSIDE, CONDITION, "Files", "Match result",
        request_.packages.get().sha256, "Who opened what", "Elena Petrov", "Partner states", OBJECTION,
        "Deliveries and receipts", "Destruction", "Not confirmed yet", "Suspensions and incidents",
        "A new agreement was signed.", KNOWN, "Events", "All events of this request",
    ]  # fmt: skip
    places = [text.find(words) for words in wanted]
    assert -1 not in places, wanted[places.index(-1)]
    heads = [text.index(f">{title}") for title in ("The form as", "Decisions", "Files", "Who opened", "Deliveries")]
    assert heads == sorted(heads)


def test_auditor_sees_this_page_of_the_request_and_no_other(people: People, request_: DataRequest) -> None:
    client = signed_in(people["auditor"])
    for name in ("request", "form", "tables", "request_progress"):
        assert client.get(reverse(name, args=[request_.number])).status_code == 404, name
    draft = factories.draft(people)
    assert client.get(reverse("record", args=[draft.number])).status_code == 404


def test_requesting_state_reads_its_side_only(people: People, request_: DataRequest) -> None:
    text = page(people, "coordinator", request_)
    for words in (
        INSIDE,
        OBJECTION,
        "Match result",
        "Package signed off",
        "All events of this",
        "f" * 64,
    ):
        assert words not in text, words
    for words in (
        CONDITION,
        "The training provider",
        "cohort-file",
        KNOWN,
        request_.packages.get().sha256,
        "Suspended",
    ):
        assert words in text, words
    record = record_of(request_, people["coordinator"])
    assert openers(record) == ["Rosa Almeida"]
    assert (record.reviews, record.events) == (None, [])


def test_state_asked_to_review_reads_the_steps_and_its_own_answer(people: People, request_: DataRequest) -> None:
    text = page(people, "output_reviewer", request_)
    for words in (
        INSIDE, CONDITION, "The training provider", "Trainees", "cohort-file", KNOWN, "Elena Petrov", "Deliveries",
        "A new agreement was signed.",
    ):  # fmt: skip
        assert words not in text, words
    assert OBJECTION in text
    record = record_of(request_, people["output_reviewer"])
    assert openers(record) == ["Marcus Hale"]
    assert {row.agency for row in record.reviews or []} == {people["output_reviewer"].agency}
    assert (record.form, record.files, record.people, record.packages) == ([], None, None, None)


def test_second_state_asked_does_not_read_the_answer_of_the_first(people: People, request_: DataRequest) -> None:
    review = PartnerReview.objects.get()
    with factories.behind_the_triggers():
        PartnerReview.objects.update(agency=people["coordinator"].agency)
    PartnerReview.objects.create(
        package=review.package, package_sha256=review.package_sha256, agency=people["output_reviewer"].agency,
        due_on=timezone.localdate(), asked_at=timezone.now(),
    )  # fmt: skip
    assert OBJECTION not in page(people, "output_reviewer", request_)


def test_bls_staff_read_all_but_incidents_they_do_not_handle(people: People, request_: DataRequest) -> None:
    text = page(people, "disclosure_analyst", request_)
    assert INSIDE in text
    assert KNOWN not in text
    assert KNOWN in page(people, "program_analyst", request_)


@pytest.mark.parametrize("key", ["coordinator_de", "agent", "data_steward", "administrator", "output_reviewer_ri"])
def test_record_is_not_there_for_who_does_not_see_the_request(key: str, people: People, request_: DataRequest) -> None:
    assert signed_in(people[key]).get(reverse("record", args=[request_.number])).status_code == 404


def test_returned_form_is_not_shown_as_signed(people: People, request_: DataRequest) -> None:
    factories.place(request_, State.RETURNED)
    assert record_of(request_, people["auditor"]).form == []
    assert "once it is signed" in page(people, "auditor", request_)


def test_agent_once_named_stays_on_the_record(people: People, request_: DataRequest) -> None:
    request_.agents.create(
        person=people["agent"], named_at=timezone.now(), named_by=people["coordinator"], removed_at=timezone.now()
    )
    text = page(people, "auditor", request_)
    assert "Tom Becker, named" in text
    assert ", removed" in text


def test_queries_do_not_grow_with_what_happened(people: People, request_: DataRequest) -> None:
    client = signed_in(people["auditor"])

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("record", args=[request_.number]))
        return len(captured)

    events.record("file.open", actor=None, request_number=request_.number, subject="person 0")
    few = queries()
    for number in range(10):
        events.record("file.open", actor=None, request_number=request_.number, subject=f"person {number}")
        workflow.decide(request_, "recommend", actor=people["program_analyst"], at=timezone.now(), reason="Again.")
    assert queries() == few <= 40


def test_list_of_records_is_the_auditors_and_has_all_but_drafts(people: People, request_: DataRequest) -> None:
    draft, other = factories.draft(people), factories.submitted(people, Kind.MICRO)
    client = signed_in(people["auditor"])

    def found(**query: str) -> set[str]:
        return {row["label"] for row in client.get(reverse("record_list"), query).context["rows"]}

    assert found() == {request_.number, other.number}
    assert found(q=other.number[-6:]) == {other.number}
    assert found(state="partner_review") == {request_.number}
    assert found(q=draft.number) == set()
    answers = {key: signed_in(person).get(reverse("record_list")).status_code for key, person in people.items()}
    assert {key for key, status in answers.items() if status == 200} == {"auditor"}


def test_navigation_of_the_auditor_leads_to_these_pages(people: People) -> None:
    nav = signed_in(people["auditor"]).get(reverse("home")).context["nav"]
    assert [entry["label"] for entry in nav] == [
        "Home",
        "Events",
        "Records",
        "Disclosures",
        "Access on a day",
        "Notices",
        "My standing",
        "Help",
    ]
