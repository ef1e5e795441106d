"""An output from micro data: submitted, checked by machine, BLS and the states, cleared with a letter for its bytes."""

import io
from datetime import date, datetime, time, timedelta
from typing import Any

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from requests_app.business_days import add_business_days
from requests_app.models import (
    DataRequest,
    Event,
    Notice,
    Output,
    OutputFile,
    OutputReview,
    Person,
)
from requests_app.policies import Denied
from requests_app.services.life import milestones
from requests_app.services.life.workflow import Conflict
from requests_app.services.outputs import outputs, reviewing
from requests_app.services.packages import incidents
from requests_app.services.reviews import answers, consents, messages
from requests_app.states import State
from requests_app.targets import first_in_time
from tests import factories
from tests.integration.disclosure.review import answer_openings, work_off
from tests.pages import signed_in
from tests.papers import pdf

People = dict[str, Person]
TABLE = b"County,Persons,Employed %\nKent,120,43\nSussex,2,100\n"
SAID = {"title": "Where they work", "description": "By county.", "shared_with": "The legislature."}


@pytest.fixture
def in_use(people: People, monkeypatch: pytest.MonkeyPatch) -> DataRequest:
    answer_openings(monkeypatch)
    return factories.with_package(people, State.IN_USE)[0]


def upload(content: bytes = TABLE, name: str = "table.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def submitted(request: DataRequest, people: People, *contents: bytes) -> Output:
    coordinator = people["coordinator"]
    output = outputs.start(request, actor=coordinator, **SAID)
    for content in contents or (TABLE,):
        outputs.add_file(output, actor=coordinator, upload=upload(content))
    outputs.take(output, "submit", actor=coordinator)
    work_off(request)
    return Output.objects.get(pk=output.pk)


def passed(request: DataRequest, people: People, *contents: bytes) -> tuple[Output, OutputReview]:
    output = submitted(request, people, *contents)
    output = outputs.take(output, "pass", actor=people["disclosure_analyst"])
    return output, output.reviews.get()


def agree(review: OutputReview, people: People, **said: Any) -> OutputReview:
    given = {"verdict": "no_objection", "files_sha256": review.files_sha256, **said}
    return answers.answer_output(review, actor=people["output_reviewer"], **given)


def test_output_goes_from_its_files_to_a_letter_for_exactly_these(in_use: DataRequest, people: People) -> None:
    output, review = passed(in_use, people, TABLE, pdf())
    official = people["approving_official"]
    with pytest.raises(Denied, match="Delaware has not agreed"):
        outputs.take(output, "clear", actor=official)
    with pytest.raises(Denied, match="others now"):
        agree(review, people, files_sha256="0" * 64)
    agree(review, people)
    cleared = outputs.take(output, "clear", actor=official, files_sha256=output.files_sha256)
    assert (cleared.state, cleared.letter is None) == ("cleared", False)
    with pikepdf.open(io.BytesIO(bytes(cleared.letter.content))) as letter:  # type: ignore[union-attr]
        assert bool(letter.Root.MarkInfo.Marked)
    kinds = Event.objects.filter(request_number=in_use.number, kind__startswith="output.").order_by("seq")
    assert [event.kind for event in kinds if "file" not in event.kind] == [
        "output.start", "output.submit", "output.finish_checks", "output.pass", "output.clear",
    ]  # fmt: skip
    reader = signed_in(people["coordinator"])
    assert reader.get(reverse("document", args=[cleared.letter_id])).status_code == 200


def test_findings_are_for_bls_only(in_use: DataRequest, people: People) -> None:
    output = submitted(in_use, people)
    page = reverse("output", args=[in_use.number, output.pk])
    inside = signed_in(people["disclosure_analyst"]).get(page).content.decode()
    assert "A small count: row 3, “Persons”" in inside
    assert "nobody or everybody of a group: row 3" in inside
    for key in ("coordinator", "agent"):
        shown = signed_in(people[key]).get(page)
        assert "small count" not in shown.content.decode().lower()
        assert "to look at" not in shown.content.decode()


def test_file_that_cannot_be_read_comes_back_and_can_be_mended(in_use: DataRequest, people: People) -> None:
    number = "".join(["9" * 3, "01", "1" * 4])
    output = submitted(in_use, people, f"Name,Number\nA,{number}\n".encode())
    assert output.state == "returned"
    assert "Social Security" in output.decisions.latest("decided_at").reason
    assert OutputFile.objects.get().view is None
    before, coordinator = output.files_sha256, people["coordinator"]
    outputs.take(output, "take_up", actor=coordinator)
    outputs.remove_file(OutputFile.objects.get(), actor=coordinator)
    outputs.add_file(output, actor=coordinator, upload=upload())
    outputs.take(output, "submit", actor=coordinator)
    work_off(in_use)
    output.refresh_from_db()
    assert (output.state, output.files_sha256 == before) == ("bls_check", False)


def test_returned_output_with_other_files_asks_the_states_again(in_use: DataRequest, people: People) -> None:
    output, review = passed(in_use, people)
    agree(review, people)
    outputs.take(output, "return", actor=people["disclosure_analyst"], reason="One figure is wrong.")
    outputs.take(output, "take_up", actor=people["coordinator"])
    outputs.add_file(output, actor=people["coordinator"], upload=upload(b"County,Persons\nKent,300\n"))
    outputs.take(output, "submit", actor=people["coordinator"])
    work_off(in_use)
    with pytest.raises(Conflict, match="others now"):
        outputs.take(output, "pass", actor=people["disclosure_analyst"], files_sha256=review.files_sha256)
    outputs.take(output, "pass", actor=people["disclosure_analyst"])
    output.refresh_from_db()
    assert [one.verdict for one in reviewing.of(output)] == [""]
    with pytest.raises(Denied, match="has not agreed"):
        outputs.take(output, "clear", actor=people["approving_official"])


def test_differences_to_what_was_cleared_are_found(in_use: DataRequest, people: People) -> None:
    output, review = passed(in_use, people, b"County,Persons\nKent,120\nSussex,90\n")
    agree(review, people)
    outputs.take(output, "clear", actor=people["approving_official"])
    submitted(in_use, people, b"County,Persons\nKent,121\nSussex,90\n")
    found = OutputFile.objects.latest("added_at").findings
    assert [(one["row"], one["kind"]) for one in found] == [(2, "difference")]


def test_viewer_shows_text_and_pictures_to_whom_it_may(in_use: DataRequest, people: People) -> None:
    output, review = passed(in_use, people, b'County,Persons\n"=cmd|x",7000\n', pdf())
    table, paper = output.files.order_by("added_at")
    reviewer = signed_in(people["output_reviewer"])
    assert "=cmd|x" in reviewer.get(reverse("output_file", args=[table.pk])).content.decode()
    drawn = reviewer.get(reverse("output_picture", args=[paper.pk, 1]))
    assert (drawn["Content-Type"], drawn.content[:4]) == ("image/png", b"\x89PNG")
    assert reviewer.get(reverse("output_picture", args=[paper.pk, 2])).status_code == 404
    answers = {key: signed_in(people[key]).get(reverse("output_file", args=[table.pk])).status_code for key in people}
    assert {key for key, status in answers.items() if status == 200} == {
        "coordinator",
        "agent",
        "output_reviewer",
        "disclosure_analyst",
        "second_disclosure_analyst",
        "approving_official",
    } - {"agent"}  # fmt: skip  the agent is not named on this request
    assert answers["coordinator_de"] == answers["output_reviewer_ri"] == 404
    sent = {"files_sha256": review.files_sha256, "verdict": "objection", "reason": "One county shows one employer."}
    assert reviewer.post(reverse("output_review", args=[review.pk]), sent).status_code == 302
    page = signed_in(people["coordinator"]).get(reverse("output", args=[in_use.number, output.pk])).content.decode()
    assert "one employer" not in page


def test_consent_in_advance_to_outputs_answers(in_use: DataRequest, people: People) -> None:
    last = timezone.localdate() + timedelta(days=30)
    consents.give(actor=people["output_reviewer"], covers="output", ends_on=last)
    output, review = passed(in_use, people)
    assert review.verdict == "standing_consent"
    assert outputs.take(output, "clear", actor=people["approving_official"]).state == "cleared"


def test_state_that_does_not_answer_is_reminded_and_bls_gives_time_or_records_the_lapse(
    in_use: DataRequest, people: People
) -> None:
    output, review = passed(in_use, people)
    official, today = people["approving_official"], timezone.localdate()
    told = Notice.objects.filter(person=people["output_reviewer"], kind="reminder").order_by("pk")
    for left in (6, 5, 5, 1, 0):
        milestones.follow(noon(first_in_time(left, review.due_on)))
    assert [notice.path for notice in told] == [f"/output-reviews/{review.pk}/"] * 3
    care = reverse("review_care", args=[in_use.number, review.pk])
    later = add_business_days(max(today, review.due_on), 2)
    day = {"to_due_year": later.year, "to_due_month": later.month, "to_due_day": later.day}
    client = signed_in(official)
    assert client.post(care, {"act": "extend", "extend_reason": "A storm.", **day}).status_code == 302
    review.refresh_from_db()
    assert (review.due_on, review.extensions.get().reason) == (later, "A storm.")
    assert "A storm." in signed_in(people["output_reviewer"]).get(review.page).content.decode()
    with pytest.raises(Denied, match="has not passed yet"):
        answers.record_lapse(review, actor=official, reason="Asked twice.")
    milestones.follow(noon(later + timedelta(days=1)))
    (late,) = Notice.objects.filter(person=official, text__contains="has not answered")
    assert late.path == care
    factories.lapse(OutputReview.objects.filter(pk=review.pk), due_on=today - timedelta(days=1))
    with pytest.raises(Denied, match="does not take a missed deadline for consent"):
        answers.record_lapse(OutputReview.objects.get(), actor=official, reason="Asked twice.")
    factories.lapse(review.agency.mous.all(), consent_by_lapse=True)
    assert client.post(care, {"act": "lapse", "lapse_reason": "Asked twice."}).status_code == 302
    assert outputs.take(output, "clear", actor=official).state == "cleared"


def noon(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(12)))


def test_objection_to_an_output_is_withdrawn_once_with_a_reason(in_use: DataRequest, people: People) -> None:
    output, review = passed(in_use, people)
    agree(review, people, verdict="objection", reason="One employer can be recognized.")
    with pytest.raises(Denied, match="Delaware has not agreed"):
        outputs.take(output, "clear", actor=people["approving_official"])
    reviewer = signed_in(people["output_reviewer"])
    assert "Withdraw the objection" in reviewer.get(review.page).content.decode()
    page = reverse("withdraw_objection", args=[review.pk])
    assert signed_in(people["output_reviewer_ri"]).get(page).status_code == 404
    assert reviewer.post(page, {"why": "It closed years ago."}).status_code == 302
    review.refresh_from_db()
    assert (review.verdict, review.agrees, review.withdrawn_why) == ("objection", True, "It closed years ago.")
    for change in ({"verdict": "no_objection"}, {"withdrawn_why": "Other."}):
        with pytest.raises(DatabaseError, match="kept as it is"), transaction.atomic():
            OutputReview.objects.filter(pk=review.pk).update(**change)
    assert outputs.take(output, "clear", actor=people["approving_official"]).state == "cleared"


def test_question_about_an_output_goes_to_bls_and_back(in_use: DataRequest, people: People) -> None:
    _output, review = passed(in_use, people)
    reviewer = signed_in(people["output_reviewer"])
    assert reviewer.post(reverse("partner_review_ask", args=[review.pk]), {"text": "Why Kent?"}).status_code == 302
    care = reverse("review_care", args=[in_use.number, review.pk])
    assert "Why Kent?" in signed_in(people["disclosure_analyst"]).get(care).content.decode()
    messages.write(review, actor=people["disclosure_analyst"], text="It is the largest.")
    assert "It is the largest." in reviewer.get(review.page).content.decode()
    assert Event.objects.filter(kind="output_review.message").count() == 2
    assert not Notice.objects.filter(text__contains="Kent").exists()


def test_list_of_reviews_has_outputs_and_agrees_only_to_what_was_looked_at(in_use: DataRequest, people: People) -> None:
    _output, review = passed(in_use, people, TABLE, pdf())
    client, listed = signed_in(people["output_reviewer"]), reverse("review_list")
    sent = {"review": [review.pk], f"sha256-{review.pk}": review.files_sha256}
    for file in review.output.files.all():
        assert "Not opened by you yet" in client.get(listed).content.decode()
        assert "Look at every file" in client.post(listed, sent, follow=True).content.decode()
        client.get(reverse("output_file", args=[file.pk]))
        if file.pages:
            client.get(reverse("output_picture", args=[file.pk, 1]))
    assert "Not opened by you yet" not in client.get(listed).content.decode()
    assert "no objection to" in client.post(listed, sent, follow=True).content.decode()
    review.refresh_from_db()
    assert review.verdict == "no_objection"
    assert SAID["title"] in client.get(listed).content.decode()


def test_reviewer_is_told_what_changed_since_the_last_answer(in_use: DataRequest, people: People) -> None:
    output, review = passed(in_use, people)
    agree(review, people, verdict="objection", reason="Sussex is too small.")
    outputs.take(output, "return", actor=people["disclosure_analyst"], reason="Without Sussex, please.")
    outputs.take(output, "take_up", actor=people["coordinator"])
    outputs.remove_file(output.files.get(), actor=people["coordinator"])
    outputs.add_file(output, actor=people["coordinator"], upload=upload(b"County,Persons\nKent,120\n", "new.csv"))
    outputs.take(output, "submit", actor=people["coordinator"])
    work_off(in_use)
    outputs.take(output, "pass", actor=people["disclosure_analyst"])
    page = signed_in(people["output_reviewer"]).get(reviewing.of(Output.objects.get())[0].page).content.decode()
    for words in ("counts no more", "Sussex is too small.", "New since your", "Taken out since your"):
        assert words in page, words


def test_each_step_is_its_roles_and_stops_while_suspended(in_use: DataRequest, people: People) -> None:
    output = submitted(in_use, people)
    with pytest.raises(Denied, match="Disclosure Analyst"):
        outputs.take(output, "pass", actor=people["coordinator"])
    with pytest.raises(Denied, match="A person must do this"):
        outputs.take(output, "pass", actor=None)
    with pytest.raises(Conflict, match="no longer applies"):
        outputs.take(output, "submit", actor=people["coordinator"])
    with pytest.raises(Denied, match="needs a reason"):
        outputs.take(output, "refuse", actor=people["approving_official"])
    incidents.report(actor=people["coordinator"], what_is_known="", request=in_use)
    with pytest.raises(Denied, match="suspended"):
        outputs.take(output, "pass", actor=people["disclosure_analyst"])


def test_pages_start_fill_and_submit_an_output(in_use: DataRequest, people: People) -> None:
    client = signed_in(people["coordinator"])
    listed = reverse("output_list", args=[in_use.number])
    assert "Submit another" in client.get(listed).content.decode()
    assert client.post(listed, {"title": ""}).status_code == 400
    page = client.post(listed, SAID)["Location"]
    assert "Add the files that are to leave first" in client.post(page, {"act": "submit"}, follow=True).content.decode()
    assert client.post(page, {"act": "add_file"}).status_code == 400
    client.post(page, {"act": "add_file", "file": upload()})
    assert "is now “Submitted”" in client.post(page, {"act": "submit"}, follow=True).content.decode()
    work_off(in_use)
    home = signed_in(people["disclosure_analyst"]).get(reverse("home")).content.decode()
    assert "output “Where they work”" in home
