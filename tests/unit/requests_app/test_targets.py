"""Targets in business days: the day found forwards and the moment found backwards agree, on every day of two years."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from requests_app.states import State
from requests_app.targets import DEFAULT_DAYS, Occasion, due_on, late_if_before, reached_if_before, reached_on

DAYS = [date(2026, 1, 1) + timedelta(days=n) for n in range(0, 730, 3)]
LOOK_BACK = 75


@pytest.mark.parametrize("state", [State.SUBMITTED, State.IN_REVIEW, State.RETURNED])
def test_what_is_late_by_its_due_day_is_what_the_database_looks_for(state: State) -> None:
    for today in DAYS:
        bound = late_if_before(state, today)
        for back in range(LOOK_BACK):
            since = datetime(today.year, today.month, today.day, 17, tzinfo=UTC) - timedelta(days=back)
            due = due_on(state, since)
            assert due is not None
            assert bound is not None
            assert (due < today) is (since < bound), (today, since)


@pytest.mark.parametrize("occasion", list(Occasion))
def test_occasion_is_reached_on_the_day_that_the_sweep_looks_for(occasion: Occasion) -> None:
    for today in DAYS:
        bound = reached_if_before(State.IN_REVIEW, occasion, today)
        for back in range(LOOK_BACK):
            since = datetime(today.year, today.month, today.day, 17, tzinfo=UTC) - timedelta(days=back)
            assert bound is not None
            assert (reached_on(State.IN_REVIEW, occasion, since) <= today) is (since < bound), (today, since)


def test_due_day_leaves_out_weekends_and_holidays() -> None:
    since = datetime(2026, 11, 24, 15, tzinfo=UTC)  # the Tuesday before Thanksgiving
    assert due_on(State.SUBMITTED, since) == date(2026, 11, 27)


def test_short_target_has_no_reminder_before_it() -> None:
    assert reached_if_before(State.SUBMITTED, Occasion.SOON, timezone.localdate()) is None
    assert all(days > 0 for days in DEFAULT_DAYS.values())


def test_own_targets_come_before_the_usual_ones(settings: object) -> None:
    settings.STEP_TARGET_DAYS = {"in_review": 1}  # type: ignore[attr-defined]
    since = datetime(2026, 11, 24, 15, tzinfo=UTC)
    assert due_on(State.IN_REVIEW, since) == date(2026, 11, 25)
