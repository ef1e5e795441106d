"""Cells beside other cells of their table: a year before, or the totals a location quotient is made of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from disclosure.core.measures import Change, Quotient
from disclosure.core.tabulation.contributions import Ints
from disclosure.core.tabulation.crossing import Bools
from disclosure.core.tabulation.hierarchy import Hierarchy
from matching.core.qcew.figures import change_in_tenths, quotient_in_hundredths

NOWHERE = -1
_YEAR = {"quarter": 10, "year": 1}  # between a period and the one a year before, as periods are written


def others(
    formula: Change | Quotient, places: Ints, periods: Sequence[int], trees: Sequence[Hierarchy], time: str
) -> tuple[Ints, ...]:
    """Return the cells (n each) that a formula compares the cells at `places` (n, 1 + dimensions) with; -1: none."""
    if isinstance(formula, Change):
        before = _a_year_before(periods, time)[places[:, 0]]
        return (_positions(np.column_stack([before, places[:, 1:]]), places, len(periods), trees),)
    area = 1 + next((axis for axis, tree in enumerate(trees) if tree.name == "area"), len(trees))
    top = np.zeros_like(places)
    top[:, 0] = places[:, 0]
    own_area, all_areas = top.copy(), places.copy()
    if area <= len(trees):
        own_area[:, area], all_areas[:, area] = places[:, area], 0
    return tuple(_positions(one, places, len(periods), trees) for one in (own_area, all_areas, top))


def compare(formula: Change | Quotient, value: Ints, defined: Bools, beside: Sequence[Ints]) -> tuple[Ints, Bools]:
    """Return the comparison of `value` (n) with those `beside` it, in units of its last decimal, and where it is
    defined."""
    there = defined & np.logical_and.reduce([(one >= 0) & defined[one] for one in beside])
    found = [np.where(there, value[one], 0) for one in beside]
    if isinstance(formula, Quotient):
        area, everywhere, all_of_all = found
        there &= (area > 0) & (everywhere > 0) & (all_of_all > 0)
        return quotient_in_hundredths(np.where(there, value, 0), area, everywhere, all_of_all), there
    change = np.where(there, value - found[0], 0)
    return (change_in_tenths(change, found[0]) if formula.percent else change), there


def _a_year_before(periods: Sequence[int], time: str) -> Ints:
    place = {period: number for number, period in enumerate(periods)}
    return np.array([place.get(period - _YEAR[time], NOWHERE) for period in periods], dtype=np.int64)


def _positions(wanted: Ints, places: Ints, periods: int, trees: Sequence[Hierarchy]) -> Ints:
    """Return which row of `places` (sorted) each of the wanted is; -1 where it is none."""
    shape = (periods, *(tree.size for tree in trees))
    keys = np.ravel_multi_index(tuple(places.T), shape)
    sought = np.ravel_multi_index(tuple(np.maximum(wanted, 0).T), shape)
    found = np.minimum(np.searchsorted(keys, sought), max(len(keys) - 1, 0))
    return np.where((keys[found] == sought) & (wanted[:, 0] >= 0), found, NOWHERE) if len(keys) else sought
