"""The dashboards' figures against small counts by hand; lists as files; saved views."""

import csv
import io
from collections import Counter
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from requests_app.charts.bars import Series, stacked
from requests_app.models import DataRequest, Decision, Event, Figure, Package, PartnerReview, Person
from requests_app.selectors.life.dashboards import dashboards, published
from requests_app.services.life import figures, workflow
from requests_app.states import Kind, State
from requests_app.targets import target_days
from tests import factories
from tests.pages import signed_in


def aged(request: DataRequest, days: int) -> None:
    """As if it had come into its state so many days ago."""
    with factories.behind_the_triggers():
        DataRequest.objects.filter(pk=request.pk).update(state_since=timezone.now() - timedelta(days=days))


def test_requests_under_way_are_counted_by_state_and_age(people: dict[str, Person]) -> None:
    for days in (0, 3, 10, 70):
        aged(factories.submitted(people), days)
    factories.draft(people)
    chart = dashboards().age
    assert chart is not None
    assert chart.rows == [["Submitted", 2, 1, 0, 1]]
    assert chart.finding.startswith("4 requests under way")
    [(state, late)] = dashboards().late
    assert (state, late) == (State.SUBMITTED, 2)


def test_turnaround_is_the_median_of_business_days_in_a_step(people: dict[str, Person]) -> None:
    now = timezone.now()
    for days in (0, 7, 14):
        request = workflow.transition(factories.submitted(people), "start_review", actor=people["program_analyst"])
        with factories.behind_the_triggers():
            Decision.objects.filter(request=request, transition="submit").update(decided_at=now - timedelta(days=days))
            Decision.objects.filter(request=request, transition="start_review").update(decided_at=now)
    rows = {row["state"]: row for row in figures.turnaround(now + timedelta(minutes=1))}
    line = rows["submitted"]
    assert (line["many"], line["target"]) == (3, target_days(State.SUBMITTED))
    assert line["median"] in {4, 5}  # a week with a holiday has four
    assert line["in_time"] == 0.333


@pytest.mark.parametrize(
    ("took", "median"), [({}, None), ({3: 1}, 3), ({1: 2, 9: 2}, 5), ({1: 3, 9: 2}, 1), ({0: 1, 1: 1}, 0.5)]
)
def test_median_of_counts(took: dict[int, int], median: float | None) -> None:
    assert figures.median(Counter(took)) == median


def test_states_response_counts_answers_and_what_is_open(people: dict[str, Person]) -> None:
    request, package = factories.with_package(people, State.PARTNER_REVIEW)
    now, today = timezone.now(), timezone.localdate()
    state = people["output_reviewer"].agency
    PartnerReview.objects.create(
        package=package, package_sha256=package.sha256, agency=state, due_on=today - timedelta(days=1), asked_at=now
    )
    [line] = figures.states_response(now)
    assert (line["state"], line["open"], line["open_late"], line["answered"]) == (state.state_name, 1, 1, 0)
    with factories.behind_the_triggers():
        PartnerReview.objects.update(
            verdict="no_objection",
            asked_at=now - timedelta(days=7),
            answered_at=now,
            answered_by=people["output_reviewer"],
        )
    [line] = figures.states_response(now)
    assert (line["open"], line["answered"], line["late"]) == (0, 1, 1)
    assert line["median"] in {4, 5}
    assert request.number


def test_destruction_and_disclosure_figures(people: dict[str, Person]) -> None:
    factories.with_package(people, State.IN_USE)
    with factories.behind_the_triggers():
        Package.objects.update(cells=200, withheld=50)
    counts = {row["due"]: row["many"] for row in figures.destruction(timezone.now())}
    assert counts["Within 30 days"] == 1
    [cells] = figures.disclosure(timezone.now())["cells"]
    assert (cells["cells"], cells["withheld"]) == (200, 50)


def test_figures_are_computed_once_an_hour_and_shown(people: dict[str, Person]) -> None:
    factories.with_package(people, State.IN_USE)
    client = signed_in(people["program_analyst"])
    assert "within an hour" in client.get(reverse("dashboards")).content.decode()
    now = timezone.now()
    assert figures.follow(now)
    assert not figures.follow(now + timedelta(minutes=59))
    assert figures.follow(now + timedelta(minutes=61))
    assert Figure.objects.count() == 4
    shown = client.get(reverse("dashboards")).content.decode()
    assert "No destruction is overdue" in shown
    assert signed_in(people["coordinator"]).get(reverse("dashboards")).status_code == 403


def test_published_times_tell_nothing_about_one_request(people: dict[str, Person]) -> None:
    request = workflow.transition(factories.submitted(people), "start_review", actor=people["program_analyst"])
    figures.compute(timezone.now())
    chart, _ = published()
    assert chart is not None
    assert [bar.name for bar in chart.drawing.bars] == [row[0] for row in chart.rows] == ["Submitted"]
    page = signed_in(people["coordinator"]).get(reverse("how_long")).content.decode()
    assert "Submitted" in page
    assert request.number not in page


def test_stacked_bars_lie_end_to_end_and_marks_stand_for_what_is_missing() -> None:
    drawing = stacked(["A", "B"], [Series("x", [2, None]), Series("y", [1.5, None])], [4, None])
    first, second = drawing.bars
    assert [(piece.name, piece.value) for piece in first.pieces] == [("A, x", 2), ("A, y", 1.5)]
    assert first.pieces[1].x == pytest.approx(first.pieces[0].x + first.pieces[0].length, abs=0.2)
    assert first.target_x is not None
    assert first.target_x > first.pieces[1].x + first.pieces[1].length
    assert (second.pieces, second.target_x, second.figure.value) == ((), None, None)


def test_list_as_file_holds_what_the_list_shows_and_harmless_cells(people: dict[str, Person]) -> None:
    request = factories.submitted(people)
    DataRequest.objects.filter(pk=request.pk).update(title='=HYPERLINK("x")')
    factories.submitted(people, Kind.MACRO)
    answer = signed_in(people["program_analyst"]).get(reverse("request_list") + "?kind=micro&export=csv")
    head, row = csv.reader(io.StringIO(b"".join(answer.streaming_content).decode()))  # type: ignore[attr-defined]
    assert head[:2] == ["number", "title"]
    assert row[:2] == [request.number, '\'=HYPERLINK("x")']
    assert Event.objects.filter(kind="requests.export").count() == 1


def test_list_is_narrowed_by_state_and_lateness(people: dict[str, Person]) -> None:
    late, new = factories.submitted(people), factories.submitted(people)
    aged(late, 40)
    client, page = signed_in(people["program_analyst"]), reverse("request_list")
    shown = client.get(f"{page}?late=on&agency=RI").content.decode()
    assert (late.number in shown, new.number in shown) == (True, False)
    assert "No request matches" in client.get(f"{page}?agency=DE").content.decode()


def test_view_is_saved_shown_and_removed_by_its_owner_only(people: dict[str, Person]) -> None:
    client = signed_in(people["program_analyst"])
    client.post(reverse("save_view"), {"name": "Late ones", "query": "late=on&"})
    [view] = people["program_analyst"].saved_views.all()
    assert (view.name, view.query) == ("Late ones", "late=on")
    assert "Late ones" in client.get(reverse("request_list")).content.decode()
    drop = reverse("drop_view", args=[view.pk])
    assert signed_in(people["approving_official"]).post(drop).status_code == 404
    client.post(drop)
    assert not people["program_analyst"].saved_views.exists()
