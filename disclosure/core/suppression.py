"""Complementary suppression: which further cells to withhold so that no sensitive cell can be worked out.

For each sensitive cell, largest need first, the cheapest flow that hides it is withheld; then the auditor looks at
the whole, and what it finds is hidden the same way, until it finds nothing; then every complementary cell that the
audit does not miss is published again. One linear programme per cell and side: right for tables of a few thousand
cells (docs/adr/0004).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse

from disclosure.core.auditor import Audit, Auditor, Disclosure, audit
from disclosure.core.flow import CheapestFlow, Moves, Task
from disclosure.core.folding import fold
from disclosure.core.pattern import Pattern
from disclosure.core.rules import Sensitivity, extend, revealed, with_objections
from disclosure.core.system import Bools, System
from disclosure.core.tabulation import Key

Floats = npt.NDArray[np.float64]

VALUE_PRICE = 2.0  # of one cell, for the value of the mean cell
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
    intervals: bool = False,
    progress: Progress | None = None,
) -> tuple[Pattern, Audit]:
    """Return a pattern with its final audit, which starts afresh from the system alone; see protect()."""
    held = np.zeros(len(system), dtype=np.bool_)
    held[system.index(sorted(set(frozen)))] = True
    _refuse_published(system, sensitivity.primary & held)
    search = _Search(system, sensitivity, held)
    search.hide_primaries(progress or (lambda done, known: None))
    search.repair()
    search.prune()
    withheld = search.withheld[: len(system)]
    pattern = Pattern(system.keys, sensitivity.primary, withheld & ~sensitivity.primary)
    final = audit(system, sensitivity, pattern, intervals=intervals)
    if not final.clean:
        raise ArithmeticError(f"the final audit is not clean: {final.counts()}")
    return pattern, final


def _refuse_published(system: System, published: Bools) -> None:
    if published.any():
        raise Infeasible([f"The cell {_name(system, cell)} is sensitive but public already."
                          for cell in np.flatnonzero(published).tolist()])  # fmt: skip


def _name(system: System, cell: int) -> str:
    return " / ".join(system.keys[cell])


class _Search:
    """The search for a pattern: `withheld` (cells) grows while cells are hidden and shrinks while it is pruned."""

    def __init__(self, system: System, sensitivity: Sensitivity, frozen: Bools) -> None:
        self._frozen = frozen
        self.withheld: Bools = sensitivity.primary.copy()
        self._take(system, sensitivity)

    def _take(self, system: System, sensitivity: Sensitivity) -> None:
        """Work on this system from now on."""
        self._system, self._sensitivity = system, sensitivity
        self._folded = fold(system)
        self._auditor = Auditor(system, sensitivity)
        self._weight = _weights(system)[self._folded.first]
        still = (system.empty & ~sensitivity.primary) | self._frozen
        self._movable = ~self._folded.any(still)
        self._flows = {
            name: CheapestFlow(self._folded.relations, column[self._folded.first])
            for name, column in system.values.items()
        }
        self._withhold(self._folded.any(self.withheld))

    def hide_primaries(self, progress: Progress) -> None:
        """Hide every sensitive cell from outsiders, largest need first."""
        tasks = self._primary_tasks()
        moved = {name: Moves(column[self._folded.first]) for name, column in self._system.values.items()}
        for done, (measure, task) in enumerate(tasks):
            if not moved[measure].enough(task):
                moved[measure].add(self._hide(measure, task))
            progress(done + 1, len(tasks))

    def _primary_tasks(self) -> list[tuple[str, Task]]:
        ranked = []
        for measure in self._system.measures:
            total = max(int(self._system.values[measure].max(initial=0)), 1)
            for sign, needs in ((1, self._sensitivity.need_up), (-1, self._sensitivity.need_down)):
                need = np.where(self._secret(measure), self._folded.most(needs[measure]), 0)
                ranked += [(-need[node] / total, int(node), measure, -sign, int(need[node]))
                           for node in np.flatnonzero(need)]  # fmt: skip
        return [(measure, Task(node, float(need), -down)) for _, node, measure, down, need in sorted(ranked)]

    def repair(self) -> None:
        """Hide what the auditor still finds, until it finds nothing."""
        while found := list(self._auditor.disclosures(self.withheld)):
            before = int(self.withheld.sum())
            residual = [one for one in found if one.kind == "residual"]
            if residual:
                self._watch(residual)
            for one in (one for one in found if one.kind != "residual"):
                self._hide(one.measure, self._task(one))
            if not residual and int(self.withheld.sum()) == before:
                raise ArithmeticError("the auditor finds a disclosure that no flow mends")

    def prune(self) -> None:
        """Publish again, largest first, every complementary node that the audit does not miss."""
        primary = self._folded.any(self._sensitivity.primary)
        complementary = np.flatnonzero(self._folded.any(self.withheld) & ~primary)
        for node in complementary[np.argsort(-self._weight[complementary], kind="stable")]:
            without = self.withheld & (self._folded.node != node)
            if next(self._auditor.disclosures(without), None) is None:
                self.withheld = without

    def _hide(self, measure: str, task: Task) -> Floats:
        """Withhold the cheapest flow for a task and return it (nodes)."""
        price = np.where(self._folded.any(self.withheld), 0.0, self._weight)
        flow = self._flows[measure].find(task, price, self._movable & self._secret(measure))
        if flow is None:
            raise Infeasible([self._impossible(measure, task)])
        self._withhold(flow != 0)
        return flow

    def _secret(self, measure: str) -> Bools:
        """Return the nodes whose value of the measure the receiver does not know already."""
        cells = self._system.secret(measure, np.ones(len(self._system), dtype=np.bool_))
        return ~self._folded.any(~cells)

    def _impossible(self, measure: str, task: Task) -> str:
        cell = int(self._folded.first[task.target])
        return (f"The cell {_name(self._system, cell)} cannot be protected in {measure}: "
                "the cells that are public already give it away.")  # fmt: skip

    def _withhold(self, nodes: Bools) -> None:
        self.withheld = self.withheld | nodes[self._folded.node]

    def _task(self, found: Disclosure) -> Task:
        node = self._folded.node
        known = tuple(sorted({int(node[cell]) for cell in found.known}))
        return Task(int(node[found.cells[0]]), found.need, found.sign, known)

    def _watch(self, residual: list[Disclosure]) -> None:
        """Add the sensitive sums that published cells reveal as virtual cells, to be hidden like any primary."""
        members = _membership([one.cells for one in residual], len(self._system))
        sums = revealed(self._system, members)
        system = self._system.with_sums(members, sums.enterprises)
        more = len(system) - len(self._system)
        self.withheld = np.concatenate([self.withheld, np.ones(more, dtype=np.bool_)])
        self._frozen = np.concatenate([self._frozen, np.zeros(more, dtype=np.bool_)])
        self._take(system, extend(self._sensitivity, system))


def _membership(sums: list[tuple[int, ...]], size: int) -> sparse.csr_matrix:
    rows = np.repeat(np.arange(len(sums)), [len(cells) for cells in sums])
    columns = np.array([cell for cells in sums for cell in cells], dtype=np.int64)
    return sparse.csr_matrix((np.ones(len(rows), dtype=np.int64), (rows, columns)), shape=(len(sums), size))


def _weights(system: System) -> Floats:
    """Return the price of withholding each cell: one, plus its value against the mean cell's."""
    weight = np.ones(len(system))
    for column in system.values.values():
        weight += VALUE_PRICE * column / max(float(column.mean()), 1.0) / len(system.values)
    return weight
