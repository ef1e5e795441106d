"""What a reviewing state sees of an output: the tables with its own part and what changed marked, and its answers."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from disclosure.selectors.shown_tables import Key, ShownRow, ShownTable, laid_out, opened_tables
from disclosure.selectors.windows import Line
from requests_app import review_policies
from requests_app.form import read
from requests_app.models import PartnerReview, Person
from requests_app.selectors.life.titles import title

NOW_WITHHELD, NOW_SHOWN, NEW, OTHER_FIGURES = "Now withheld", "Now published", "New", "Other figures"
PLACES = {"area", "state", "origin", "destination"}


@dataclass(frozen=True)
class EarlierAnswer:
    """The state's last answer to an earlier package, with the cells it objected to in words."""

    review: PartnerReview
    cells: list[str]


@dataclass(frozen=True)
class Shown:
    """The tables for a reviewer; how many of their rows changed since the state's last answer, by kind of change.

    `changed` is None where the state answered nothing before; `gone` are rows that are no longer there, in words.
    """

    tables: list[ShownTable]
    own_rows: int
    changed: dict[str, int] | None
    gone: list[str]


def shown_for_review(review: PartnerReview, person: Person, earlier: EarlierAnswer | None) -> Shown:
    """Opens the output, and the one the state answered about before, and marks what is its own and what is new."""
    tables = opened_tables(review.package, person, "partner review")
    marked = [
        _owned(table, kept["dimensions"], str(review.agency.fips))
        for table, kept in zip(laid_out(tables, {}), tables, strict=True)
    ]
    own = sum(row.is_own for table in marked for row in table.rows)
    if earlier is None:
        return Shown(marked, own, None, [])
    now, before = _cells(tables), _cells(opened_tables(earlier.review.package, person, "partner review"))
    changes = {key: word for key in now if (word := _change(key, now, before))}
    dimensions = tables[0]["dimensions"] if tables else []
    gone = [_words(dimensions, key) for key in before if key not in now]
    told = [_each_row(table, lambda row: replace(row, change=changes.get(row.key, ""))) for table in marked]
    return Shown(told, own, dict(Counter(changes.values())), gone)


def rows_for_review(lines: list[Line], which: str) -> list[Line]:
    """Every row, or those about the reviewing state ("own"), or those that are others since its last answer
    ("changed")."""
    if which == "own":
        return [line for line in lines if line.row.is_own]
    return [line for line in lines if line.row.change] if which == "changed" else lines


def _cells(tables: list[dict[str, Any]]) -> dict[Key, tuple[Any, str]]:
    return {tuple(codes): (values, marker) for table in tables for codes, values, marker in table["rows"]}


def _change(key: Key, now: dict[Key, tuple[Any, str]], before: dict[Key, tuple[Any, str]]) -> str:
    """What became of a cell, in a word; empty where it is as it was."""
    if key not in before:
        return NEW
    (values, marker), (old_values, old_marker) = now[key], before[key]
    if marker != old_marker:
        return NOW_WITHHELD if marker else NOW_SHOWN
    return "" if marker or values == old_values else OTHER_FIGURES


def _owned(table: ShownTable, dimensions: list[str], fips: str) -> ShownTable:
    return _each_row(table, lambda row: replace(row, is_own=is_own(dimensions, row.key, fips)))


def _each_row(table: ShownTable, mark: Callable[[ShownRow], ShownRow]) -> ShownTable:
    groups = [replace(group, rows=[mark(row) for row in group.rows]) for group in table.groups]
    return replace(table, groups=groups)


def is_own(dimensions: list[str], key: Key, fips: str) -> bool:
    """The cell is about a place in the state: a county, or the state where people work, come from or go to."""
    return any(name in PLACES and code.startswith(fips) for name, code in zip(dimensions, key, strict=True))


def _words(dimensions: list[str], key: Key) -> str:
    return " · ".join(map(title, dimensions, key))


def earlier_answer(review: PartnerReview) -> EarlierAnswer | None:
    """What the same state answered about the package before this one; None where it was not asked."""
    package = review.package
    earlier = PartnerReview.objects.filter(
        agency=review.agency, package__request=package.request, package__version__lt=package.version
    ).exclude(verdict=PartnerReview.Verdict.OPEN)
    last = earlier.select_related("package", "answered_by").order_by("package__version").last()
    if last is None:
        return None
    return EarlierAnswer(last, cells_in_words(last))


def cells_in_words(review: PartnerReview) -> list[str]:
    """The cells an answer objects to: "2016 Q1 · Kent County, Delaware · Food services"."""
    dimensions = ["quarter", *read(review.package.request).design.get("dimensions", [])]
    return [_words(dimensions, cell) for cell in review.cells]


def answers_of_all(review: PartnerReview) -> list[PartnerReview]:
    """How every state answered about these bytes, once the review is over; before that the states do not know.

    The answers only: reasons and cells are between each state and BLS.
    """
    if not review_policies.is_decided(review.request):
        return []
    asked = PartnerReview.objects.filter(package=review.package).select_related("agency")
    return list(asked.order_by("agency__state_name"))
