"""Moves between main jobs, as LEHD's job-to-job flows define them, from job histories.

The main job at the beginning of a quarter t is that with the largest wages of t-1 and t together among the jobs with
wages in both; at the end of t it is the one at the beginning of t+1. A move within t: the main job of the beginning
ended in t (no wages in t+1), and the main job of the end began in t (none in t-1). A move in the next quarter: the main
job at the beginning of t-1 ended in t-1, nothing was held over into t, and the main job of the end of t began in t. A
move through non-employment (ours): no wages at all in t-1, and the last main job ended two to four quarters before.
Stable: the old job was held a full quarter before it ended, the new one is held the full quarter after it began
(LEHD Public Use Schema 4.6: EEHire, AQHire, EEHireS, AQHireS, NEPersist).
"""

from dataclasses import dataclass

import numpy as np

from matching.core.tabulation.histories import Bools, Histories, Ints

MOVE_COLUMNS = ("moves_within", "moves_next", "moves_later", "stable_moves", "pay_before", "pay_after")
_LONGEST_GAP = 4


@dataclass(frozen=True)
class Moves:
    """Moves of one quarter, one row each (k): units of the old and the new job, columns of ``MOVE_COLUMNS``; None:
    cannot be known."""

    origin_unit: Ints
    unit: Ints
    columns: dict[str, Ints | None]


def moves(histories: Histories, column: int) -> Moves:
    """The moves into the main jobs at the end of the quarter at `column`."""
    jobs = _Jobs(histories)
    new = jobs.begun(column)
    if new is None:
        nothing = np.empty(0, np.int64)
        return Moves(nothing, nothing, dict.fromkeys(MOVE_COLUMNS))
    within, after_gap, later = jobs.left(column), jobs.left(column - 1), jobs.last_left(column)
    none = np.full(len(new), -1, np.int64)
    free = jobs.main_at_beginning(column)
    old = {
        "moves_within": none if within is None else within,
        "moves_next": none if after_gap is None or free is None else np.where(free < 0, after_gap, -1),
        "moves_later": none if later is None else later,
    }
    rows, origin, kinds = _chosen(new, old)
    found: dict[str, Ints | None] = {name: flag.astype(np.int64) for name, flag in kinds.items()}
    known = {"moves_within": within, "moves_next": after_gap, "moves_later": later}
    found |= {name: None for name, answer in known.items() if answer is None}
    found |= jobs.stable(rows, origin, kinds, column)
    last = np.where(kinds["moves_within"], column, np.where(kinds["moves_next"], column - 1, 0))
    return Moves(jobs.last_unit(origin, last), histories.unit[rows, column].astype(np.int64), found)


def _chosen(new: Ints, old: dict[str, Ints]) -> tuple[Ints, Ints, dict[str, Bools]]:
    """The persons who moved: the row of the new job, of the old one, and which kind of move it is (one each)."""
    origin = np.full(len(new), -1, np.int64)
    kind = np.zeros(len(new), np.int64)
    for number, rows in enumerate(old.values(), start=1):
        first = (origin < 0) & (rows >= 0) & (new >= 0)
        origin[first], kind[first] = rows[first], number
    moved = kind > 0
    return new[moved], origin[moved], {name: kind[moved] == number for number, name in enumerate(old, start=1)}


class _Jobs:
    """Questions to histories, person by person: rows of jobs, -1 where there is none; None where not known."""

    def __init__(self, histories: Histories) -> None:
        self._jobs = histories

    def main_at_beginning(self, column: int) -> Ints | None:
        """The main job at the beginning of a quarter."""
        before, now = self._jobs.held_in(column - 1), self._jobs.held_in(column)
        if before is None or now is None:
            return None
        return self._jobs.best(self._jobs.wages[:, column - 1] + self._jobs.wages[:, column], before & now)

    def begun(self, column: int) -> Ints | None:
        """The main job at the end of a quarter, where it began in it."""
        main, before = self.main_at_beginning(column + 1), self._jobs.held_in(column - 1)
        if main is None or before is None:
            return None
        return np.where((main >= 0) & ~before[main], main, -1) if len(main) else main

    def left(self, column: int) -> Ints | None:
        """The main job at the beginning of a quarter, where it ended in it."""
        main, after = self.main_at_beginning(column), self._jobs.held_in(column + 1)
        if main is None or after is None:
            return None
        return np.where((main >= 0) & ~after[main], main, -1) if len(main) else main

    def last_left(self, column: int) -> Ints | None:
        """The last main job that ended two to four quarters before, of persons without wages in the one before."""
        searched = [self._jobs.held_in(column - back) for back in range(1, _LONGEST_GAP + 2)]
        if any(held is None for held in searched):
            return None
        idle = self._jobs.of_person(self._jobs.records[:, column - 1]) == 0
        found = np.full(len(idle), -1, np.int64)
        for back in range(2, _LONGEST_GAP + 1):
            left = self.left(column - back)
            if left is not None:
                found = np.where(idle & (found < 0), left, found)
        return found

    def last_unit(self, rows: Ints, column: Ints) -> Ints:
        """The unit of jobs in a quarter, or in the last with wages before it (column 0: whenever that was)."""
        if not len(rows):
            return np.empty(0, np.int64)
        held = self._jobs.held[rows]
        last = held.shape[1] - 1 - np.argmax(held[:, ::-1], axis=1)
        place = np.where((column > 0) & held[np.arange(len(rows)), column], column, last)
        return self._jobs.unit[rows, place].astype(np.int64)

    def stable(self, rows: Ints, origin: Ints, kinds: dict[str, Bools], column: int) -> dict[str, Ints | None]:
        """Job-to-job moves out of a full quarter into one, and the wages of these full quarters."""
        names = ("stable_moves", "pay_before", "pay_after")
        needed = [self._jobs.held_in(one) for one in range(column - 3, column + 3)]
        if any(held is None for held in needed):
            return dict.fromkeys(names)
        held, wages = self._jobs.held, self._jobs.wages
        full_after = held[rows, column] & held[rows, column + 1] & held[rows, column + 2]
        direct = kinds["moves_within"] | kinds["moves_next"]
        end = np.where(kinds["moves_next"], column - 1, column)  # the quarter in which the old job ended
        full_before = held[origin, end] & held[origin, end - 1] & held[origin, end - 2]
        stable = direct & full_before & full_after
        return {
            "stable_moves": stable.astype(np.int64),
            "pay_before": np.where(stable, wages[origin, end - 1], 0),
            "pay_after": np.where(stable, wages[rows, column + 1], 0),
        }
