"""Percentiles of single values by cell, with the counts that protect them: how many lie below and above."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from disclosure.core.tabulation.contributions import Ints

_VALUE_BITS = 40


@dataclass(frozen=True)
class Percentile:
    """One percentile by cell (n): value, whether there is one, and how many values lie strictly below and above it."""

    value: Ints
    defined: npt.NDArray[np.bool_]
    below: Ints
    above: Ints


def percentiles(places: Iterable[Ints], values: Ints, percents: Sequence[int], cells: int) -> list[Percentile]:
    """Return the percentiles of `values` (k, non-negative, below 2^40) in `cells` cells.

    `places` yields, level by level of the table, the cell of every value, or -1; each cell belongs to one level.
    Linear between the two nearest values, rounded half up (type 7 of Hyndman and Fan 1996).
    """
    found = [_none(cells) for _ in percents]
    for place in places:
        here = place >= 0
        word = np.sort((place[here] << _VALUE_BITS) | values[here])
        cell = word >> _VALUE_BITS
        starts = np.flatnonzero(np.diff(cell, prepend=-1))
        ends = np.append(starts[1:], len(word))
        for percent, one in zip(percents, found, strict=True):
            _set(one, percent, word, cell[starts], starts, ends)
    return found


def _none(cells: int) -> Percentile:
    value, below, above = (np.zeros(cells, dtype=np.int64) for _ in range(3))
    return Percentile(value, np.zeros(cells, dtype=np.bool_), below, above)


def _set(one: Percentile, percent: int, word: Ints, cell: Ints, starts: Ints, ends: Ints) -> None:
    steps, rest = np.divmod((ends - starts - 1) * percent, 100)
    low = word[starts + steps] & ((1 << _VALUE_BITS) - 1)
    high = word[np.minimum(starts + steps + 1, ends - 1)] & ((1 << _VALUE_BITS) - 1)
    value = (2 * (100 * low + rest * (high - low)) + 100) // 200
    wanted = (cell << _VALUE_BITS) | value
    one.value[cell], one.defined[cell] = value, True
    one.below[cell] = np.searchsorted(word, wanted) - starts
    one.above[cell] = ends - np.searchsorted(word, wanted, side="right")
