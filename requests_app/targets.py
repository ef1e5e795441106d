"""How long each step should take, in business days; a target, not a limit: what is late is told, never taken away.

The figures are the program's own and a setting (`STEP_TARGET_DAYS`); where nothing is set, they follow what comparable
programs promise: five business days for a cursory check, twelve weeks from submission to decision at most.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cache

from django.conf import settings
from django.utils import timezone

from requests_app.business_days import add_business_days, is_business_day
from requests_app.states import State

ANSWER_DAYS = 5
SOON_BEFORE = 2  # business days before the day it is due, where the target is longer
DAILY_MAIL_AT = time(7)
ESCALATE_AFTER = 5  # business days past the target
DEFAULT_DAYS: Mapping[State, int] = {
    State.SUBMITTED: 2,
    State.IN_REVIEW: 10,
    State.RECOMMENDED: 5,
    State.RETURNED: 20,
    State.APPEALED: 20,
    State.AWAITING_COHORT: 40,
    State.FAILED: 2,
    State.DISCLOSURE_REVIEW: 10,
    State.READY_FOR_RELEASE: 2,
    State.RELEASED: 20,
    State.CLEARED_TO_SHARE: 20,
    State.DESTRUCTION_CONFIRMED: 5,
}


class Occasion(StrEnum):
    """What a clock tells of: that the day comes near, that it has passed, and that the next desk must look."""

    SOON = "soon"
    LATE = "late"
    ESCALATED = "escalated"


def target_days(state: State) -> int | None:
    """The business days a request should stand in `state` at most; None where no target is set."""
    own: Mapping[str, int] = settings.STEP_TARGET_DAYS
    return own.get(state.value, DEFAULT_DAYS.get(state))


def due_on(state: State, since: datetime) -> date | None:
    """The last business day on which a step is in time that has been waited for since then (local dates)."""
    days = target_days(state)
    return add_business_days(timezone.localdate(since), days) if days else None


def late_if_before(state: State, today: date) -> datetime | None:
    """What entered `state` before this moment is late on `today`; None where no target is set.

    So that a database can find what is late: the first local midnight whose day's work would still be in time.
    """
    days = target_days(state)
    return _start(first_in_time(days, today)) if days else None


def reached_if_before(state: State, occasion: Occasion, today: date) -> datetime | None:
    """What entered `state` before this moment has reached the occasion by `today`; None where the state has none."""
    days = target_days(state)
    if not days or (occasion is Occasion.SOON and days <= SOON_BEFORE):
        return None
    if occasion is Occasion.LATE:
        return _start(first_in_time(days, today))
    further = days - SOON_BEFORE if occasion is Occasion.SOON else days + ESCALATE_AFTER
    return _start(first_in_time(further, today + timedelta(days=1)))


def reached_on(state: State, occasion: Occasion, since: datetime) -> date:
    """The local day on which the occasion comes."""
    days, start = target_days(state) or 0, timezone.localdate(since)
    if occasion is Occasion.LATE:
        return add_business_days(start, days) + timedelta(days=1)
    return add_business_days(start, days - SOON_BEFORE if occasion is Occasion.SOON else days + ESCALATE_AFTER)


@cache
def first_in_time(days: int, today: date) -> date:
    """The earliest day from which `days` business days lead to `today` or a later day; `today` itself for none."""
    if not days:
        return today
    day, left = today - timedelta(days=1), days - 1
    while left or not is_business_day(day):
        left -= is_business_day(day)
        day -= timedelta(days=1)
    return day


def _start(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def next_daily_mail(now: datetime) -> datetime:
    """When the next mail of the day goes: at seven in the morning, local time, of a business day."""
    local = timezone.localtime(now)
    day = local.date()
    if local.time() >= DAILY_MAIL_AT or not is_business_day(day):
        day = add_business_days(day, 1)
    return timezone.make_aware(datetime.combine(day, DAILY_MAIL_AT))
