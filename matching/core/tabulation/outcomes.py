"""What became of people in one quarter: one row per person, whether a wage record was found or not.

Employer: a UI account. Main job: the account with the largest wages of the quarter. All definitions are ours but
full-quarter employment and flows (LEHD). Retention: wages from the main employer of the reference quarter in every
quarter since. Earnings before: mean of the quarters with wages among the four before the reference quarter.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.core.tabulation.flows import flows
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

    columns: dict[str, Ints | None]
    unit: Ints
    origin_unit: Ints
    tenure: Ints


class People:
    """People 0 to n-1 with their job histories; `home` is each one's state, or -1 for that of the reference quarter."""

    def __init__(self, histories: Histories, units: UnitFacts, people: int, home: int, reference: int | None) -> None:
        """`reference` is the column of the reference quarter; None where there is none."""
        self._jobs, self._units, self._people, self._reference = histories, units, people, reference
        self._origin = self._main(reference) if reference is not None else np.full(len(histories.starts), -1)
        self._origin_unit = self._unit(self._origin, reference)
        state = units.state[self._origin_unit] if len(units.state) else np.zeros(len(self._origin), np.int16)
        self._home = np.where(self._origin_unit >= 0, state, -1) if home < 0 else np.full(len(state), home)
        self._before = self._earnings_before()

    def quarter(self, column: int) -> Outcomes:
        """The outcomes in the quarter at `column`, which was searched."""
        main = self._main(column)
        unit, employed = self._unit(main, column), main >= 0
        state = self._units.state[unit] if len(self._units.state) else np.zeros(len(unit), np.int16)
        columns: dict[str, Found] = {
            "employed": employed,
            "in_same_state": employed & (state == self._home),
            "in_other_state": employed & (state != self._home),
            "jobs": self._jobs.of_person(self._jobs.records[:, column]),
            "wages": np.where(employed, self._jobs.wages[main, column], 0) if len(main) else main,
            "earnings": self._jobs.of_person(self._jobs.wages[:, column]),
            **self._flows(column),
            **self._since(column, unit),
        }
        return Outcomes(
            {"persons": np.ones(self._people, np.int64), **{name: self._spread(v) for name, v in columns.items()}},
            self._placed(unit),
            self._placed(self._origin_unit),
            self._placed(self._tenure(main, column), 0),
        )

    def _main(self, column: int) -> Ints:
        return self._jobs.best(self._jobs.wages[:, column], self._jobs.held[:, column])

    def _unit(self, main: Ints, column: int | None) -> Ints:
        if column is None or not len(main):
            return np.full(len(main), -1, np.int64)
        return np.where(main >= 0, self._jobs.unit[main, column], -1).astype(np.int64)

    def _flows(self, column: int) -> dict[str, Found]:
        found = flows(self._jobs, column).columns
        added: dict[str, Found] = {
            name: None if flag is None else self._jobs.of_person(flag) for name, flag in found.items()
        }
        full = found["emp_full"]
        if full is None:
            return {**added, "full_quarter": None, "full_quarter_earnings": None}
        best = self._jobs.best(self._jobs.wages[:, column], full > 0)
        earned = np.where(best >= 0, self._jobs.wages[best, column], 0) if len(best) else best
        return {**added, "full_quarter": best >= 0, "full_quarter_earnings": earned}

    def _since(self, column: int, unit: Ints) -> dict[str, Found]:
        """What compares the quarter with the reference quarter and those before it."""
        names = ("started", "retained", "employed_both", "industry_changed", "compared", "earnings_before",
                 "earnings_compared")  # fmt: skip
        if self._reference is None:
            return dict.fromkeys(names)
        both = (unit >= 0) & (self._origin_unit >= 0)
        sector = self._units.sector
        other = sector[unit] != sector[self._origin_unit] if len(sector) else both
        found: dict[str, Found] = {
            "started": self._origin >= 0,
            "retained": self._retained(column),
            "employed_both": both,
            "industry_changed": both & other,
        }
        if self._before is None:
            return found | dict.fromkeys(names[4:])
        compared = (self._before[1] > 0) & (unit >= 0)
        earned = self._jobs.of_person(self._jobs.wages[:, column])
        return found | {
            "compared": compared,
            "earnings_before": np.where(compared, self._before[0], 0),
            "earnings_compared": np.where(compared, earned, 0),
        }

    def _retained(self, column: int) -> Bools | None:
        """Wages from the main employer of the reference quarter in every quarter up to this one."""
        reference = self._reference
        if reference is None or column < reference or not self._jobs.known[reference : column + 1].all():
            return None
        held = np.asarray(self._jobs.held[:, reference : column + 1].all(axis=1), np.bool_)
        started = np.asarray(self._origin >= 0, np.bool_)
        return started & held[self._origin] if len(started) else started

    def _earnings_before(self) -> tuple[Ints, Ints] | None:
        """Mean earnings of the quarters with wages among the four before, rounded half up, and their number."""
        if self._reference is None:
            return None
        columns = [one for one in range(max(self._reference - _QUARTERS_BEFORE, 0), self._reference)
                   if self._jobs.known[one]]  # fmt: skip
        if not columns:
            return None
        earned = sum((self._jobs.of_person(self._jobs.wages[:, one]) for one in columns), np.int64(0))
        count = sum(((self._jobs.of_person(self._jobs.records[:, one]) > 0).astype(np.int64) for one in columns),
                    np.int64(0))  # fmt: skip
        some = np.maximum(count, 1)
        return np.asarray((2 * earned + some) // (2 * some)), np.asarray(count)

    def _tenure(self, main: Ints, column: int) -> Ints:
        """The band of the number of quarters without a gap, up to this one, with the main employer."""
        length, going = np.zeros(len(main), np.int64), main >= 0
        for one in range(column, -1, -1):
            held = self._jobs.held_in(one)
            if held is None or not len(main):
                break
            going = going & held[main]
            length += going
        return np.searchsorted([1, 2, 4, 8], length, side="right")

    def _spread(self, values: Found) -> Ints | None:
        return None if values is None else self._placed(values.astype(np.int64), 0)

    def _placed(self, values: Ints, empty: int = -1) -> Ints:
        """Values of the people with any job, among all people."""
        placed = np.full(self._people, empty, np.int64)
        placed[self._jobs.persons] = values
        return placed
