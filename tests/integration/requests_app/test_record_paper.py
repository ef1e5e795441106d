"""The record as a PDF: tagged, complete, with the event log's own figures, and to each reader what the page says."""

import io
from pathlib import Path

import pikepdf
import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from requests_app.models import DataRequest, Event, Person
from requests_app.selectors.audit.record import EVERY, record_of
from requests_app.selectors.audit.record_paper import figures, paper_of
from requests_app.services.event_log import events
from requests_app.services.life import workflow
from requests_app.services.packages import destruction, retention
from requests_app.states import State
from tests import factories
from tests.integration.requests_app.test_destruction import registered, stated
from tests.integration.requests_app.test_record import request_ as request_with_everything  # noqa: F401  a fixture
from tests.pages import signed_in

People = dict[str, Person]


@pytest.fixture
def destroyed(people: People, tmp_path: Path, settings: Settings) -> DataRequest:
    """A micro request from delivery to acknowledged destruction, with a statement BLS rejected on the way."""
    settings.VAULT_ROOT = tmp_path
    request, package = factories.with_package(people, State.IN_USE)
    registered(request, people)
    events.record(
        "file.open", actor=people["coordinator"], request_number=request.number, subject=package.file_id,
        detail={"kind": "package", "purpose": "download"},
    )  # fmt: skip
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


def counted(request: DataRequest, *kinds: str) -> int:
    return Event.objects.filter(request_number=request.number, kind__in=kinds).count()


def test_figures_of_the_record_equal_the_event_logs(destroyed: DataRequest, people: People) -> None:
    said = dict(figures(record_of(destroyed, people["auditor"], EVERY)))
    assert said["Events"] == Event.objects.filter(request_number=destroyed.number).count()
    assert said["Openings and deliveries"] == counted(destroyed, "file.open", "package.deliver") == 1
    assert said["Packages"] == counted(destroyed, "package.build") == 1
    assert said["Encrypted files destroyed"] == counted(destroyed, "file.shred") == 1
    moves = Event.objects.filter(request_number=destroyed.number, kind__startswith="request.", detail__has_key="to")
    assert said["Decisions"] == moves.count() == 5
    rejected = counted(destroyed, "request.reject_destruction")
    assert counted(destroyed, "destruction.confirm") == said["Duties confirmed"] * (1 + rejected) == 4
    assert said["Duties to destroy"] == 1 + counted(destroyed, "held_data.register") == 2


def text_of(destroyed: DataRequest, reader: Person) -> str:
    """Everything that the paper says, as the data it is made from."""
    return str(paper_of(destroyed, record_of(destroyed, reader, EVERY), reader))


def test_paper_holds_every_hash_and_every_event(destroyed: DataRequest, people: People) -> None:
    said = text_of(destroyed, people["auditor"])
    package = destroyed.packages.get()
    hashes = [package.sha256, package.file.sealed_sha256]
    hashes += Event.objects.filter(request_number=destroyed.number).values_list("hash", flat=True)
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
