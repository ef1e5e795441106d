"""The auditor's linear programmes: how far a withheld value may lie from the truth, given all that is published.

Solved for deviations in units of the protection needed, never for the values themselves: a tolerance of 1e-7 on a
value of 1e9 would fake a width of a hundred.
"""

from __future__ import annotations

from itertools import pairwise

import highspy
import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from disclosure.core.contributions import Ints

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_FAR = 1e4  # needs: a bound on other cells that no protection hangs on; it can only make the audit stricter


class Deviations:
    """Deviations of one group of linked withheld cells: every relation stays true and no value falls below zero."""

    def __init__(self, relations: sparse.csr_matrix, values: Ints) -> None:
        self._values = values.astype(np.float64)
        self._every = np.arange(len(values), dtype=np.int32)
        self._solver = highspy.Highs()  # type: ignore[no-untyped-call]
        self._solver.setOptionValue("output_flag", False)
        self._solver.setOptionValue("threads", 1)
        self._solver.setOptionValue("presolve", "off")
        self._solver.passModel(_model(relations.tocsc()))

    def reach(self, target: int, need: float, sign: int, known: Bools | None = None) -> Floats:
        """Return the deviation that moves the target furthest up (sign 1) or down (-1), at most by its need.

        `known` cells stay where they are. The result (n) is in the measure's units.
        """
        lower, upper = np.maximum(-self._values / need, -_FAR), np.full(len(self._values), _FAR)
        lower[target], upper[target] = max(lower[target], -1.0), 1.0
        if known is not None:
            lower[known] = upper[known] = 0.0
        deviation = self._maximise(target, sign, lower, upper)
        if deviation is None:
            raise ArithmeticError("the audit's linear programme has no solution although the truth is one")
        deviation[np.abs(deviation) < 1e-9] = 0.0
        return deviation * need

    def bound(self, target: int, sign: int) -> float | None:
        """Return how far the target can move up or down in all, or None when nothing bounds it."""
        unit = max(float(self._values[target]), 1.0)
        upper = np.full(len(self._values), highspy.kHighsInf)
        deviation = self._maximise(target, sign, -self._values / unit, upper)
        return None if deviation is None else float(deviation[target]) * unit

    def _maximise(self, target: int, sign: int, lower: Floats, upper: Floats) -> Floats | None:
        solver, cost = self._solver, np.zeros(len(self._values))
        cost[target] = -float(sign)
        solver.changeColsBounds(len(cost), self._every, lower, upper)
        solver.changeColsCost(len(cost), self._every, cost)
        solver.run()
        status = solver.getModelStatus()
        if status in (highspy.HighsModelStatus.kUnbounded, highspy.HighsModelStatus.kUnboundedOrInfeasible):
            return None
        if status != highspy.HighsModelStatus.kOptimal:
            raise ArithmeticError(f"the audit's linear programme ended as {solver.modelStatusToString(status)}")
        return np.array(solver.getSolution().col_value, dtype=np.float64)


class Groups:
    """The withheld cells of a pattern in groups that no relation links; one set of programmes per group, on demand.

    `label` (n) is the group of each cell, -1 where published.
    """

    def __init__(self, relations: sparse.csr_matrix, values: Ints, withheld: Bools) -> None:
        columns = np.flatnonzero(withheld)
        self._size, self._values = len(values), values
        self._relations = relations[:, columns].tocsr()
        self._relations.eliminate_zeros()
        self._columns = columns
        self.label = np.full(self._size, -1, dtype=np.int64)
        self.label[columns] = _labels(self._relations)
        self._programmes: dict[int, tuple[Twins, Deviations]] = {}

    def reach(self, cell: int, need: float, sign: int, known: Ints) -> Floats:
        """Return the deviation of all cells (n) that moves the cell furthest to one side, at most by its need."""
        twins, programme = self._programme(cell)
        known_twins = np.isin(np.arange(len(twins.first)), twins.of(known[self.label[known] == self.label[cell]]))
        deviation = np.zeros(self._size)
        deviation[twins.members] = programme.reach(int(twins.of(cell)), need, sign, known_twins)[twins.label]
        return deviation

    def bound(self, cell: int, sign: int) -> float | None:
        """Return how far the cell can move to one side in all, or None when nothing bounds it."""
        twins, programme = self._programme(cell)
        return programme.bound(int(twins.of(cell)), sign)

    def _programme(self, cell: int) -> tuple[Twins, Deviations]:
        group = int(self.label[cell])
        if group not in self._programmes:
            members = np.flatnonzero(self.label == group)
            part = self._relations[:, np.searchsorted(self._columns, members)].tocsr()
            twins = Twins(members, part)
            least = np.full(len(twins.first), np.iinfo(np.int64).max)
            np.minimum.at(least, twins.label, self._values[members])
            self._programmes[group] = twins, Deviations(twins.relations, least)
        return self._programmes[group]


class Twins:
    """Cells of a group that can only move together, since a relation leaves nothing else unknown.

    `label` is the class of each member, `first` the first member of each class; `relations` are between classes. A
    class falls no further than its smallest value.
    """

    def __init__(self, members: Ints, relations: sparse.csr_matrix) -> None:
        self.members = members
        pairs = np.flatnonzero((np.diff(relations.indptr) == 2) & (np.asarray(relations.sum(axis=1)).ravel() == 0))
        one, other = relations.indices[relations.indptr[pairs]], relations.indices[relations.indptr[pairs] + 1]
        links = sparse.coo_matrix((np.ones(len(pairs)), (one, other)), shape=(len(members), len(members)))
        _, label = connected_components(links, directed=False)
        _, self.first, inverse = np.unique(label, return_index=True, return_inverse=True)
        self.label = np.asarray(inverse, dtype=np.int64)
        ones = np.ones(len(members), dtype=np.int64)
        classes = sparse.coo_matrix(
            (ones, (np.arange(len(members)), self.label)), shape=(len(members), len(self.first))
        )
        self.relations = _once((relations @ classes.tocsr()).tocsr())

    def of(self, cells: Ints | int) -> Ints:
        """Return the class of each cell."""
        return np.asarray(self.label[np.searchsorted(self.members, cells)], dtype=np.int64)


def _once(relations: sparse.csr_matrix) -> sparse.csr_matrix:
    """Return the relations without empty ones and repetitions."""
    relations.eliminate_zeros()
    relations.sort_indices()
    starts, cells, coefficients = relations.indptr.tolist(), relations.indices, relations.data
    rows: dict[bytes, int] = {}
    for row, (start, end) in enumerate(pairwise(starts)):
        if end > start:
            rows.setdefault(cells[start:end].tobytes() + coefficients[start:end].tobytes(), row)
    return relations[list(rows.values())]


def _labels(relations: sparse.csr_matrix) -> Ints:
    """Return the connected group of each column."""
    graph = sparse.bmat([[None, relations], [relations.T, None]], format="csr")
    _, label = connected_components(graph, directed=False)
    return np.asarray(label[relations.shape[0] :], dtype=np.int64)


# Stands in flow.py too, and stays so: the auditor shares no code with what it audits.
def _model(matrix: sparse.csc_matrix) -> highspy.HighsLp:
    rows, columns = matrix.shape
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = columns, rows
    model.col_cost_, model.col_lower_, model.col_upper_ = np.zeros(columns), np.zeros(columns), np.zeros(columns)
    model.row_lower_, model.row_upper_ = np.zeros(rows), np.zeros(rows)
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = matrix.indptr.astype(np.int32)
    model.a_matrix_.index_ = matrix.indices.astype(np.int32)
    model.a_matrix_.value_ = matrix.data.astype(np.float64)
    return model
