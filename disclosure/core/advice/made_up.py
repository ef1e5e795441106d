"""A table of made-up numbers in the layout of a design, so that it can be looked at before anything is counted.

The rows go through the real tabulator, so levels, totals and columns are those of the table; their amounts follow from
the codes alone. Nothing confidential is behind them, and nothing of them is a forecast.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import pyarrow as pa

from disclosure.core.measures import CATALOGUE, Change, Quantile, bases
from disclosure.core.package.published_table import PublishedTable, rows_of
from disclosure.core.qcew.cells import QcewCells, tabulate_qcew
from disclosure.core.tabulation.cells import Cells, Key, tabulate
from disclosure.core.tabulation.design import DIMENSIONS, TableDesign

TITLE = "Made-up numbers"
SIZES = ("1", "4")
TENURES = ("1", "2-3", "4-7")
OWNERS = ("5", "3")
AFTER = (1, 2)
EMPLOYERS, PEOPLE = 3, 20  # rows behind each finest cell
_WITHHELD_IN = 6
_YEAR = 10  # in a quarter written YYYYQ
_WHERE = ("state", "area", "industry", "ownership", "tenure")  # what a person without a wage record has not
_PERSON_ROWS = "persons"

# The part of a cell's persons, jobs or employment that each count has; a part is never more than its whole.
_PART = {
    "persons": 1.0, "jobs": 1.0, "month1": 1.0, "month2": 1.0, "month3": 1.0, "employment_before": 1.0,
    "emp_total": 1.0, "emp_beginning": 0.9, "emp_end": 0.9, "employed": 0.8, "emp_full": 0.8, "started": 0.7,
    "employed_both": 0.65, "compared": 0.65, "full_quarter": 0.6, "in_same_state": 0.55, "retained": 0.5,
    "moves_within": 0.6, "stable_moves": 0.5, "jobs_with_hours": 0.5, "jobs_with_weeks": 0.5,
    "contractions": 0.12, "establishments": 0.1, "closings": 0.08,
}  # fmt: skip
_OTHERS = 0.15
_LESS = {"in_other_state": ("employed", "in_same_state")}  # the rest of one count beside another
# Dollars, hours or weeks: of which count, and how many for each.
_EACH = {
    "wages": ("jobs", 9_400), "full_quarter_wages": ("emp_full", 10_200), "earnings": ("employed", 9_800),
    "full_quarter_earnings": ("full_quarter", 10_400), "earnings_compared": ("compared", 9_900),
    "earnings_before": ("compared", 9_500), "pay_before": ("stable_moves", 9_900),
    "pay_after": ("stable_moves", 10_700), "taxable_wages": ("month3", 4_100), "contributions": ("month3", 140),
    "hours": ("jobs_with_hours", 410),
    "weeks": ("jobs_with_weeks", 12),
}  # fmt: skip


@dataclass(frozen=True)
class Example:
    """The codes an example shows: quarters YYYYQ, states, counties and 6-digit industries, names of cohorts."""

    quarters: tuple[int, ...]
    states: tuple[str, ...]
    areas: tuple[str, ...]
    industries: tuple[str, ...]
    cohorts: tuple[str, ...] = ()


def made_up(design: TableDesign, example: Example) -> PublishedTable:
    """Return the table of a sound design with made-up numbers, some of its finest cells marked as withheld.

    Raises DesignError for a design that cannot be tabulated.
    """
    rows = list(_rows(design, example))
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    table = pa.table(columns)
    cells: Cells | QcewCells = tabulate_qcew(table) if design.layout == "qcew" else tabulate(table, design)
    finest = sorted(_finest(cells), key=lambda key: zlib.crc32("|".join(key).encode()))
    withheld = set(finest[: -(-len(finest) // _WITHHELD_IN)]) if len(finest) > 1 else set()
    return PublishedTable(
        "example", TITLE, ("quarter", *cells.design.dimensions), cells.design.measures, rows_of(cells, withheld)
    )


def _finest(cells: Cells | QcewCells) -> Iterator[Key]:
    """The cells that are the sum of no others."""
    if isinstance(cells, QcewCells):
        parents = set((cells.relations < 0).nonzero()[1].tolist())
        yield from (key for place, key in enumerate(cells.keys) if place not in parents)
        return
    tops = [set(tree.parent.tolist()) for tree in cells.hierarchies]
    for key, nodes in zip(cells.keys, cells.places[:, 1:].tolist(), strict=True):
        if not any(node in above for node, above in zip(nodes, tops, strict=True)):
            yield key


def _rows(design: TableDesign, example: Example) -> Iterator[dict[str, str | int]]:
    people = design.rows == _PERSON_ROWS
    codes = _codes(design, example)
    shown = [codes[name] if name in design.dimensions or design.layout == "qcew" else codes[name][:1]
             for name in DIMENSIONS]  # fmt: skip
    places = [dict(zip(DIMENSIONS, found, strict=True)) for found in product(*shown)]
    if people:
        nowhere = {tuple((place | dict.fromkeys(_WHERE, "")).items()) for place in places}
        places += [dict(one) for one in sorted(nowhere)]
    columns = _columns(design)
    for (quarter, since), place, number in product(
        _times(design, example), places, range(PEOPLE if people else EMPLOYERS)
    ):
        seed = f"{quarter}|{since}|{'|'.join(place.values())}|{number}"
        employed = not people or place["state"] != ""
        amounts = _amounts(columns, 1 if people else 4 + _draw(seed, 60), _draw(f"{seed}#", 100) / 100, employed)
        yield {"quarter": quarter, "since": since, "enterprise": seed, **place, **amounts}


def _times(design: TableDesign, example: Example) -> list[tuple[int, int]]:
    if design.time == "since":
        return [(example.quarters[0], since) for since in (design.after or AFTER)[:2]]
    quarters = set(example.quarters)
    if any(isinstance(CATALOGUE[name].formula, Change) for name in design.measures):
        quarters |= {quarter - _YEAR for quarter in quarters}  # or there were nothing to compare with
    return [(quarter, 0) for quarter in sorted(quarters)]


def _codes(design: TableDesign, example: Example) -> Mapping[str, Sequence[str]]:
    return {
        "cohort": example.cohorts or ("Your cohort",),
        "state": example.states,
        "area": example.areas,
        "industry": example.industries,
        "ownership": design.ownerships or OWNERS,
        "origin_state": example.states,
        "origin_industry": example.industries,
        "tenure": TENURES,
        "size": SIZES,
    }


def _columns(design: TableDesign) -> tuple[str, ...]:
    """Every column the measures need, those behind percentiles among them."""
    if design.layout == "qcew":
        return ("establishments", "month1", "month2", "month3", "wages", "taxable_wages", "contributions")
    formulas = [CATALOGUE[name].formula for name in design.measures]
    behind = [name for one in formulas if isinstance(one, Quantile) for name in (one.where, one.value)]
    return tuple(dict.fromkeys([*bases(design.measures), *behind, "persons"]))


def _amounts(columns: Sequence[str], size: int, chance: float, employed: bool) -> dict[str, int]:
    def count(name: str) -> int:
        if name in _LESS:
            whole, part = _LESS[name]
            return count(whole) - count(part)
        there = employed or name == "persons"
        return int(size * _PART.get(name, _OTHERS) + chance) if there else 0

    def amount(name: str) -> int:
        if name not in _EACH:
            return count(name)
        of, each = _EACH[name]
        of = "month3" if of == "jobs" and "month3" in columns else of
        return int(count(of) * each * (0.7 + 0.6 * chance))

    return {name: amount(name) for name in columns}


def _draw(seed: str, below: int) -> int:
    """A number that follows from the seed."""
    return zlib.crc32(seed.encode()) % below
