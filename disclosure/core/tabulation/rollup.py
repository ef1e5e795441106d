"""Contributions added up to cells, one level of the table at a time: one sort, then sums over runs.

A key packs a cell and an enterprise into one 64-bit word, so that sorting words brings the contributions of one
enterprise to one cell together, and all of a cell, in the order a sparse matrix wants. Only the finest level is made
from the rows; each other one from what enterprises contribute to the smallest finer level that has all of its codes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from disclosure.core.tabulation.contributions import Ints
from disclosure.core.tabulation.crossing import Crossing, Levels

_WORD_BITS = 63


@dataclass(frozen=True)
class Entries:
    """What each enterprise contributes to each cell of a level (e), by cell, then enterprise; `amounts` by column."""

    cells: Ints
    enterprises: Ints
    amounts: dict[str, Ints]


@dataclass(frozen=True)
class Level:
    """The cells of one level: `keys` (c) ascending, their `sums` (c) per column; the known enterprises of each, one
    after the other: `counts` (c), `enterprises` (e), `amounts` (e) per column."""

    keys: Ints
    sums: dict[str, Ints]
    counts: Ints
    enterprises: Ints
    amounts: dict[str, Ints]


class EveryLevel:
    """The entries of every level of a crossing, from rows (n) with an enterprise and amounts; each made once."""

    def __init__(self, crossing: Crossing, enterprise: Ints, amounts: Mapping[str, Ints]) -> None:
        self._crossing, self._enterprise, self._amounts = crossing, enterprise, amounts
        self._finest = tuple(len(tree.levels) - 1 for tree in crossing.trees)
        self._made: dict[Levels, Entries] = {}

    def entries(self, level: Levels) -> Entries:
        """Return the entries of a level."""
        if level not in self._made:
            self._made[level] = self._of_rows() if level == self._finest else self._of_finer(level)
        return self._made[level]

    def _of_rows(self) -> Entries:
        return _added_up(self._crossing.key(self._finest), self._enterprise, self._amounts)

    def _of_finer(self, level: Levels) -> Entries:
        finer = min(self._crossing.finer(level), key=lambda one: len(self.entries(one).cells))
        return self._coarser(self.entries(finer), finer, level)

    def _coarser(self, given: Entries, finer: Levels, level: Levels) -> Entries:
        cells, here = self._crossing.step(given.cells, finer, level)
        if here.all():
            return _added_up(cells, given.enterprises, given.amounts)
        amounts = {name: column[here] for name, column in given.amounts.items()}
        return _added_up(cells[here], given.enterprises[here], amounts)


def _added_up(cell: Ints, enterprise: Ints, amounts: Mapping[str, Ints]) -> Entries:
    """Add up by cell and enterprise. Sums are exact: whole numbers in 64 bits."""
    bits = max(int(enterprise.max(initial=0)), 1).bit_length()
    word, order = in_order((cell << bits) | enterprise)
    starts = run_starts(word)
    word = word[starts]
    sums = {name: run_sums(column[order], starts) for name, column in amounts.items()}
    return Entries(word >> bits, word & ((1 << bits) - 1), sums)


def roll_up(entries: Entries, spread: Sequence[str], unknown: int) -> Level:
    """Add entries up to cells, and keep those of the columns in `spread` by enterprise.

    Enterprise `unknown` (-1: none) is nobody: it counts in sums only.
    """
    cells = run_starts(entries.cells)
    known = entries.enterprises != unknown
    whole = bool(known.all())
    return Level(
        keys=entries.cells[cells],
        sums={name: run_sums(column, cells) for name, column in entries.amounts.items()},
        counts=run_sums(known.astype(np.int64), cells),
        enterprises=entries.enterprises if whole else entries.enterprises[known],
        amounts={name: entries.amounts[name] if whole else entries.amounts[name][known] for name in spread},
    )


def assemble(
    levels: Sequence[Level], cell_keys: Ints, width: int, names: Sequence[str], spread: Sequence[str]
) -> tuple[dict[str, Ints], dict[str, sparse.csr_matrix], Ints]:
    """Put the levels' cells into the order of `cell_keys` (n, ascending, all of them and more).

    Returns sums (n) per column, a matrix cells x enterprises per column of `spread`, and the enterprises' number (n).
    """
    places = [np.searchsorted(cell_keys, level.keys) for level in levels]
    sums = {name: np.zeros(len(cell_keys), dtype=np.int64) for name in names}
    counts = np.zeros(len(cell_keys), dtype=np.int64)
    for level, place in zip(levels, places, strict=True):
        counts[place] = level.counts
        for name in names:
            sums[name][place] = level.sums[name]
    first = np.concatenate([[0], np.cumsum(counts)])
    index_type = np.int32 if max(int(first[-1]), width) < 2**31 - 1 else np.int64
    columns = np.empty(int(first[-1]), dtype=index_type)
    data = {name: np.empty(len(columns), dtype=np.int64) for name in spread}
    for level, place in zip(levels, places, strict=True):
        ends = np.cumsum(level.counts)
        target = np.repeat(first[place] - (ends - level.counts), level.counts) + np.arange(len(level.enterprises))
        columns[target] = level.enterprises
        for name in spread:
            data[name][target] = level.amounts[name]
    shape, starts = (len(cell_keys), width), first.astype(index_type)
    matrices = {name: sparse.csr_matrix((data[name], columns, starts), shape=shape) for name in spread}
    return sums, matrices, counts


def run_starts(ordered: Ints) -> Ints:
    """Return where each run of equal values starts."""
    change = np.ones(len(ordered), dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=change[1:])
    return np.flatnonzero(change)


def run_sums(column: Ints, starts: Ints) -> Ints:
    """Return the sum of each run."""
    return np.add.reduceat(column, starts) if len(starts) else np.empty(0, dtype=np.int64)


def in_order(words: Ints) -> tuple[Ints, Ints]:
    """Return words (n, none negative) ascending and the row of each; sorting a word with its row is faster than
    sorting rows by words, where both fit into 64 bits."""
    bits = len(words).bit_length()
    if int(words.max(initial=0)).bit_length() + bits > _WORD_BITS:
        order = np.argsort(words, kind="stable")
        return words[order], order
    packed = np.sort((words << bits) | np.arange(len(words)))
    return packed >> bits, packed & ((1 << bits) - 1)
