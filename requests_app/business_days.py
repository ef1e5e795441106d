"""Business days on the federal calendar: deadlines are counted in days on which BLS and the states work.

Holidays are those of 5 U.S.C. 6103(a); one that falls on a Saturday is kept on the Friday before, one on a Sunday on
the Monday after (5 U.S.C. 6103(b), Executive Order 11582). Pure: no Django, no clock.
"""

from datetime import date, timedelta
from functools import cache

SATURDAY = 5
JUNETEENTH_SINCE = 2021

# month, weekday (Monday 0), which one of the month (-1: the last)
MOVING = ((1, 0, 3), (2, 0, 3), (5, 0, -1), (9, 0, 1), (10, 0, 2), (11, 3, 4))
FIXED = ((1, 1), (7, 4), (11, 11), (12, 25))


@cache
def federal_holidays(year: int) -> frozenset[date]:
    """The days kept as federal holidays for `year`; New Year's Day may be kept on 31 December of the year before."""
    fixed = [date(year, month, day) for month, day in FIXED]
    if year >= JUNETEENTH_SINCE:
        fixed.append(date(year, 6, 19))
    return frozenset([_kept_on(day) for day in fixed] + [_nth_weekday(year, *rule) for rule in MOVING])


def is_business_day(day: date) -> bool:
    """Monday to Friday and not a federal holiday."""
    holidays = federal_holidays(day.year) | federal_holidays(day.year + 1)
    return day.weekday() < SATURDAY and day not in holidays


def business_days_between(start: date, end: date) -> int:
    """Business days after `start` up to and including `end`; negative where `end` lies before `start`."""
    if end < start:
        return -business_days_between(end, start)
    holidays = set().union(*map(federal_holidays, range(start.year, end.year + 2)))
    return _weekdays_until(end) - _weekdays_until(start) - sum(start < day <= end for day in holidays)


def _weekdays_until(day: date) -> int:
    """Mondays to Fridays up to and including `day`. The calendar begins on a Monday; holidays are on these only."""
    weeks, rest = divmod(day.toordinal(), 7)
    return 5 * weeks + min(rest, 5)


def add_business_days(start: date, days: int) -> date:
    """The day that is `days` (1 or more) business days after `start`."""
    if days < 1:
        raise ValueError("a deadline lies at least one business day ahead")
    day = start
    while days:
        day += timedelta(days=1)
        days -= is_business_day(day)
    return day


def _kept_on(day: date) -> date:
    shift = {SATURDAY: -1, SATURDAY + 1: 1}.get(day.weekday(), 0)
    return day + timedelta(days=shift)


def _nth_weekday(year: int, month: int, weekday: int, which: int) -> date:
    if which < 0:
        last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        return last - timedelta(days=(last.weekday() - weekday) % 7)
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (which - 1))
