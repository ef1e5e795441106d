"""A table protected jointly with every earlier release that overlaps it, or refused with reasons.

What was published stays known; what was withheld stays withheld, at no cost; what two loads of a cell differ by, and
the finest common cells, are protected like any cell. Source: disclosure.md, "The ledger".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from disclosure.core.audit.auditor import Audit, Tell, audit, intervals_of
from disclosure.core.audit.measure import Interval
from disclosure.core.ledger.entry import Entry
from disclosure.core.ledger.joint import Joint, Vintages, join
from disclosure.core.ledger.known import Own, Standing, standing
from disclosure.core.ledger.vintages import revealed_changes
from disclosure.core.pattern import Pattern
from disclosure.core.protected_table import History, ProtectedTable, protect_table
from disclosure.core.qcew.cells import QcewCells
from disclosure.core.qcew.protection import protect_qcew, public_cells
from disclosure.core.rules.sensitivity import Parameters
from disclosure.core.suppression.search import Infeasible, Progress, protect_and_audit
from disclosure.core.system import Bools
from disclosure.core.tabulation.cells import Cells, Key
from disclosure.core.tabulation.contributions import Ints

_ROUNDS = 4  # of finding out what earlier releases have lost already: what is known to be lost may lose more
_NAMED = 20  # earlier cells in the way that are named


class HistoryRefused(Infeasible):
    """Earlier releases make the table unprotectable. `reasons` name cells, no values; `in_the_way` are earlier
    published cells that overlap them: (release, cell)."""

    def __init__(self, reasons: Sequence[str], in_the_way: Sequence[tuple[str, Key]]) -> None:
        super().__init__(reasons)
        self.in_the_way = tuple(in_the_way)


def overlapping(new: Entry, past: Iterable[Entry]) -> list[Entry]:
    """Return the earlier tables that meet a new one, or one that meets it, in the order of their releases' names.

    A table that gives away no measure of the new one tells nothing about it.
    """
    left = [one for one in past if set(one.measures) & set(new.measures)]
    found = [new]
    for one in found:
        met = [other for other in left if other.scope.meets(one.scope)]
        left = [other for other in left if not other.scope.meets(one.scope)]
        found += met
    return sorted(found[1:], key=lambda one: one.release)


def protect_with_history(
    cells: Cells | QcewCells,
    parameters: Parameters,
    new: Entry,
    past: Iterable[Entry],
    *,
    withdraw: Iterable[Key] = (),
    preferred: Iterable[Key] = (),
    intervals: bool = True,
    progress: Progress | None = None,
) -> ProtectedTable:
    """Protect a table together with what was released before; without any of it, protect it by itself.

    `withdraw` cells are withheld and protected; `preferred` cells, such as those withheld last quarter, are withheld at
    no cost. The answer's `history` holds the earlier releases and the price: cells withheld that a fresh table would
    publish. Raises HistoryRefused where earlier releases leave no safe pattern, Infeasible where there is none anyway.
    """
    earlier = overlapping(new, past)
    withdraw, preferred = sorted(set(withdraw)), sorted(set(preferred))
    fresh = _fresh(cells, parameters, withdraw, preferred, intervals and not earlier, progress)
    if not earlier:
        return fresh
    own = Own(fresh.sensitivity, _public(cells, parameters, withdraw))
    run = _Run(parameters, [new, *earlier], own, preferred)
    pattern, found = run.protect(intervals, progress)
    joined = run.own_table(fresh, pattern, found)
    return replace(joined, history=_history(fresh, joined, earlier, run.lost))


def _fresh(
    cells: Cells | QcewCells, parameters: Parameters, withdraw: list[Key], preferred: list[Key], intervals: bool,
    progress: Progress | None,
) -> ProtectedTable:  # fmt: skip
    """The table as it would be without a past, in its layout."""
    if isinstance(cells, QcewCells):
        return protect_qcew(
            cells, parameters, withdraw=withdraw, preferred=preferred, intervals=intervals, progress=progress
        )
    return protect_table(
        cells, parameters, withdraw=withdraw, preferred=preferred, intervals=intervals, progress=progress
    )


def _public(cells: Cells | QcewCells, parameters: Parameters, withdraw: list[Key]) -> Bools:
    """The cells that everybody has from elsewhere, but for those withdrawn."""
    if not isinstance(cells, QcewCells):
        return np.zeros(len(cells), dtype=np.bool_)
    withdrawn = set(withdraw)
    return public_cells(cells, parameters) & np.array([key not in withdrawn for key in cells.keys], dtype=np.bool_)


def audit_history(
    entries: Sequence[Entry], parameters: Parameters, *, intervals: bool = False, measures: Collection[str] = ()
) -> Audit:
    """Audit released tables together, the newest first: what does the newest give away beside all earlier ones?

    `intervals` adds, by the newest table's own cells, what each withheld one may be for a reader of all of them; in all
    of its measures, or in those named.
    """
    stands, withheld, places = _together(entries, parameters, measures)
    primary = stands.sensitivity.primary
    pattern = Pattern(stands.system.keys, primary & withheld, withheld & ~primary)
    found = audit(stands.system, stands.sensitivity, pattern, intervals=intervals)
    if found.intervals is None:
        return found
    return replace(found, intervals=_of_own(found.intervals, places, ~entries[0].published))


def intervals_beside(
    entries: Sequence[Entry], parameters: Parameters, tell: Tell, *, measures: Collection[str] = ()
) -> dict[str, dict[int, Interval]]:
    """Return by the newest table's own cells what each withheld one may be for a reader of all tables, as
    `audit_history` does, without auditing them; `tell` hears how far it is."""
    stands, withheld, places = _together(entries, parameters, measures)
    wanted = np.zeros(len(stands.system), dtype=np.bool_)
    wanted[places[(places >= 0) & ~entries[0].published]] = True
    found = intervals_of(stands.system, stands.sensitivity, withheld, wanted, tell)
    return _of_own(found, places, ~entries[0].published)


def _together(
    entries: Sequence[Entry], parameters: Parameters, measures: Collection[str]
) -> tuple[Standing, Bools, Ints]:
    """The joint system of released tables, what is withheld in it, and where the cells of the newest stand in it."""
    new, *earlier = entries
    joint = join(
        [new, *earlier], [one for one in new.measures if not measures or one in measures], parameters.coalition
    )
    stands = standing(joint, [new, *earlier], parameters)
    withheld = ~stands.system.printed | stands.sensitivity.primary
    places, published = joint.cells[0], new.published
    withheld[places[(places >= 0) & ~published]] = True
    withheld[places[(places >= 0) & published]] = False
    withheld &= ~stands.frozen  # whatever the newest withholds, what was published before is known
    return stands, withheld, places


def _of_own(
    found: Mapping[str, Mapping[int, Interval]], place: Ints, withheld: Bools
) -> dict[str, dict[int, Interval]]:
    """The intervals of a joint system by the cells of its newest table."""
    own = [(cell, int(place[cell])) for cell in np.flatnonzero(withheld).tolist()]
    return {name: {cell: bounds[at] for cell, at in own if at in bounds} for name, bounds in found.items()}


def _history(fresh: ProtectedTable, own: ProtectedTable, earlier: Sequence[Entry], lost: int) -> History:
    more = own.pattern.withheld & ~fresh.pattern.withheld
    return History(
        releases=tuple(one.release for one in earlier),
        cells_lost=tuple(own.system.keys[cell] for cell in np.flatnonzero(more).tolist()),
        cells_gained=int(np.count_nonzero(fresh.pattern.withheld & ~own.pattern.withheld)),
        lost_before=lost,
    )


class _Run:
    """One table with its history through rules, suppression and audit."""

    def __init__(self, parameters: Parameters, entries: list[Entry], own: Own, preferred: list[Key]) -> None:
        self._parameters, self._entries, self._own, self._preferred = parameters, entries, own, preferred
        self._number = {key: index for index, key in enumerate(entries[0].keys)}
        self._joint: Joint
        self.lost = 0

    def protect(self, intervals: bool, progress: Progress | None) -> tuple[Pattern, Audit]:
        """Return the pattern of the joint system and its audit; sums of changes that it reveals are watched in turn."""
        rests: list[Vintages] = []
        while True:
            self._joint = join(self._entries, self._entries[0].measures, self._parameters.coalition, rests)
            pattern, final = self._protect_once(intervals, progress)
            withheld = pattern.withheld[: len(self._joint.system)]  # without sums that were public before
            found = revealed_changes(self._joint, self._entries, withheld, self._parameters)
            if not found:
                return pattern, final
            rests += found

    def _protect_once(self, intervals: bool, progress: Progress | None) -> tuple[Pattern, Audit]:
        stands = self._refuse_published(standing(self._joint, self._entries, self._parameters, self._own))
        for _ in range(_ROUNDS):
            try:
                return self._search(stands, intervals, progress)
            except Infeasible as problem:
                spared = stands.spared()
                if spared is None:
                    raise self._refused(problem.reasons, stands) from problem
            stands, self.lost = spared, spared.lost
        try:
            return self._search(stands, intervals, progress)
        except Infeasible as problem:
            raise self._refused(problem.reasons, stands) from problem

    def _search(self, stands: Standing, intervals: bool, progress: Progress | None) -> tuple[Pattern, Audit]:
        names = stands.system.keys
        return protect_and_audit(
            stands.system, stands.sensitivity,
            frozen=[names[cell] for cell in np.flatnonzero(stands.frozen).tolist()],
            preferred=[names[cell] for cell in self._positions(self._preferred).tolist()],
            intervals=intervals, progress=progress,
        )  # fmt: skip

    def _positions(self, keys: Iterable[Key]) -> Ints:
        own = self._joint.cells[0]
        found = np.array([own[self._number[key]] for key in keys], dtype=np.int64)
        return np.unique(found[found >= 0])

    def _refuse_published(self, stands: Standing) -> Standing:
        wrong = np.flatnonzero(stands.sensitivity.primary & stands.frozen)
        if len(wrong):
            words = [f"The cell {' / '.join(stands.system.keys[cell])} is sensitive now but was published before."
                     for cell in wrong.tolist()]  # fmt: skip
            raise self._refused(words, stands, wrong)
        return stands

    def _refused(self, reasons: Sequence[str], stands: Standing, cells: Ints | None = None) -> HistoryRefused:
        """Name the published cells of earlier releases that share something with the cells in question."""
        names = [" / ".join(key) for key in stands.system.keys]
        if cells is None:
            cells = np.array([number for number, name in enumerate(names)
                              if any(f"cell {name} " in one for one in reasons)], dtype=np.int64)  # fmt: skip
        near = abs(stands.system.relations)
        shared = np.asarray(near[:, cells].sum(axis=1).T @ near).ravel() > 0 if len(cells) else stands.frozen
        in_the_way = [(self._entries[table].release, self._entries[table].keys[cell])
                      for place in np.flatnonzero(shared & stands.frozen).tolist()
                      for table, cell in self._joint.printed_by[place] if table]  # fmt: skip
        return HistoryRefused(reasons, in_the_way[:_NAMED])

    def own_table(self, fresh: ProtectedTable, pattern: Pattern, final: Audit) -> ProtectedTable:
        """Return the new table's part of what was decided; the audit is that of the whole system."""
        sensitivity = fresh.sensitivity
        place = self._joint.cells[0]
        withheld = np.where(place >= 0, pattern.withheld[np.maximum(place, 0)], False)
        decided = Pattern(fresh.system.keys, sensitivity.primary, withheld & ~sensitivity.primary)
        if (sensitivity.primary & ~withheld).any():
            raise ArithmeticError("a sensitive cell of the table is not withheld with its history")
        bounds = _of_own(final.intervals, place, withheld) if final.intervals is not None else None
        of_own = replace(final, pattern=decided.digest, suppressed=int(withheld.sum()), intervals=bounds)
        return replace(fresh, pattern=decided, audit=of_own)
