"""What happened, as each side may read it: the request's history, the Auditor's log, and progress."""

import csv

from django.urls import reverse
from django.utils import timezone

from requests_app.demo.reviewers import look_through
from requests_app.models import Job, Person
from requests_app.selectors.audit.history import history
from requests_app.selectors.life.progress import progress
from requests_app.services.event_log import events
from requests_app.services.life import workflow
from requests_app.states import Kind, State
from tests import factories
from tests.pages import signed_in

SECRET = "One enterprise dominates Kent County."


def test_history_reasons_inside_bls_stay_there(people: dict[str, Person]) -> None:
    request = factories.submitted(people)
    for kind in ("request.redesign", "request.answer_viability", "request.recommend", "request.withdraw_cells"):
        events.record(
            kind, actor=people["disclosure_analyst"], request_number=request.number, detail={"reason": SECRET}
        )
    assert SECRET in " ".join(line.detail for line in history(request, people["program_analyst"]))
    for key in ("coordinator", "output_reviewer"):
        assert SECRET not in " ".join(line.detail for line in history(request, people[key]))
    page = signed_in(people["coordinator"]).get(reverse("request", args=[request.number])).content.decode()
    assert SECRET not in page
    assert "Tables built again" in page


def test_history_questions_reach_the_state(people: dict[str, Person]) -> None:
    request = workflow.transition(factories.submitted(people), "start_review", actor=people["program_analyst"])
    look_through(request, people["program_analyst"])
    workflow.transition(request, "return_to_state", actor=people["program_analyst"], reason="Which counties?")
    assert history(request, people["coordinator"])[0].detail == "Which counties?"
    form = signed_in(people["coordinator"]).get(reverse("form", args=[request.number])).content.decode()
    assert "Which counties?" in form


def test_history_sections_saved_in_a_row_are_one_line(people: dict[str, Person]) -> None:
    lines = history(factories.submitted(people, Kind.MACRO), people["coordinator"])
    assert [line.words for line in lines] == ["Signed and submitted", "Form saved", "Draft started"]
    saved = (
        "Project title, Purpose, Package type, States and quarters, Security, Outputs planned, Certifications, Tables"
    )
    assert lines[1].detail == saved


def test_events_are_narrowed_and_exported_safely(people: dict[str, Person]) -> None:
    request = factories.submitted(people)
    events.record("request.submit", actor=None, request_number=request.number, subject="=1+1")
    client = signed_in(people["auditor"])
    query = {"request": request.number.lower(), "kind": "request.submit"}
    assert len(client.get(reverse("event_list"), query).context["lines"]) == 2
    answer = client.get(reverse("event_list"), {**query, "export": "csv"})
    rows = list(csv.DictReader(b"".join(answer.streaming_content).decode().splitlines()))  # type: ignore[attr-defined]
    assert [row["subject"] for row in rows] == ["'=1+1", ""]
    assert [int(row["seq"]) for row in rows] == sorted((int(row["seq"]) for row in rows), reverse=True)


def job(people: dict[str, Person], kind: str, state: State) -> Job:
    request = factories.draft(people, Kind.MICRO_TO_MACRO)
    factories.place(request, state)
    now = timezone.now()
    return Job.objects.create(
        request=request,
        kind=kind,
        state="running",
        created_at=now,
        started_at=now - timezone.timedelta(seconds=60),
        progress_done=250,
        progress_known=1000,
        progress_words="Matching Trainees, 2016 Q1",
    )


def test_progress_of_a_match_is_in_rows_with_the_time_left(people: dict[str, Person]) -> None:
    working = job(people, "match", State.MATCHING)
    client = signed_in(people["coordinator"])
    page = client.get(reverse("request_progress", args=[working.request.number])).content.decode()
    for words in ("250 of 1,000 rows", "Matching Trainees, 2016 Q1", "about 3 minutes left"):
        assert words in page


def test_progress_of_a_build_tells_a_state_no_counts(people: dict[str, Person]) -> None:
    working = job(people, "build_tables", State.BUILDING)
    ours, theirs = (progress(working.request, people[key]) for key in ("program_analyst", "coordinator"))
    assert ours is not None
    assert theirs is not None
    assert (ours.done, ours.total) == (250, 1000)
    assert (theirs.done, theirs.total, theirs.unit) == (25, 100, "percent,percent")


def test_progress_that_ended_stops_polling_and_reloads(people: dict[str, Person]) -> None:
    request = factories.submitted(people)
    response = signed_in(people["coordinator"]).get(reverse("request_progress", args=[request.number]))
    assert response.status_code == 286
    assert response["HX-Refresh"] == "true"
