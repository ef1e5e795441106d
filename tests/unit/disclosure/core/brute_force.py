"""One linear programme per cell and side, straight from the relations: shares no code with suppression or audit."""

from __future__ import annotations

import highspy
import numpy as np
import numpy.typing as npt
from scipy import sparse

from disclosure.core.system import System


class Deviations:
    """Every way in which some cells of a measure may differ from the truth: relations hold, no value below zero.

    `movable` (n) marks the cells that may differ; all others are known.
    """

    def __init__(self, system: System, measure: str, movable: npt.NDArray[np.bool_]) -> None:
        self._cells = {int(cell): place for place, cell in enumerate(np.flatnonzero(movable))}
        matrix = sparse.csc_matrix(system.relations.tocsc()[:, np.flatnonzero(movable)])
        rows, columns = matrix.shape
        nothing, kept = np.zeros(columns), np.zeros(rows)
        self._solver = highspy.Highs()
        for option, choice in (("output_flag", False), ("threads", 1), ("presolve", "off")):
            self._solver.setOptionValue(option, choice)
        self._solver.passModel(
            columns, rows, matrix.nnz, int(highspy.MatrixFormat.kColwise), int(highspy.ObjSense.kMinimize), 0.0,
            nothing, -system.values[measure][movable].astype(np.float64), np.full(columns, highspy.kHighsInf),
            kept, kept, matrix.indptr.astype(np.int32), matrix.indices.astype(np.int32),
            matrix.data.astype(np.float64), np.zeros(columns, dtype=np.int32),
        )  # fmt: skip

    def furthest(self, cell: int, sign: int) -> float:
        """Return how far a cell may lie from the truth to one side; inf where nothing bounds it."""
        if cell not in self._cells:
            return 0.0
        place = self._cells[cell]
        self._solver.clearSolver()  # from the truth: a start from the last answer, often unbounded, may end nowhere
        self._solver.changeColCost(place, -float(sign))
        self._solver.run()
        status, reached = self._solver.getModelStatus(), -float(self._solver.getInfo().objective_function_value)
        self._solver.changeColCost(place, 0.0)
        if status == highspy.HighsModelStatus.kUnbounded:
            return np.inf
        assert status == highspy.HighsModelStatus.kOptimal, status
        return reached
