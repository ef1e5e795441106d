"""How dates, quarters, money and counts read on a page (ux.md, "Principles" 7 and 8).

Formatting only: a value in, its words out. `None` reads as nothing; what cannot be read is shown as it came.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.core.paginator import Paginator
from django.utils import dateformat, timezone

from requests_app.business_days import business_days_between

register = template.Library()


@register.filter
def day(value: date | None) -> str:
    """14 August 2026. A moment is first brought to local time."""
    return "" if value is None else dateformat.format(_local_day(value), "j F Y")


@register.filter
def moment(value: datetime | None) -> str:
    """14 August 2026, 3:05 p.m. EDT."""
    return "" if value is None else dateformat.format(timezone.localtime(value), "j F Y, g:i a T")


def clock(value: datetime) -> str:
    """3:05 p.m. EDT."""
    return dateformat.format(timezone.localtime(value), "g:i a T")


@register.filter
def with_column(cells: Sequence[Any], columns: Sequence[str]) -> list[tuple[str, Any]]:
    """Each cell of a row with the heading of its column, one of the last; one or two cells need none."""
    said = 2 < len(cells) <= len(columns)
    names = list(columns)[-len(cells) :] if said else [""] * len(cells)
    return list(zip(names, cells, strict=True))


@register.filter
def due(value: date | None, today: date | None = None) -> str:
    """14 August 2026 (in 9 business days), (today) or (3 business days late), on the federal calendar."""
    if value is None:
        return ""
    end, start = _local_day(value), today or timezone.localdate()
    return f"{day(end)} ({_distance(start, end)})"


@register.filter
def quarter(value: int | str | None) -> str:
    """20161 reads 2016 Q1."""
    text = "" if value is None else str(value)
    if len(text) == 5 and text.isdigit() and text[4] in "1234":
        return f"{text[:4]} Q{text[4]}"
    return text


@register.filter
def quarters(values: Iterable[int] | None) -> str:
    """20161, 20162, 20164 read 2016 Q1 to 2016 Q2, 2016 Q4: neighbours are joined."""
    runs: list[list[int]] = []
    for value in sorted(set(values or [])):
        if runs and _next_quarter(runs[-1][-1]) == value:
            runs[-1].append(value)
        else:
            runs.append([value])
    return ", ".join(quarter(r[0]) if len(r) == 1 else f"{quarter(r[0])} to {quarter(r[-1])}" for r in runs)


@register.filter
def count(value: int | None) -> str:
    """1,234."""
    return "" if value is None else f"{value:,}"


@register.filter
def count_of(value: int | None, noun: str) -> str:
    """1,234 rows; 1 row. An irregular plural is given as "person,people"."""
    if value is None:
        return ""
    one, _, many = noun.partition(",")
    return f"{value:,} {one if value == 1 else many or one + 's'}"


@register.filter
def total_of(paginator: Paginator, noun: str) -> str:
    """12 requests; of a list that is not counted to its end, more than 1,000 requests."""
    words = count_of(paginator.count, noun)
    return f"More than {words}" if getattr(paginator, "is_longer", False) else words


@register.filter
def money(value: int | float | Decimal | None) -> str:
    """Whole dollars as $1,234; an amount with cents as $1,234.50."""
    if value is None:
        return ""
    places = 0 if value == int(value) else 2
    return f"{'-' if value < 0 else ''}${abs(value):,.{places}f}"


@register.filter
def percent(value: float | Decimal | None) -> str:
    """A share of 0.431 reads 43.1%; whole percents have no decimal."""
    if value is None:
        return ""
    hundredths = round(float(value) * 100, 1)
    return f"{hundredths:,.0f}%" if hundredths == int(hundredths) else f"{hundredths:,.1f}%"


def _local_day(value: date) -> date:
    if isinstance(value, datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value


def _distance(start: date, end: date) -> str:
    if start == end:
        return "today"
    days, unit = abs(business_days_between(start, end)), "business day"
    if not days:
        days, unit = abs((end - start).days), "day"
    words = count_of(days, unit)
    return f"{words} late" if end < start else f"in {words}"


def _next_quarter(value: int) -> int:
    return value + 7 if value % 10 == 4 else value + 1
