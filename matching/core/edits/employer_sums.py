"""Sums per employer's unit, kept at the load: persons, records, wages, and the two persons with most wages.

Each record of a person who cannot be matched (person 0) counts as a person of its own.
"""

import numpy as np
import numpy.typing as npt

from matching.core.micro.record_order import Columns

NOBODY = np.iinfo(np.int64).min  # no second person
_WAGE_BITS = 40  # of a packed word
_HALF = 1 << (_WAGE_BITS - 1)
_MOST_UNITS = 1 << (63 - _WAGE_BITS)
Sums = npt.NDArray[np.int64]


class EmployerSums:
    """Takes sorted records range by range; a person's records all come in one range. One place per unit."""

    def __init__(self, units: int) -> None:
        self.jobs: Sums = np.zeros(units, np.int64)
        self.persons: Sums = np.zeros(units, np.int64)
        self.wages: Sums = np.zeros(units, np.int64)
        self.largest: Sums = np.full(units, NOBODY)
        self.second: Sums = np.full(units, NOBODY)

    def add(self, records: Columns) -> None:
        """Records in record order; ``unit`` is the place of the unit."""
        person, unit = records["person"], records["unit"]
        if len(person) == 0:
            return
        begins = np.ones(len(person), bool)
        begins[1:] = (person[1:] != person[:-1]) | (unit[1:] != unit[:-1]) | (person[1:] == 0)
        first = np.flatnonzero(begins)
        wages = np.add.reduceat(records["wages"], first, dtype=np.int64)
        units, each_has = unit[first], len(self.jobs)
        self.jobs += np.bincount(unit, minlength=each_has)
        self.persons += np.bincount(units, minlength=each_has)
        np.add.at(self.wages, units, wages)
        self._compare(units, wages)

    def _compare(self, units: npt.NDArray[np.int32], wages: Sums) -> None:
        """The two largest of this range against the two so far."""
        units, wages = _sorted(units, wages)
        last = np.flatnonzero(np.concatenate([units[1:] != units[:-1], [True]]))
        before = np.maximum(last - 1, 0)
        several = (last > 0) & (units[before] == units[last])
        place = units[last]
        most, next_most = wages[last], np.where(several, wages[before], NOBODY)
        largest, second = self.largest[place], self.second[place]
        self.largest[place] = np.maximum(largest, most)
        self.second[place] = np.maximum(np.minimum(largest, most), np.maximum(second, next_most))


def _sorted(units: npt.NDArray[np.int32], wages: Sums) -> tuple[npt.NDArray[np.int32], Sums]:
    """By unit, then wages. Both are packed into one word where they fit, because sorting words is much faster."""
    if max(-int(wages.min()), int(wages.max())) >= _HALF or int(units.max()) >= _MOST_UNITS:
        order = np.lexsort((wages, units))
        return units[order], wages[order]
    word = (units.astype(np.int64) << _WAGE_BITS) + (wages + _HALF)
    word.sort()
    return (word >> _WAGE_BITS).astype(np.int32), (word & (2 * _HALF - 1)) - _HALF
