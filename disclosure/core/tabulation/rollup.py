"""Contributions added up to cells, one level of the table at a time: one sort, then sums over runs.

A key packs a cell and an enterprise into one 64-bit word, so that sorting words brings the contributions of one
enterprise to one cell together, and all of a cell, in the order a sparse matrix wants.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from disclosure.core.tabulation.contributions import Ints


@dataclass(frozen=True)
class Level:
    """The cells of one level: `keys` (c) ascending, their `sums` (c) per column; the known enterprises of each, one
    after the other: `counts` (c), `enterprises` (e), `amounts` (e) per column."""

    keys: Ints
    sums: dict[str, Ints]
    counts: Ints
    enterprises: Ints
    amounts: dict[str, Ints]


def roll_up(cell: Ints, enterprise: Ints, amounts: Mapping[str, Ints], spread: Sequence[str], unknown: int) -> Level:
    """Add up `amounts` by cell, and those named in `spread` by cell and enterprise; all given by row (n).

    Enterprise `unknown` (-1: none) is nobody: it counts in sums only. Sums are exact: whole numbers in 64 bits.
    """
    bits = max(int(enterprise.max(initial=0)), 1).bit_length()
    word = (cell << bits) | enterprise
    order = np.argsort(word)
    word = word[order]
    starts = run_starts(word)
    word = word[starts]
    entry_cell, entry_enterprise = word >> bits, word & ((1 << bits) - 1)
    cells = run_starts(entry_cell)
    by_entry = {name: run_sums(column[order], starts) for name, column in amounts.items()}
    known = entry_enterprise != unknown
    counts = run_sums(known.astype(np.int64), cells)
    if not known.all():
        entry_enterprise = entry_enterprise[known]
    return Level(
        keys=entry_cell[cells],
        sums={name: run_sums(column, cells) for name, column in by_entry.items()},
        counts=counts,
        enterprises=entry_enterprise,
        amounts={name: by_entry[name] if len(entry_enterprise) == len(known) else by_entry[name][known]
                 for name in spread},
    )  # fmt: skip


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
