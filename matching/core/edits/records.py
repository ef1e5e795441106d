"""Edits of wage records: what is flagged for a Data Steward to look at, and never rejected.

Pure functions over arrays of one range of persons, sorted by (person, unit, wages, hours, weeks). A flag says what is
unusual, not that it is wrong. The rules are ours; the one on outliers is Hoaglin, Iglewicz and Tukey's (`fences`).
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from matching.core.edits.fences import Fences

UNMATCHABLE: Final = 0
MISSING: Final = -1
# A new employer in each of the 13 weeks of a quarter is the most that one person can plausibly have.
MOST_EMPLOYERS: Final = 13
Numbers = npt.NDArray[np.integer[Any]]


class RecordEdit(StrEnum):
    """What is flagged of a wage record."""

    DUPLICATE = "duplicate"
    SAME_UNIT = "same_unit"
    NEGATIVE = "negative_wages"
    HIGH = "high_wages"
    LOW = "low_wages"
    EMPLOYERS = "many_employers"


WORDS: Final = {
    RecordEdit.DUPLICATE: "Repeats the record before in every field",
    RecordEdit.SAME_UNIT: "Another record of the same person and unit, with other wages, hours or weeks",
    RecordEdit.NEGATIVE: "Wages below zero",
    RecordEdit.HIGH: "Wages above the upper outer fence of the load",
    RecordEdit.LOW: "Wages above zero and below the lower outer fence of the load",
    RecordEdit.EMPLOYERS: f"The person has more than {MOST_EMPLOYERS} employers (accounts) in the quarter",
}
EDITS: Final = tuple(RecordEdit)


@dataclass(frozen=True)
class Flags:
    """Flagged rows, ascending, and for each the place of its edit in `EDITS`; a row with two flags is there twice."""

    row: npt.NDArray[np.int64]
    edit: npt.NDArray[np.int8]


@dataclass
class RecordTally:
    """Counts of one load, range by range: persons who can be matched, records without hours, weeks; flags by edit."""

    persons: int = 0
    unmatchable: int = 0
    missing_hours: int = 0
    missing_weeks: int = 0
    edits: dict[str, int] = field(default_factory=lambda: dict.fromkeys(map(str, EDITS), 0))


class RecordEdits:
    """The edits of one load; give it every range of persons, then read `tally`.

    `account_of_unit[unit - first_unit]` numbers the account (UIN) of a unit, in the order of units. `bounds`: from
    the histogram of the whole load, None where the rule does not apply.
    """

    def __init__(self, account_of_unit: Numbers, first_unit: int, bounds: Fences | None) -> None:
        self.tally = RecordTally()
        self._account_of_unit, self._first_unit = account_of_unit, first_unit
        self._bounds = bounds

    def check(self, person: Numbers, unit: Numbers, wages: Numbers, hours: Numbers, weeks: Numbers) -> Flags:
        """Flags of one range, which holds all records of its persons; hours and weeks are -1 where missing."""
        found = self._repeated(person, unit, wages, hours, weeks) | self._wages(wages)
        found[RecordEdit.EMPLOYERS] = self._many_employers(person, unit)
        self._count(person, hours, weeks, found)
        row = np.concatenate([found[edit] for edit in EDITS])
        edit = np.repeat(np.arange(len(EDITS), dtype=np.int8), [len(found[edit]) for edit in EDITS])
        order = np.argsort(row, kind="stable")
        return Flags(row[order], edit[order])

    def _repeated(
        self, person: Numbers, unit: Numbers, wages: Numbers, hours: Numbers, weeks: Numbers
    ) -> dict[RecordEdit, npt.NDArray[np.int64]]:
        """Rows of the same person and unit as the row before; sorted rows put equal ones next to each other."""
        again = np.flatnonzero((unit[1:] == unit[:-1]) & (person[1:] == person[:-1])) + 1
        again = again[person[again] != UNMATCHABLE]
        same = np.ones(len(again), bool)
        for column in (wages, hours, weeks):
            same &= column[again] == column[again - 1]
        return {RecordEdit.DUPLICATE: again[same], RecordEdit.SAME_UNIT: again[~same]}

    def _wages(self, wages: Numbers) -> dict[RecordEdit, npt.NDArray[np.int64]]:
        none = np.empty(0, np.int64)
        high = low = none
        negative = np.flatnonzero(wages < 0)
        if self._bounds is not None:
            high = np.flatnonzero(wages > self._bounds.high)
            below = np.flatnonzero(wages < self._bounds.low)
            low = below[wages[below] > 0]
        return {RecordEdit.NEGATIVE: negative, RecordEdit.HIGH: high, RecordEdit.LOW: low}

    def _many_employers(self, person: Numbers, unit: Numbers) -> npt.NDArray[np.int64]:
        """All rows of persons with more than `MOST_EMPLOYERS` accounts. Units sorted are accounts sorted."""
        apart = MOST_EMPLOYERS  # who has more rows than this agrees with the row so many places before
        far = np.flatnonzero(person[apart:] == person[:-apart]) if len(person) > apart else np.empty(0, np.int64)
        suspects = np.unique(person[far])
        rows = [self._rows_if_many(person, unit, one) for one in suspects if one != UNMATCHABLE]
        return np.concatenate(rows) if rows else np.empty(0, np.int64)

    def _rows_if_many(self, person: Numbers, unit: Numbers, one: Any) -> npt.NDArray[np.int64]:
        start, end = np.searchsorted(person, one, "left"), np.searchsorted(person, one, "right")
        accounts = self._account_of_unit[unit[start:end] - self._first_unit]
        many = np.count_nonzero(np.diff(accounts)) + 1 > MOST_EMPLOYERS
        return np.arange(start, end) if many else np.empty(0, np.int64)

    def _count(
        self, person: Numbers, hours: Numbers, weeks: Numbers, found: dict[RecordEdit, npt.NDArray[np.int64]]
    ) -> None:
        tally = self.tally
        unmatchable = int(np.searchsorted(person, UNMATCHABLE, "right"))
        tally.unmatchable += unmatchable
        matchable = person[unmatchable:]
        tally.persons += int(np.count_nonzero(matchable[1:] != matchable[:-1])) + (len(matchable) > 0)
        tally.missing_hours += int(np.count_nonzero(hours == MISSING))
        tally.missing_weeks += int(np.count_nonzero(weeks == MISSING))
        for edit, rows in found.items():
            tally.edits[edit] += len(rows)
