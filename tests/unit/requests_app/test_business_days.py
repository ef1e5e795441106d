"""The federal calendar against OPM's published holidays, and counting on it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.business_days import add_business_days, business_days_between, federal_holidays, is_business_day

# OPM, "Federal Holidays", as kept by people who work Monday to Friday.
PUBLISHED = {
    2021: "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24",
    2026: "01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25",
}


@pytest.mark.parametrize("year", PUBLISHED)
def test_federal_holidays_are_those_published(year: int) -> None:
    assert sorted(federal_holidays(year)) == [date.fromisoformat(f"{year}-{day}") for day in PUBLISHED[year].split()]


def test_new_years_day_on_a_saturday_is_kept_in_december() -> None:
    assert not is_business_day(date(2021, 12, 31))
    assert is_business_day(date(2022, 1, 3))


def test_juneteenth_counts_from_2021() -> None:
    assert is_business_day(date(2020, 6, 19))


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        (date(2026, 8, 3), date(2026, 8, 14), 9),
        (date(2026, 8, 14), date(2026, 8, 3), -9),
        (date(2026, 11, 25), date(2026, 11, 27), 1),
        (date(2026, 8, 7), date(2026, 8, 9), 0),
        (date(2026, 8, 7), date(2026, 8, 7), 0),
    ],
)
def test_business_days_between_counts_the_end_not_the_start(start: date, end: date, days: int) -> None:
    assert business_days_between(start, end) == days


@given(start=st.dates(date(2015, 1, 1), date(2035, 1, 1)), days=st.integers(0, 2000))
def test_business_days_between_is_the_business_days_counted_one_by_one(start: date, days: int) -> None:
    counted = sum(is_business_day(start + timedelta(days=number + 1)) for number in range(days))
    assert business_days_between(start, start + timedelta(days=days)) == counted


@given(start=st.dates(date(2015, 1, 1), date(2035, 1, 1)), days=st.integers(1, 60))
def test_add_business_days_ends_on_a_business_day_that_counts_back(start: date, days: int) -> None:
    end = add_business_days(start, days)
    assert is_business_day(end)
    assert business_days_between(start, end) == days
    assert business_days_between(start, end - timedelta(days=1)) == days - 1


def test_add_business_days_refuses_none() -> None:
    with pytest.raises(ValueError, match="at least one"):
        add_business_days(date(2026, 8, 3), 0)
