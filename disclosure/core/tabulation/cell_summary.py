"""Sums and largest enterprise contributions of every cell, without all contributions: for tables of any size.

What the rules ask of a cell, and the forecast with them, needs no more. A coarser level is made from the cells of a
finer one, since an enterprise with one unit is in one cell of each level; only the enterprises with several units are
followed through all levels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from disclosure.core.measures import bases, protected
from disclosure.core.tabulation.contributions import Ints
from disclosure.core.tabulation.crossing import Bools, Crossing, check, enterprises, every_quarter, integers, kept_rows
from disclosure.core.tabulation.design import TableDesign
from disclosure.core.tabulation.rollup import in_order, run_starts, run_sums

Levels = tuple[int, ...]


@dataclass(frozen=True)
class CellSummary:
    """The cells of one table in display order, as `Cells` has them: `places` (n, 1 + dimensions), `values` (n) per
    additive column, `enterprises` (n), and the two largest contributions `largest` (n, 2) per protected column."""

    crossing: Crossing
    places: Ints
    values: dict[str, Ints]
    enterprises: Ints
    largest: dict[str, Ints]

    def __len__(self) -> int:
        return len(self.places)


@dataclass(frozen=True)
class _Part:
    """Cells of one level by ascending key (c): sums and the two largest of each column, and how many enterprises."""

    keys: Ints
    count: Ints
    sums: dict[str, Ints]
    first: dict[str, Ints]
    second: dict[str, Ints]


def summarize(contributions: pa.Table, design: TableDesign) -> CellSummary:
    """Tabulate contributions of employers into sums and largest contributions. Raises as `tabulate` does."""
    design.validate()
    check(contributions, design)
    kept = kept_rows(contributions, design)
    table = contributions if kept is None else contributions.filter(pa.array(kept))
    crossing = Crossing.of(table, design)
    names, enterprise = enterprises(table["enterprise"])
    amounts = {name: integers(table, name) for name in bases(design.measures)}
    spread = protected(design.measures)
    once = _with_one_row(crossing.quarter, enterprise, len(names), len(crossing.quarters))
    single = _Levels(crossing, once, enterprise, amounts, spread, by_enterprise=False)
    several = _Levels(crossing, ~once, enterprise, amounts, spread, by_enterprise=True)
    parts = [(single.part(level), several.part(level)) for level in crossing.choices()]
    return _together(crossing, parts, tuple(amounts), spread)


def _with_one_row(quarter: Ints, enterprise: Ints, names: int, quarters: int) -> Bools:
    """Return which rows are the only one of their enterprise in the quarter."""
    number = quarter * names + enterprise
    return np.asarray(np.bincount(number, minlength=names * quarters)[number] == 1, dtype=np.bool_)


class _Levels:
    """The levels of some rows, each made once, from the smallest finer level that has all of its codes."""

    def __init__(
        self, crossing: Crossing, rows: Bools, enterprise: Ints, amounts: Mapping[str, Ints], spread: tuple[str, ...],
        *, by_enterprise: bool,
    ) -> None:  # fmt: skip
        self._crossing, self._spread = crossing, spread
        self._bits = max(int(enterprise.max(initial=0)), 1).bit_length() if by_enterprise else 0
        self._finest = tuple(len(tree.levels) - 1 for tree in crossing.trees)
        word = crossing.key(self._finest)[rows]
        if by_enterprise:
            word = (word << self._bits) | enterprise[rows]
        columns = {name: column[rows] for name, column in amounts.items()}
        ones = np.ones(len(word), dtype=np.int64)
        empty = {name: np.zeros(len(word), dtype=np.int64) for name in spread}
        whole = _Part(word, ones, columns, {name: columns[name] for name in spread}, empty)
        self._made = {self._finest: self._merged(whole)}

    def part(self, level: Levels) -> _Part:
        """The cells of a level; of enterprises with several units, added up to cells."""
        made = self._of(level)
        if not self._bits:
            return made
        whole = {name: made.sums[name] for name in self._spread}
        nothing = {name: np.zeros_like(made.keys) for name in self._spread}
        return _merged(_Part(made.keys >> self._bits, made.count, made.sums, whole, nothing))

    def _of(self, level: Levels) -> _Part:
        if level not in self._made:
            finer = min(self._crossing.finer(level), key=lambda one: len(self._of(one).keys))
            self._made[level] = self._coarser(self._of(finer), finer, level)
        return self._made[level]

    def _coarser(self, part: _Part, finer: Levels, level: Levels) -> _Part:
        keys, here = self._crossing.step(part.keys >> self._bits, finer, level)
        if self._bits:
            keys = (keys << self._bits) | (part.keys & ((1 << self._bits) - 1))
        if not here.all():
            part, keys = _taken(part, here), keys[here]
        return self._merged(_Part(keys, part.count, part.sums, part.first, part.second))

    def _merged(self, part: _Part) -> _Part:
        """Cells of the same key made one; the parts of one enterprise are added up, not compared."""
        if not self._bits:
            return _merged(part)
        keys, order = in_order(part.keys)
        starts = run_starts(keys)
        sums = {name: run_sums(column[order], starts) for name, column in part.sums.items()}
        return _Part(keys[starts], np.ones(len(starts), dtype=np.int64), sums, {}, {})


def _taken(part: _Part, here: Bools) -> _Part:
    def of(columns: dict[str, Ints]) -> dict[str, Ints]:
        return {name: column[here] for name, column in columns.items()}

    return _Part(part.keys[here], part.count[here], of(part.sums), of(part.first), of(part.second))


def _merged(part: _Part) -> _Part:
    """Cells of the same key made one: sums, counts, and the two largest of all."""
    keys, order = in_order(part.keys)
    starts = run_starts(keys)
    ends = np.append(starts[1:], len(keys))
    first, second = {}, {}
    for name, column in part.first.items():
        first[name], second[name] = _two_largest(column[order], part.second[name][order], starts, ends)
    return _Part(
        keys[starts],
        run_sums(part.count[order], starts),
        {name: run_sums(column[order], starts) for name, column in part.sums.items()},
        first,
        second,
    )


def _two_largest(first: Ints, second: Ints, starts: Ints, ends: Ints) -> tuple[Ints, Ints]:
    """The two largest of each run, where each place brings its own two."""
    if not len(starts):
        return first, second
    most = np.maximum.reduceat(first, starts)
    found = np.flatnonzero(first == np.repeat(most, ends - starts))
    place = found[np.searchsorted(found, starts)]
    left = first.copy()
    left[place] = second[place]
    return most, np.maximum.reduceat(left, starts)


def _together(
    crossing: Crossing, parts: list[tuple[_Part, _Part]], names: tuple[str, ...], spread: tuple[str, ...]
) -> CellSummary:
    """All cells in display order, of the enterprises with one unit and with several."""
    keys = every_quarter([part.keys for pair in parts for part in pair], crossing.shape)
    values = {name: np.zeros(len(keys), dtype=np.int64) for name in names}
    count = np.zeros(len(keys), dtype=np.int64)
    top = {name: np.zeros((len(keys), 2), dtype=np.int64) for name in spread}
    for pair in parts:
        for part in pair:
            place = np.searchsorted(keys, part.keys)
            count[place] += part.count
            for name in names:
                values[name][place] += part.sums[name]
            for name in spread:
                _rank_in(top[name], place, part.first[name], part.second[name])
    places = np.stack(np.unravel_index(keys, crossing.shape), axis=1).astype(np.int64)
    return CellSummary(crossing, places, values, count, top)


def _rank_in(top: Ints, place: Ints, first: Ints, second: Ints) -> None:
    """Put two more contributions, the larger first, among the two largest of their cells."""
    was, was_next = top[place, 0], top[place, 1]
    top[place, 0] = np.maximum(was, first)
    top[place, 1] = np.maximum(np.minimum(was, first), np.maximum(was_next, second))
