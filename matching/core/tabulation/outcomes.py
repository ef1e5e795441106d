"""What became of people in one quarter: one row per person, whether a wage record was found or not.

Employer: a UI account. Main job: the account with the largest wages of the quarter. All definitions are ours but
full-quarter employment and flows (LEHD). Retention: wages from the main employer of the reference quarter in every
quarter since. Earnings before: mean of the quarters with wages among the four before the reference quarter.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
import numpy.typing as npt

from matching.core.tabulation.flows import FLOW_COLUMNS, flows
from matching.core.tabulation.histories import Bools, Histories, Ints

TENURES = ("", "1", "2-3", "4-7", "8+")
_QUARTERS_BEFORE = 4
_FLAGS = (
    "persons", "employed", "in_same_state", "in_other_state", "full_quarter", "started", "retained", "employed_both",
    "industry_changed", "compared",
)  # fmt: skip
_COUNTS = (
    "jobs", "emp_total", "emp_beginning", "emp_end", "emp_full", "accessions", "new_hires", "recalls", "separations",
)  # fmt: skip
_DOLLARS = (
    "wages", "earnings", "full_quarter_earnings", "full_quarter_wages", "earnings_before", "earnings_compared",
)  # fmt: skip
OUTCOME_COLUMNS = dict.fromkeys(_FLAGS, "i1") | dict.fromkeys(_COUNTS, "i4") | dict.fromkeys(_DOLLARS, "i8")


Found = Ints | Bools | None


@dataclass(frozen=True)
class UnitFacts:
    """By unit: the number of its state, and of its NAICS sector."""

    state: npt.NDArray[np.int16]
    sector: npt.NDArray[np.int16]


@dataclass(frozen=True)
class Outcomes:
    """One quarter of all people (n): columns of ``OUTCOME_COLUMNS``, None where not known; the unit of the main job now
    and in the reference quarter, -1 where none; tenure as a place in ``TENURES``."""

    columns: dict[str, npt.NDArray[np.integer[Any]] | None]
    unit: Ints
    origin_unit: Ints
    tenure: Ints


class People:
    """People 0 to n-1 with their job histories; `home` is each one's state, or -1 for that of the reference quarter."""

    def __init__(self, histories: Histories, units: UnitFacts, people: int, home: int, reference: int | None) -> None:
        """`reference` is the column of the reference quarter; None where there is none."""
        self.jobs, self.units, self.reference, self._people = histories, units, reference, people
        self.origin = self.main(reference) if reference is not None else np.full(len(histories.starts), -1)
        self.origin_unit = self.unit_of(self.origin, reference)
        state = self.state_of(self.origin_unit)
        self.home = np.where(self.origin_unit >= 0, state, -1) if home < 0 else np.full(len(state), home)

    def quarter(self, column: int, wanted: Collection[str] | None = None) -> Outcomes:
        """The outcomes in the quarter at `column`, which was searched; all columns, or those wanted."""
        at = _Quarter(self, column)
        names = [name for name in OUTCOME_COLUMNS if wanted is None or name in wanted]
        columns = {name: self._whole(_COLUMNS[name](at), name) for name in names}
        unit, origin, tenure = (at.unit, -1), (self.origin_unit, -1), (at.tenure(), 0)
        return Outcomes(columns, *(self._placed(values, empty) for values, empty in (unit, origin, tenure)))

    def main(self, column: int) -> Ints:
        """The row of each person's main job (p), -1 where none."""
        return self.jobs.best(self.jobs.wages[:, column], self.jobs.held[:, column])

    def unit_of(self, main: Ints, column: int | None) -> Ints:
        """The unit of main jobs (p) in a quarter."""
        if column is None or not len(main):
            return np.full(len(main), -1, np.int64)
        return np.where(main >= 0, self.jobs.unit[main, column], -1).astype(np.int64)

    def state_of(self, unit: Ints) -> npt.NDArray[np.int16]:
        """The state of units; any where there is no unit."""
        return self.units.state[unit] if len(self.units.state) else np.zeros(len(unit), np.int16)

    @cached_property
    def before(self) -> tuple[Ints, Ints] | None:
        """Mean earnings of the quarters with wages among the four before, rounded half up, and their number."""
        if self.reference is None:
            return None
        columns = [one for one in range(max(self.reference - _QUARTERS_BEFORE, 0), self.reference)
                   if self.jobs.known[one]]  # fmt: skip
        if not columns:
            return None
        earned = sum((self.jobs.of_person(self.jobs.wages[:, one]) for one in columns), np.int64(0))
        count = sum(((self.jobs.of_person(self.jobs.records[:, one]) > 0).astype(np.int64) for one in columns),
                    np.int64(0))  # fmt: skip
        some = np.maximum(count, 1)
        return np.asarray((2 * earned + some) // (2 * some)), np.asarray(count)

    def _whole(self, values: Found, name: str) -> npt.NDArray[np.integer[Any]] | None:
        """A column of all people, from that of the people with any job; everybody is one person."""
        if name == "persons":
            return np.ones(self._people, OUTCOME_COLUMNS[name])
        return None if values is None else self._placed(values, 0, OUTCOME_COLUMNS[name])

    def _placed(self, values: Ints | Bools, empty: int, kind: str = "i8") -> npt.NDArray[Any]:
        """Values of the people with any job, among all people."""
        placed = np.full(self._people, empty, kind)
        placed[self.jobs.persons] = values
        return placed


class _Quarter:
    """What is asked of one quarter, by person with any job (p); None: cannot be known."""

    def __init__(self, people: People, column: int) -> None:
        self._people, self._jobs, self._at = people, people.jobs, column
        self._main = people.main(column)
        self.unit = people.unit_of(self._main, column)
        self.employed = np.asarray(self._main >= 0, np.bool_)

    def everybody(self) -> Bools:
        """Each is one."""
        return np.ones(len(self._main), np.bool_)

    def in_home_state(self) -> Bools:
        """Main job in the home state."""
        return self.employed & np.asarray(self._people.state_of(self.unit) == self._people.home, np.bool_)

    def in_other_state(self) -> Bools:
        """Main job elsewhere."""
        return self.employed & ~self.in_home_state()

    def records(self) -> Ints:
        """How many wage records."""
        return self._jobs.of_person(self._jobs.records[:, self._at])

    def wages(self) -> Ints:
        """Wages of the main job."""
        return self._paid(self._main)

    @cached_property
    def earnings(self) -> Ints:
        """Wages of all jobs."""
        return self._jobs.of_person(self._jobs.wages[:, self._at])

    def flow(self, name: str) -> Ints | None:
        """How many of the person's jobs are in a flow, or their wages."""
        flag = self._flows[name]
        return None if flag is None else self._jobs.of_person(flag)

    @cached_property
    def _flows(self) -> dict[str, Bools | Ints | None]:
        return flows(self._jobs, self._at).columns

    @cached_property
    def _best_full(self) -> Ints | None:
        """The row of the best-paid full-quarter job, -1 where none."""
        full = self._flows["emp_full"]
        return None if full is None else self._jobs.best(self._jobs.wages[:, self._at], np.asarray(full, np.bool_))

    def has_full(self) -> Bools | None:
        """Any full-quarter job."""
        return None if self._best_full is None else np.asarray(self._best_full >= 0, np.bool_)

    def full_earnings(self) -> Ints | None:
        """Wages of the best-paid full-quarter job."""
        return None if self._best_full is None else self._paid(self._best_full)

    def _paid(self, row: Ints) -> Ints:
        return np.where(row >= 0, self._jobs.wages[row, self._at], 0) if len(row) else row

    def started(self) -> Bools | None:
        """Employed in the reference quarter."""
        return None if self._people.reference is None else np.asarray(self._people.origin >= 0, np.bool_)

    def retained(self) -> Bools | None:
        """Wages from the main employer of the reference quarter in every quarter up to this one."""
        reference, origin = self._people.reference, self._people.origin
        if reference is None or self._at < reference or not self._jobs.known[reference : self._at + 1].all():
            return None
        started = np.asarray(origin >= 0, np.bool_)
        held = np.asarray(self._jobs.held[:, reference : self._at + 1].all(axis=1), np.bool_)
        return started & held[origin] if len(started) else started

    def in_both(self) -> Bools | None:
        """Employed in this and in the reference quarter."""
        if self._people.reference is None:
            return None
        return np.asarray((self.unit >= 0) & (self._people.origin_unit >= 0), np.bool_)

    def other_industry(self) -> Bools | None:
        """Employed in both, the main job in another sector than then."""
        both, sector = self.in_both(), self._people.units.sector
        if both is None or not len(sector):
            return both
        return both & np.asarray(sector[self.unit] != sector[self._people.origin_unit], np.bool_)

    def compared(self) -> Bools | None:
        """Employed, and in one of the quarters before the reference quarter too."""
        before = self._people.before
        return None if before is None else np.asarray((before[1] > 0) & (self.unit >= 0), np.bool_)

    def earnings_before(self) -> Ints | None:
        """Mean earnings of the quarters before, of those compared."""
        before, compared = self._people.before, self.compared()
        return None if before is None or compared is None else np.where(compared, before[0], 0)

    def earnings_compared(self) -> Ints | None:
        """Earnings of those compared."""
        compared = self.compared()
        return None if compared is None else np.where(compared, self.earnings, 0)

    def tenure(self) -> Ints:
        """The band of the number of quarters without a gap, up to this one, with the main employer."""
        length, going = np.zeros(len(self._main), np.int64), self.employed
        for one in range(self._at, -1, -1):
            held = self._jobs.held_in(one)
            if held is None or not len(self._main):
                break
            going = going & held[self._main]
            length += going
        return np.searchsorted([1, 2, 4, 8], length, side="right")


_COLUMNS: dict[str, Callable[[_Quarter], Found]] = {
    "persons": _Quarter.everybody,
    "employed": lambda at: at.employed,
    "in_same_state": _Quarter.in_home_state,
    "in_other_state": _Quarter.in_other_state,
    "full_quarter": _Quarter.has_full,
    "started": _Quarter.started,
    "retained": _Quarter.retained,
    "employed_both": _Quarter.in_both,
    "industry_changed": _Quarter.other_industry,
    "compared": _Quarter.compared,
    "jobs": _Quarter.records,
    "wages": _Quarter.wages,
    "earnings": lambda at: at.earnings,
    "full_quarter_earnings": _Quarter.full_earnings,
    "earnings_before": _Quarter.earnings_before,
    "earnings_compared": _Quarter.earnings_compared,
    **{name: partial(_Quarter.flow, name=name) for name in FLOW_COLUMNS},
}
