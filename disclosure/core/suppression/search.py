"""Complementary suppression: which further cells to withhold so that no sensitive cell can be worked out.

Sensitive cells are hidden in batches, largest need first, by the cheapest flows through cells that are withheld
anyway or cost little; each flow is kept as a proof. Then whoever is inside: what an enterprise knows of itself breaks
some proofs, and others are found that it cannot break. Then sums that published cells would reveal. Then every
complementary cell that the proofs do not miss is published again. The auditor has the last word (docs/adr/0004).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from scipy import sparse

from disclosure.core.audit.auditor import Audit, audit, residuals
from disclosure.core.pattern import Pattern
from disclosure.core.rules.sensitivity import Sensitivity, extend, revealed, with_objections
from disclosure.core.suppression.hiding_place import HidingPlace, Unprotectable
from disclosure.core.system import Bools, System
from disclosure.core.tabulation.cells import Key

_PRUNINGS = 3  # of what was withheld since the one before: what is published may reveal further sums

Progress = Callable[[int, int], None]


class Infeasible(Exception):
    """No safe pattern exists; `reasons` says which cells stand in the way, without any value."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = tuple(reasons)


def protect(
    system: System,
    sensitivity: Sensitivity,
    *,
    frozen: Iterable[Key] = (),
    withdraw: Iterable[Key] = (),
    progress: Progress | None = None,
) -> Pattern:
    """Return a pattern whose audit is clean, the same for every order of the input.

    `frozen` cells are public already and cannot be withheld; `withdraw` cells are withheld on a state's objection and
    protected like sensitive ones. Raises Infeasible when no pattern is safe. `progress` is told (done, known).
    """
    sensitivity = with_objections(sensitivity, system, sorted(set(withdraw)))
    return protect_and_audit(system, sensitivity, frozen=frozen, progress=progress)[0]


def protect_and_audit(
    system: System,
    sensitivity: Sensitivity,
    *,
    frozen: Iterable[Key] = (),
    preferred: Iterable[Key] = (),
    intervals: bool = False,
    progress: Progress | None = None,
    seconds: float | None = None,
) -> tuple[Pattern, Audit]:
    """Return a pattern with its final audit, which starts afresh from the system alone; see protect().

    `preferred` cells were withheld before: withholding them again costs nothing. Raises TimeoutError when `seconds`
    are over; a pattern found in less time than it needs is never returned.
    """
    held, before = (_marked(system, keys) for keys in (frozen, preferred))
    _refuse_published(system, sensitivity.primary & held)
    search = _Search(system, sensitivity, held, before, _Clock(seconds, progress))
    place = search.run()
    withheld = place.withheld[: len(system)]
    pattern = Pattern(system.keys, sensitivity.primary, withheld & ~sensitivity.primary)
    offered = {name: deviations[:, : len(system)] for name, deviations in place.proofs().items()}
    final = audit(system, sensitivity, pattern, intervals=intervals, offered=offered)
    if not final.clean:
        raise ArithmeticError(f"the final audit is not clean: {final.counts()}, {final.complement} complementary cells")
    return pattern, final


def _marked(system: System, keys: Iterable[Key]) -> Bools:
    marked = np.zeros(len(system), dtype=np.bool_)
    marked[system.index(sorted(set(keys)))] = True
    return marked


def _refuse_published(system: System, published: Bools) -> None:
    if published.any():
        raise Infeasible([f"The cell {_name(system, cell)} is sensitive but public already."
                          for cell in np.flatnonzero(published).tolist()])  # fmt: skip


def _name(system: System, cell: int) -> str:
    return " / ".join(system.keys[cell])


class _Clock:
    """Tells progress, and raises TimeoutError when the time is over."""

    def __init__(self, seconds: float | None, progress: Progress | None) -> None:
        self._end = None if seconds is None else time.monotonic() + seconds
        self._progress = progress or (lambda done, known: None)

    def tell(self, done: int, known: int) -> None:
        if self._end is not None and time.monotonic() > self._end:
            raise TimeoutError("The time limit is over and the table is not protected; nothing was decided.")
        if known:
            self._progress(done, known)


class _Search:
    """The search for a pattern over a system that may grow by virtual cells."""

    def __init__(
        self, system: System, sensitivity: Sensitivity, frozen: Bools, preferred: Bools, clock: _Clock
    ) -> None:
        self._system, self._sensitivity = system, sensitivity
        self._frozen, self._preferred, self._clock = frozen, preferred, clock

    def run(self) -> HidingPlace:
        """Return a pattern's withheld cells with the proofs that hold it to be safe."""
        withheld = self._sensitivity.primary | ~self._system.printed
        tried, before = np.zeros(len(self._system), dtype=np.bool_), None
        prunings = _PRUNINGS
        while True:
            place = HidingPlace(self._system, self._sensitivity, withheld, self._frozen, self._preferred)
            if before is not None:
                place.adopt(before)
            before = place
            try:
                place.hide(self._clock.tell)
                withheld = place.withheld
                found = self._revealed(withheld)
                if not found and prunings:
                    prunings -= 1
                    place.prune(self._clock.tell, tried)
                    withheld = tried = place.withheld
                    found = self._revealed(withheld)
            except Unprotectable as problem:
                raise Infeasible([self._why_not(problem)]) from problem
            if not found:
                return place
            withheld = self._watch(found, withheld)
            tried = np.concatenate([tried, np.zeros(len(withheld) - len(tried), dtype=np.bool_)])

    def _why_not(self, problem: Unprotectable) -> str:
        """Say which cell cannot be protected and what stands in the way, without a value."""
        reason = f"The cell {_name(self._system, problem.cell)} cannot be protected in {problem.measure}: "
        down = self._sensitivity.need_down[problem.measure][problem.cell]
        if down > self._system.values[problem.measure][problem.cell]:
            return reason + "it is asked to be uncertain downward by more than it is, and no cell is below zero."
        return reason + "cells that cannot be withheld, as public before or empty, give it away."

    def _revealed(self, withheld: Bools) -> list[tuple[int, ...]]:
        """Return the sensitive sums that published cells reveal."""
        return [one.cells for one in residuals(self._system, self._sensitivity, withheld)]

    def _watch(self, found: list[tuple[int, ...]], withheld: Bools) -> Bools:
        """Add sensitive sums as virtual cells, to be hidden like any primary."""
        members = _membership(found, len(self._system))
        sums = revealed(self._system, members)
        before = len(self._system)
        self._system = self._system.with_sums(members, sums.enterprises)
        self._sensitivity = extend(self._sensitivity, self._system)
        none = np.zeros(len(self._system) - before, dtype=np.bool_)
        self._frozen, self._preferred = (np.concatenate([one, none]) for one in (self._frozen, self._preferred))
        return np.concatenate([withheld, ~none])


def _membership(sums: list[tuple[int, ...]], size: int) -> sparse.csr_matrix:
    rows = np.repeat(np.arange(len(sums)), [len(cells) for cells in sums])
    columns = np.array([cell for cells in sums for cell in cells], dtype=np.int64)
    return sparse.csr_matrix((np.ones(len(rows), dtype=np.int64), (rows, columns)), shape=(len(sums), size))
