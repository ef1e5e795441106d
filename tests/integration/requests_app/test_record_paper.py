"""The record as a PDF: tagged, complete, with the event log's own figures, and to each reader what the page says."""

import io
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from requests_app.models import DataRequest, Event, Person
from requests_app.selectors.audit.record import EVERY, record_of
from requests_app.selectors.audit.record_paper import figures, paper_of
from requests_app.services.event_log import openings
from requests_app.services.form import amendments
from requests_app.services.life import workflow
from requests_app.services.outputs import outputs
from requests_app.services.packages import delivery, destruction, incidents, packages, retention
from requests_app.services.partners import suspensions
from requests_app.services.reviews import answers
from requests_app.states import State
from tests import factories
from tests.integration.disclosure.partner_review import under_review
from tests.integration.disclosure.review import answer_openings, work_off
from tests.integration.disclosure.test_outputs import agree, passed
from tests.integration.disclosure.test_partner_review import published
from tests.integration.requests_app.test_amendments import amended
from tests.integration.requests_app.test_destruction import registered, stated
from tests.integration.requests_app.test_record import request_ as request_with_everything  # noqa: F401  a fixture
from tests.pages import signed_in

People = dict[str, Person]


@pytest.fixture
def destroyed(people: People, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> DataRequest:
    """A micro request from its release to acknowledged destruction: an output and an amendment, a suspension, and a
    statement BLS rejected on the way."""
    settings.VAULT_ROOT, settings.OUTBOX_ROOT = tmp_path, tmp_path / "outbox"
    answer_openings(monkeypatch)
    request, package = factories.with_package(people, State.READY_FOR_RELEASE, delivered=False)
    workflow.transition(request, "release", actor=people["release_officer"])
    assert delivery.send_waiting() == 1
    request.refresh_from_db()
    b"".join(openings.open_file(package.file, person=people["coordinator"], purpose="download"))
    registered(request, people)
    later = (timezone.localdate() + timedelta(days=700)).isoformat()
    amendments.move(amended(people, request, destruction_on=later), "deny", actor=people["approving_official"],
                    reason="A year is enough.")  # fmt: skip
    output, review = passed(request, people)
    agree(review, people)
    outputs.take(output, "clear", actor=people["approving_official"])
    incidents.report(actor=people["coordinator"], what_is_known="A laptop was lost, and found.", request=request)
    suspensions.lift(request.suspensions.get(), actor=people["approving_official"], why="It was found.")
    request.refresh_from_db()
    request = workflow.transition(request, "finish_use", actor=people["coordinator"])
    for _ in range(2):
        for duty in destruction.open_duties(request):
            stated(duty, people)
        request = workflow.transition(request, "confirm_destruction", actor=people["coordinator"])
        if not Event.objects.filter(kind="request.reject_destruction").exists():
            analyst = people["program_analyst"]
            request = workflow.transition(request, "reject_destruction", actor=analyst, reason="Name the tool.")
    request = workflow.transition(request, "acknowledge_destruction", actor=people["program_analyst"])
    retention.follow()
    return request


@pytest.fixture
def released(people: People, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> DataRequest:
    """Tables that a state objected to, that were built again without its cell, agreed to and delivered."""
    settings.VAULT_ROOT, settings.OUTBOX_ROOT = tmp_path, tmp_path / "outbox"
    request, first, review = under_review(people, monkeypatch)
    answers.answer(review, actor=people["output_reviewer"], verdict="objection", reason="One employer.",
                   package_sha256=first.sha256, cells=[published(review)])  # fmt: skip
    analyst = people["disclosure_analyst"]
    request = work_off(workflow.transition(request, "withdraw_cells", actor=analyst, reason="As Delaware asks."))
    again = request.packages.order_by("-version")[0]
    packages.sign_off(request, actor=analyst, package_sha256=again.sha256)
    workflow.transition(request, "send_to_partners", actor=people["second_disclosure_analyst"])
    answers.answer(again.partner_reviews.get(), actor=people["output_reviewer"], verdict="no_objection",
                   package_sha256=again.sha256)  # fmt: skip
    request.refresh_from_db()
    request = workflow.transition(request, "release", actor=people["release_officer"])
    assert delivery.send_waiting() == 1
    return request


BESIDE_MOVES = ("request.answer_viability", "request.refuse_sign_off")
COUNTED_BY = {
    "Amendments": ["amendment.draft"],
    "Encrypted files destroyed": ["file.shred"],
    "Packages": ["package.build"],
    "Openings and deliveries": ["file.open", "package.deliver"],
    "Partner states' answers": ["partner_review.answer"],
    "Releases": ["request.release"],
    "Outputs": ["output.start"],
    "Partner states' answers about outputs": ["output_review.answer"],
    "Suspensions": ["request.suspend"],
    "Incidents": ["incident.report"],
}


def counted(request: DataRequest, *kinds: str) -> int:
    return Event.objects.filter(request_number=request.number, kind__in=kinds).count()


def logs_figures(request: DataRequest) -> dict[str, int]:
    """Every figure of the record, from the event log alone."""
    events = Event.objects.filter(request_number=request.number)
    moves = events.filter(kind__startswith="request.", detail__has_key="to").count()
    rejected = counted(request, "request.reject_destruction")
    releases = counted(request, "request.release") if request.kind == "micro" else 0
    return {title: counted(request, *kinds) for title, kinds in COUNTED_BY.items()} | {
        "Decisions": moves + counted(request, *BESIDE_MOVES),
        "Duties to destroy": releases + counted(request, "held_data.register"),
        "Duties confirmed": counted(request, "destruction.confirm") // (1 + rejected),
        "Events": events.count(),
    }


def test_every_figure_of_a_destroyed_request_is_the_event_logs(destroyed: DataRequest, people: People) -> None:
    said = dict(figures(record_of(destroyed, people["auditor"], EVERY)))
    assert said == logs_figures(destroyed)
    assert (said["Duties to destroy"], said["Outputs"], said["Partner states' answers about outputs"]) == (2, 1, 1)
    assert (said["Suspensions"], said["Incidents"], said["Amendments"], said["Releases"]) == (1, 1, 1, 1)


def test_every_figure_of_released_tables_is_the_event_logs(released: DataRequest, people: People) -> None:
    said = dict(figures(record_of(released, people["auditor"], EVERY)))
    assert said == logs_figures(released)
    assert (said["Packages"], said["Partner states' answers"], said["Releases"]) == (2, 2, 1)


def text_of(destroyed: DataRequest, reader: Person) -> str:
    """Everything that the paper says, as the data it is made from."""
    return str(paper_of(destroyed, record_of(destroyed, reader, EVERY), reader))


def test_paper_holds_every_hash_and_every_event(destroyed: DataRequest, people: People) -> None:
    said = text_of(destroyed, people["auditor"])
    package = destroyed.packages.get()
    hashes = [package.sha256, package.file.sealed_sha256]
    hashes += Event.objects.filter(request_number=destroyed.number).values_list("hash", flat=True)
    hashes += [row.sha256 for output in destroyed.outputs.all() for row in (*output.files.all(), output.letter)]
    hashes += [one.certificate.sha256 for duty in destroyed.destructions.all() for one in duty.statements.all()]  # type: ignore[union-attr]
    assert len(hashes) > 12
    assert [one for one in hashes if one not in said] == []


def test_pdf_is_tagged_and_its_making_is_an_event_with_its_hash(destroyed: DataRequest, people: People) -> None:
    answer = signed_in(people["auditor"]).get(reverse("record_pdf", args=[destroyed.number]))
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    with pikepdf.open(io.BytesIO(answer.content)) as pdf:
        assert bool(pdf.Root.MarkInfo.Marked)
        assert pdf.open_metadata()["pdfuaid:part"] == "1"
        assert str(pdf.open_metadata()["dc:title"]) == f"Record of {destroyed.number}"
    assert len(Event.objects.get(kind="record.export").detail["sha256"]) == 64


SECRETS = ("One enterprise dominates Kent County.", "Cell 7 shows one employer of ours.", "A laptop was lost.")
READS = {"auditor": SECRETS, "program_analyst": SECRETS, "output_reviewer": SECRETS[1:2], "coordinator": SECRETS[2:]}


@pytest.mark.parametrize("key", list(READS))
def test_paper_says_to_each_reader_what_their_page_says(
    key: str,
    request_with_everything: DataRequest,  # noqa: F811
    people: People,
) -> None:
    said = text_of(request_with_everything, people[key])
    assert tuple(secret for secret in SECRETS if secret in said) == READS[key]
    client: Client = signed_in(people[key])
    page = client.get(reverse("record", args=[request_with_everything.number])).content.decode()
    assert tuple(secret for secret in SECRETS if secret in page) == READS[key]
