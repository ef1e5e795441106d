"""Records set aside by ranges of persons, and given back one range after the other in the order of the match."""

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

from matching.core.micro.record_order import ROW, Columns, in_record_order
from matching.segments.spill import Spill

_PERSON_BITS = 18  # persons of a range, unless that would make more than 256 files
_RANGE_BITS = 8
_PARTS = 64
Rows = npt.NDArray[np.void]


class RecordRanges:
    """Takes rows (dtype ``ROW``) in any order; `in_order` gives them sorted.

    A range holds so many persons, who have a few records each. Person 0 is set apart by units: a dirty file may have
    any number of records of nobody.
    """

    def __init__(self, folder: Path, persons: int) -> None:
        self._shift = max(_PERSON_BITS, persons.bit_length() - _RANGE_BITS)
        self._somebody = Spill(folder, "persons", ROW)
        self._nobody = Spill(folder, "nobody", ROW)
        self._nobody_by_unit = Spill(folder, "nobody_by_unit", ROW)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for spill in (self._somebody, self._nobody, self._nobody_by_unit):
            spill.__exit__(kind, error, at)

    def add(self, rows: Rows) -> None:
        """The next rows; not from two threads at once."""
        nobody = rows["person"] == 0
        if nobody.any():
            self._nobody.add(rows["unit"][nobody] % _PARTS, rows[nobody])
            rows = rows[~nobody]
        self._somebody.add(rows["person"] >> self._shift, rows)

    def in_order(self, place: npt.NDArray[np.int32]) -> Iterator[Columns]:
        """All rows in record order, by ranges; ``place`` is the final number of each unit, from 0 on."""
        for rows in _renumbered(self._nobody, place):
            self._nobody_by_unit.add(rows["unit"].astype(np.int64) * _PARTS // len(place), rows)
        yield from map(in_record_order, map(self._nobody_by_unit.take, self._nobody_by_unit.buckets))
        yield from map(in_record_order, _renumbered(self._somebody, place))


def _renumbered(spill: Spill, place: npt.NDArray[np.int32]) -> Iterator[Rows]:
    for rows in map(spill.take, spill.buckets):
        rows["unit"] = place[rows["unit"]]
        yield rows
