"""The auditor's linear programmes: how far withheld values may lie from the truth, given all that is published.

A deviation keeps every relation and lets no value fall below zero. Programmes are solved for deviations in units of
the need at hand, never for values: a tolerance of 1e-7 on a value of 1e9 would fake a width of a hundred. What they
find is believed only after exact integer arithmetic has confirmed it.
"""

from __future__ import annotations

from functools import cached_property

import highspy
import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from disclosure.core.audit.reduction import UNBOUNDED, Reduced
from disclosure.core.tabulation.contributions import Ints

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Piece = tuple[Ints, Ints]  # a whole-numbered deviation: the classes that move, and by how much

_REWARD = 1e4  # for moving a target, against 1 for moving any other class by as much
_FAR = 1e6  # units: a bound on other classes; it can only make the audit stricter
_CLOSE = 1e-7  # of the need
_DUST = 1e-3  # of a whole unit of value
_DENOMINATORS = (1, 2, 3, 4, 6, 12, 60)


class Programme:
    """Deviations of the classes of one reduced measure."""

    def __init__(self, reduced: Reduced) -> None:
        self._reduced = reduced
        self._together: highspy.Highs | None = None
        self._single: highspy.Highs | None = None
        self.rows = reduced.relations.T.tocsr()  # per class, the relations it stands in
        self._starts: list[int] = self.rows.indptr.tolist()
        self._entries = list(zip(self.rows.indices.tolist(), self.rows.data.tolist(), strict=True))

    @cached_property
    def part(self) -> Ints:
        """The connected part of each class."""
        return _parts(self._reduced.relations)

    def near(self, target: int, limit: int) -> tuple[Ints, Programme]:
        """Return the classes nearest to a target by relations, in order, and the programme of them alone.

        All other classes stay, so what it finds is a deviation of the whole; what it misses proves nothing.
        """
        whole = self._reduced
        far, edge = np.ones(whole.size, dtype=np.bool_), np.array([target])
        unseen, found, room = np.ones(whole.relations.shape[0], dtype=np.bool_), [edge], limit - 1
        far[target] = False
        while room > 0 and len(edge):
            rows = np.unique(_entries(self.rows, edge))
            rows = rows[unseen[rows]]
            unseen[rows] = False
            edge = np.unique(_entries(whole.relations, rows))
            edge = edge[far[edge]][:room]
            far[edge] = False
            found.append(edge)
            room -= len(edge)
        classes = np.sort(np.concatenate(found))
        relations = self.rows[classes].T.tocsr()
        relations = relations[np.flatnonzero(np.diff(relations.indptr))]
        return classes, Programme(
            Reduced(whole.label[:0], whole.sign[:0], relations, whole.fall[classes], whole.rise[classes])
        )

    def _terms(self, one: int) -> list[tuple[int, int]]:
        """Return the relations a class stands in, with its coefficients."""
        return self._entries[self._starts[one] : self._starts[one + 1]]

    def together(self, targets: Ints, amounts: Ints, still: Bools, price: Floats) -> list[Piece]:
        """Move many targets by their amounts at once, cheaply, by deviations whose opposites are deviations too.

        `still` classes stay. Returns whole-numbered deviations (classes), one per connected part; targets that are in
        the way of each other may be missed.
        """
        unit = float(np.median(amounts))
        box = np.minimum(np.minimum(self._reduced.fall, self._reduced.rise) / unit, _FAR)
        return self._pieces(self._cheapest(targets, amounts / unit, 1, (box, box), still, price) * unit)

    def furthest(self, target: int, need: int, sign: int, still: Bools, price: Floats) -> tuple[float, list[Piece]]:
        """Return how far the target can move to one side, at most by its need, and deviations that prove it."""
        rise, fall = (np.minimum(limit / need, _FAR) for limit in (self._reduced.rise, self._reduced.fall))
        found = self._cheapest(np.array([target]), np.ones(1), sign, (rise, fall), still, price)
        if sign * found[target] < 1.0 - _CLOSE:
            lower, upper = -fall, rise
            lower[target], upper[target] = max(lower[target], -1.0), min(upper[target], 1.0)
            lower[still] = upper[still] = 0.0
            found = self._one(target, sign, lower, upper)
        return sign * float(found[target]) * need, self._pieces(found * need)

    def _cheapest(
        self, targets: Ints, amounts: Floats, sign: int, room: tuple[Floats, Floats], still: Bools, price: Floats
    ) -> Floats:
        """Return the deviation (classes) that moves targets to one side by up to their amounts at the least price."""
        size = self._reduced.size
        limit, cost = np.concatenate(room), np.concatenate([price, price])
        limit[np.concatenate([still, still])] = 0.0
        along, against = (targets, size + targets) if sign > 0 else (size + targets, targets)
        limit[along], limit[against] = np.minimum(limit[along], amounts), 0.0
        cost[along] = -_REWARD
        if self._together is None:
            both = sparse.hstack([self._reduced.relations, -self._reduced.relations], format="csc")
            self._together = _solver(both)
        self._together.clearSolver()  # from rest, where nothing moves, it is soon solved
        found = _solve(self._together, cost, np.zeros(2 * size), limit)
        return np.asarray(found[:size] - found[size:], dtype=np.float64)

    def bound(self, target: int, sign: int) -> float | None:
        """Return how far the target can move to one side in all, or None when nothing bounds it."""
        limits = (self._reduced.fall, self._reduced.rise)
        unit = float(max(int(np.minimum(*limits)[target]), 1))
        lower, upper = (np.where(limit >= UNBOUNDED, highspy.kHighsInf, limit / unit) for limit in limits)
        finite = sum(float(limit[limit < UNBOUNDED].sum()) for limit in limits)
        beyond = 4.0 * (finite + 1.0) / unit  # more than any bound can be
        lower[target], upper[target] = min(lower[target], beyond), min(upper[target], beyond)
        moved = sign * float(self._one(target, sign, -lower, upper)[target])
        return None if moved > beyond * (1 - _CLOSE) else sign * moved * unit

    def _one(self, target: int, sign: int, lower: Floats, upper: Floats) -> Floats:
        if self._single is None:
            self._single = _solver(self._reduced.relations.tocsc())
        cost = np.zeros(self._reduced.size)
        cost[target] = -float(sign)
        others = self.part != self.part[target]
        lower[others] = upper[others] = 0.0
        return _solve(self._single, cost, lower, upper)

    def _pieces(self, found: Floats) -> list[Piece]:
        """Return a deviation's connected parts in whole numbers; parts that do not confirm exactly are left out."""
        support = np.flatnonzero(np.abs(found) > _DUST)
        amounts = dict(zip(support.tolist(), found[support].tolist(), strict=True))
        wholes = [(part, _whole([self._terms(one) for one in part], [amounts[one] for one in part]))
                  for part in self._connected(support.tolist())]  # fmt: skip
        return [(np.array(part), np.array(whole)) for part, whole in wholes if whole]

    def _connected(self, support: list[int]) -> list[list[int]]:
        """Return the classes in parts that share no relation."""
        group: dict[int, list[int]] = {}
        of_row: dict[int, int] = {}
        name: dict[int, int] = {}
        for one in support:
            name[one], group[one] = one, [one]
            for row, _ in self._terms(one):
                other = of_row.setdefault(row, one)
                here, there = name[one], name[other]
                if here != there:
                    small, large = sorted((here, there), key=lambda key: len(group[key]))
                    for member in group[small]:
                        name[member] = large
                    group[large] += group.pop(small)
        return [sorted(part) for part in group.values()]


def _whole(terms: list[list[tuple[int, int]]], amounts: list[float]) -> list[int]:
    """Return a multiple of the amounts in whole numbers that keeps the relations exactly, or nothing."""
    smallest = min(abs(amount) for amount in amounts)
    for factor in (*_DENOMINATORS, 1 / smallest):
        rounded = [round(amount * factor) for amount in amounts]
        left: dict[int, int] = {}
        for one, amount in zip(terms, rounded, strict=True):
            for row, coefficient in one:
                left[row] = left.get(row, 0) + coefficient * amount
        if all(rounded) and not any(left.values()):
            return rounded
    return []


def _parts(relations: sparse.csr_matrix) -> Ints:
    """Return the connected part of each class."""
    graph = sparse.bmat([[None, relations], [relations.T, None]], format="csr")
    if not graph.shape[0]:
        return np.empty(0, dtype=np.int64)
    _, label = connected_components(graph, directed=False)
    _, part = np.unique(label[relations.shape[0] :], return_inverse=True)
    return np.asarray(part, dtype=np.int64)


def _solve(solver: highspy.Highs, cost: Floats, lower: Floats, upper: Floats) -> Floats:
    """Minimise the cost; always feasible (the truth is a point) and bounded. A start that fails is forgotten once."""
    every = np.arange(len(cost), dtype=np.int32)
    solver.changeColsBounds(len(cost), every, lower, upper)
    solver.changeColsCost(len(cost), every, cost)
    for _ in range(2):
        solver.run()
        status = solver.getModelStatus()
        if status == highspy.HighsModelStatus.kOptimal:
            return np.array(solver.getSolution().col_value, dtype=np.float64)
        solver.clearSolver()
    raise ArithmeticError(f"the audit's linear programme ended as {solver.modelStatusToString(status)}")


def _entries(matrix: sparse.csr_matrix, rows: Ints) -> Ints:
    """Return the columns in which some rows of a matrix stand."""
    first, count = matrix.indptr[rows], np.diff(matrix.indptr)[rows]
    ends = np.cumsum(count)
    return np.asarray(matrix.indices[np.repeat(first - ends + count, count) + np.arange(count.sum())], dtype=np.int64)


# Much the same stands in flow.py, and stays there too: the auditor shares no code with what it audits.
def _solver(matrix: sparse.csc_matrix) -> highspy.Highs:
    rows, columns = matrix.shape
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    for option, choice in (("output_flag", False), ("threads", 1), ("presolve", "off")):
        solver.setOptionValue(option, choice)
    none, kept = np.zeros(columns), np.zeros(rows)
    solver.passModel(
        columns, rows, matrix.nnz, int(highspy.MatrixFormat.kColwise), int(highspy.ObjSense.kMinimize), 0.0,
        none, none, none, kept, kept, matrix.indptr.astype(np.int32), matrix.indices.astype(np.int32),
        matrix.data.astype(np.float64), np.zeros(columns, dtype=np.int32),
    )  # fmt: skip
    return solver
