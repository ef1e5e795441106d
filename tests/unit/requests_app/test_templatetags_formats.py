"""Dates, quarters, money and counts as pages show them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from requests_app.templatetags import formats

TODAY = date(2026, 8, 3)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (date(2026, 8, 14), "14 August 2026 (in 9 business days)"),
        (date(2026, 8, 4), "4 August 2026 (in 1 business day)"),
        (TODAY, "3 August 2026 (today)"),
        (date(2026, 7, 29), "29 July 2026 (3 business days late)"),
        (date(2026, 8, 2), "2 August 2026 (1 business day late)"),
        (None, ""),
    ],
)
def test_due_counts_business_days(value: date | None, words: str) -> None:
    assert formats.due(value, TODAY) == words


def test_due_on_a_weekend_ahead_counts_days() -> None:
    assert formats.due(date(2026, 8, 8), date(2026, 8, 7)) == "8 August 2026 (in 1 day)"


def test_day_of_a_moment_is_the_local_day() -> None:
    assert formats.day(datetime(2026, 8, 15, 2, 0, tzinfo=UTC)) == "14 August 2026"


def test_moment_names_its_zone() -> None:
    assert formats.moment(datetime(2026, 8, 14, 19, 5, tzinfo=UTC)) == "14 August 2026, 3:05 p.m. EDT"
    assert formats.moment(datetime(2026, 12, 1, 14, 0, tzinfo=UTC)) == "1 December 2026, 9:00 a.m. EST"


@pytest.mark.parametrize(
    ("value", "words"), [(20161, "2016 Q1"), ("20164", "2016 Q4"), (20165, "20165"), ("soon", "soon"), (None, "")]
)
def test_quarter(value: int | str | None, words: str) -> None:
    assert formats.quarter(value) == words


def test_quarters_join_neighbours_across_years() -> None:
    assert formats.quarters([20171, 20164, 20163, 20182]) == "2016 Q3 to 2017 Q1, 2018 Q2"
    assert formats.quarters(None) == ""


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (8412345, "$8,412,345"),
        (0, "$0"),
        (-12, "-$12"),
        (Decimal("1234.5"), "$1,234.50"),
        (99.0, "$99"),
        (None, ""),
    ],
)
def test_money(value: int | float | Decimal | None, words: str) -> None:
    assert formats.money(value) == words


def test_counts() -> None:
    assert formats.count(1204) == "1,204"
    assert formats.count_of(1, "row") == "1 row"
    assert formats.count_of(0, "row") == "0 rows"
    assert formats.count_of(1204, "person,people") == "1,204 people"


@pytest.mark.parametrize(("share", "words"), [(0.431, "43.1%"), (1, "100%"), (0, "0%"), (None, "")])
def test_percent(share: float | None, words: str) -> None:
    assert formats.percent(share) == words


def test_cells_of_a_long_row_say_their_columns() -> None:
    columns = ["Number", "Where it stands", "Title", "State", "Since"]
    assert formats.with_column(["Nurses", "Ohio", "today"], columns) == [
        ("Title", "Nurses"), ("State", "Ohio"), ("Since", "today")
    ]  # fmt: skip
    assert formats.with_column(["Nurses"], columns) == [("", "Nurses")]
    assert formats.with_column(["a", "b", "c"], ["Only"]) == [("", "a"), ("", "b"), ("", "c")]
