"""The sweep of what the calendar brings: at any times, late, twice, across holidays and summer time, the same."""

import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from requests_app.business_days import add_business_days
from requests_app.models import DataRequest, Destruction, Milestone, Notice, PartnerReview, Person, Question
from requests_app.services.bls_review import questions
from requests_app.services.life import milestones, workflow
from requests_app.states import State
from requests_app.targets import Occasion
from tests import factories

# Over Thanksgiving, the begin of summer time, or Christmas and New Year; the last occasion comes within four weeks.
STARTS = (
    datetime(2026, 11, 20, 15, tzinfo=UTC),
    datetime(2026, 3, 4, 4, 30, tzinfo=UTC),
    datetime(2026, 12, 22, tzinfo=UTC),
)
LAST = timedelta(days=28)
EXAMPLES = 60 if os.environ.get("WR_LONG") else 4


@pytest.fixture
def waiting(people: dict[str, Person]) -> DataRequest:
    """A request in review with an unanswered question."""
    request = workflow.transition(factories.submitted(people), "start_review", actor=people["program_analyst"])
    questions.ask(request, actor=people["program_analyst"], text="Which licences?")
    return request


def begin(request: DataRequest, start: datetime) -> None:
    """As if it had come into its state, and been asked about, at this moment."""
    with factories.behind_the_triggers():
        DataRequest.objects.filter(pk=request.pk).update(state_since=start)
        due = add_business_days(timezone.localdate(start), 5)
        Question.objects.filter(request=request).update(waits_since=start, due_on=due)


def told_by(request: DataRequest, times: Iterable[datetime]) -> list[tuple[object, ...]]:
    """What people have been told after sweeps at these times, and which milestones stand."""
    with transaction.atomic():
        Notice.objects.all().delete()
        for now in times:
            milestones.follow(now)
        notices = sorted(Notice.objects.values_list("person", "text", "path", "kind"))
        stood = sorted(Milestone.objects.values_list("clock", "subject", "occasion", "anchor", "reached_on"))
        transaction.set_rollback(True)
    return [*notices, *stood]


@pytest.mark.parametrize("start", STARTS)
def test_sweep_at_any_times_late_or_twice_tells_the_same(waiting: DataRequest, start: datetime) -> None:
    begin(waiting, start)
    every_day = told_by(waiting, [start + timedelta(days=n) for n in range(LAST.days + 1)])
    assert len({row[2] for row in every_day if row[0] in {"step", "question"}}) == len(Occasion)

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(st.timedeltas(timedelta(0), LAST), max_size=6))
    def at_any_times(offsets: list[timedelta]) -> None:
        times = [start + offset for offset in sorted(offsets)]
        assert told_by(waiting, [*times, *times[-1:], start + LAST]) == every_day

    at_any_times()


def test_destruction_and_states_reviews_are_told_the_same_whenever_one_looks(people: dict[str, Person]) -> None:
    start, weeks_later = STARTS[0], timedelta(days=47)
    held, package = factories.with_package(people, State.IN_USE)
    _, reviewed = factories.with_package(people, State.PARTNER_REVIEW, delivered=False)
    delaware = people["output_reviewer"].agency
    due_on = timezone.localdate(start) + timedelta(days=31)
    Destruction.objects.filter(package=package).update(due_on=due_on, due_since=start)
    PartnerReview.objects.create(
        package=reviewed, package_sha256=reviewed.sha256, agency=delaware, asked_at=start, due_since=start,
        due_on=add_business_days(timezone.localdate(start), 15),
    )  # fmt: skip
    every_day = told_by(held, [start + timedelta(days=n) for n in range(weeks_later.days + 1)])
    occasions = {(row[0], row[2]) for row in every_day if row[0] in {"destruction", "partner_review"}}
    weeks = {("destruction", f"week {n}") for n in range(3)}
    reviews = {("partner_review", name) for name in ("5 days", "1 days", "0 days", "late", "passed")}
    assert occasions == {("destruction", f"{n} days") for n in (30, 7, 0)} | weeks | reviews
    for offsets in ((), (11, 24, 25), (30, 38, 39), (46,)):
        times = [start + timedelta(days=day) for day in offsets]
        assert told_by(held, [*times, *times[-1:], start + weeks_later]) == every_day


def test_late_sweep_mails_only_the_newest_of_what_it_finds(waiting: DataRequest) -> None:
    start = timezone.now() - LAST
    begin(waiting, start)
    Notice.objects.all().delete()
    milestones.follow(timezone.now())
    about_step = Notice.objects.filter(path=f"/requests/{waiting.number}/")
    assert {notice.is_mailed for notice in about_step.filter(text__contains="should leave")} == {False}
    assert {notice.is_mailed for notice in about_step.filter(text__contains="still stands")} == {True}


def test_escalation_goes_to_the_next_desk(waiting: DataRequest, people: dict[str, Person]) -> None:
    begin(waiting, timezone.now() - LAST)
    Notice.objects.all().delete()
    milestones.follow(timezone.now())
    told = Notice.objects.filter(text__contains="still stands").values_list("person", flat=True)
    assert set(told) == {people["program_analyst"].pk, people["approving_official"].pk}


def test_suspended_request_is_not_reminded_of(waiting: DataRequest) -> None:
    begin(waiting, timezone.now() - LAST)
    DataRequest.objects.update(suspended_reason="An incident.")
    assert milestones.follow(timezone.now()) == 0


def test_state_that_was_left_is_not_told_of(waiting: DataRequest) -> None:
    begin(waiting, timezone.now() - LAST)
    factories.place(waiting, State.APPROVED)
    milestones.follow(timezone.now())
    assert not Milestone.objects.filter(clock="step").exists()
