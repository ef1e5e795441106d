"""Job histories: every pair of a person and an employer's account with its wages in each of some quarters.

All that flows, moves and outcomes ask is whether a pair has wages in a quarter and in those around it, so one row per
pair and one column per quarter turn each definition into a comparison of columns.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
NO_UNIT = -1


@dataclass(frozen=True)
class QuarterRecords:
    """The wage records of some persons in one quarter, (n,) each: person and account (from 0 on), unit, wages."""

    person: Ints
    account: Ints
    unit: Ints
    wages: Ints


@dataclass(frozen=True)
class Histories:
    """Jobs (j rows by person, then account) over quarters (q columns without gaps).

    `quarters` are YYYYQ; `known` (q) says which were searched. `wages` (j, q) sums a job's records; `records` (j, q)
    counts them; `unit` (j, q) is that of the record with most wages, NO_UNIT where there is none. `starts` (p) is the
    first row of each person that has any job, `persons` (p) who that is.
    """

    quarters: tuple[int, ...]
    known: Bools
    person: Ints
    account: Ints
    wages: Ints
    records: npt.NDArray[np.int32]
    unit: npt.NDArray[np.int32]
    starts: Ints
    persons: Ints

    @classmethod
    def of(cls, records: dict[int, QuarterRecords]) -> Self:
        """Lay out the records of some quarters; what lies between them was not searched."""
        quarters = between(min(records), max(records)) if records else ()
        column = {quarter: place for place, quarter in enumerate(quarters)}
        parts = [(column[quarter], part) for quarter, part in sorted(records.items()) if len(part.person)]
        person = _joined([part.person for _, part in parts])
        account = _joined([part.account for _, part in parts])
        row, first = _numbered(person, account)
        shape = (len(first), len(quarters))
        place = _joined([np.full(len(part.person), number) for number, part in parts]) * len(first) + row
        wages, count, unit = _cells([part for _, part in parts], place, shape)
        person = person[first]
        starts = np.flatnonzero(np.diff(person, prepend=-1))
        known = np.isin(quarters, list(records))
        return cls(quarters, known, person, account[first], wages, count, unit, starts, person[starts])

    @cached_property
    def held(self) -> Bools:
        """Which jobs have wages records in which quarters (j, q)."""
        return self.records > 0

    def held_in(self, column: int) -> Bools | None:
        """Which jobs have records in the quarter at `column`; None where it was not searched."""
        return self.held[:, column] if 0 <= column < len(self.quarters) and self.known[column] else None

    def of_person(self, column: npt.NDArray[Any]) -> Ints:
        """Add a column of jobs up by person (p)."""
        if not len(self.starts):
            return np.empty(0, np.int64)
        return np.asarray(np.add.reduceat(column.astype(np.int64), self.starts), np.int64)

    def best(self, wages: Ints, among: Bools) -> Ints:
        """The row of each person's job with the largest `wages` among some jobs (j), -1 where none: ties, the first."""
        if not len(self.starts):
            return np.empty(0, np.int64)
        offered = np.where(among, wages, np.iinfo(np.int64).min)
        most = np.maximum.reduceat(offered, self.starts)
        sizes = np.diff(np.append(self.starts, len(offered)))
        found = np.flatnonzero((offered == np.repeat(most, sizes)) & among)
        if not len(found):
            return np.full(len(self.starts), -1, np.int64)
        place = np.minimum(np.searchsorted(found, self.starts), len(found) - 1)
        best = found[place]
        ends = self.starts + sizes
        return np.where((best >= self.starts) & (best < ends), best, -1)


def between(first: int, last: int) -> tuple[int, ...]:
    """Every quarter (YYYYQ) from one to another."""
    return tuple(quarter_of(number) for number in range(ordinal(first), ordinal(last) + 1))


def ordinal(quarter: int) -> int:
    """Quarters counted without gaps from YYYYQ."""
    return quarter // 10 * 4 + quarter % 10 - 1


def quarter_of(number: int) -> int:
    """YYYYQ of a quarter counted without gaps."""
    return number // 4 * 10 + number % 4 + 1


def _joined(parts: Sequence[npt.NDArray[Any]]) -> Ints:
    return np.concatenate([np.empty(0, np.int64), *parts])


def _numbered(person: Ints, account: Ints) -> tuple[Ints, Ints]:
    """The row of each record, rows being the pairs in order, and a record of each row."""
    bits = max(int(account.max(initial=0)), 1).bit_length()
    word = (person << bits) | account
    order = np.argsort(word)
    begins = np.diff(word[order], prepend=-1) != 0
    row = np.empty(len(word), np.int64)
    row[order] = np.cumsum(begins) - 1
    return row, order[begins]


def _cells(
    parts: Sequence[QuarterRecords], place: Ints, shape: tuple[int, int]
) -> tuple[Ints, npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Wages and records added up by job and quarter (j, q), and the unit of the record with most wages; `place` counts
    the jobs of the first quarter, then those of the next."""
    wages, unit = np.zeros(shape[0] * shape[1], np.int64), np.full(shape[0] * shape[1], NO_UNIT, np.int32)
    given, units = _joined([part.wages for part in parts]), _joined([part.unit for part in parts])
    count = np.bincount(place, minlength=len(wages)).astype(np.int32)
    alone = count[place] == 1
    wages[place[alone]], unit[place[alone]] = given[alone], units[alone]
    several = np.flatnonzero(~alone)
    order = several[np.lexsort((-units[several], given[several], place[several]))]  # the last of a place: most wages
    np.add.at(wages, place[order], given[order])
    unit[place[order]] = units[order]
    wages, count, unit = (cells.reshape(shape[::-1]).T for cells in (wages, count, unit))  # a quarter lies together
    return wages, count, unit
