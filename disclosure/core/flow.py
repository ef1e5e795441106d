"""The cheapest set of further cells whose withholding lets one cell move by its required protection.

A movement of values that keeps every relation is a flow f with A f = 0. Its support, withheld, hides the target: the
truth plus f is as good an answer as the truth. Minimising the cost of |f| is a linear programme; slope scaling turns
the cost per unit into a cost per cell (Fischetti and Salazar 2000; Kelly, Golden and Assad 1992).
"""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
import numpy.typing as npt
from scipy import sparse

from disclosure.core.contributions import Ints
from disclosure.core.system import Bools

Floats = npt.NDArray[np.float64]

_FAR = 1e4  # needs
_DUST = 1e-7  # needs
_SCALINGS = 3


@dataclass(frozen=True)
class Task:
    """Move the target node by `need` to one side while the `known` nodes stay."""

    target: int
    need: float
    sign: int
    known: tuple[int, ...] = ()


class CheapestFlow:
    """Minimum-cost flows over the folded relations of one measure."""

    def __init__(self, relations: sparse.csr_matrix, values: Ints) -> None:
        self._values = values.astype(np.float64)
        size = len(values)
        self._every = np.arange(2 * size, dtype=np.int32)
        self._solver = highspy.Highs()  # type: ignore[no-untyped-call]
        for option, choice in (("output_flag", False), ("threads", 1), ("presolve", "off")):
            self._solver.setOptionValue(option, choice)
        self._solver.passModel(_model(sparse.hstack([relations, -relations], format="csc")))

    def find(self, task: Task, price: Floats, movable: Bools) -> Floats | None:
        """Return the cheapest flow (nodes, in the measure's units), or None where none exists.

        `price` (nodes) is the cost of withholding a node, zero where it is withheld already.
        """
        room = np.minimum(self._values / task.need, _FAR)
        lower, upper = self._bounds(task, room, movable)
        slope = price / np.clip(room, 1e-6, 1.0)
        best: Floats | None = None
        for _ in range(_SCALINGS):
            flow = self._solve(slope, lower, upper)
            if flow is None:
                return None
            if best is None or _cost(flow, price) < _cost(best, price) - 1e-12:
                best = flow
            used = np.abs(flow) > _DUST
            if not price[used].any():
                break
            slope = np.where(used, price / np.where(used, np.abs(flow), 1.0), slope)
        return None if best is None else best * task.need

    def _bounds(self, task: Task, room: Floats, movable: Bools) -> tuple[Floats, Floats]:
        size = len(room)
        still = ~movable
        still[list(task.known)] = True
        upper = np.concatenate([np.where(still, 0.0, _FAR), np.where(still, 0.0, room)])
        lower = np.zeros(2 * size)
        up, down = (1.0, 0.0) if task.sign > 0 else (0.0, 1.0)
        lower[task.target] = upper[task.target] = up
        lower[size + task.target] = upper[size + task.target] = down
        return lower, upper

    def _solve(self, slope: Floats, lower: Floats, upper: Floats) -> Floats | None:
        solver, size = self._solver, len(slope)
        solver.changeColsBounds(2 * size, self._every, lower, upper)
        solver.changeColsCost(2 * size, self._every, np.concatenate([slope, slope]))
        solver.run()
        status = solver.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        if status != highspy.HighsModelStatus.kOptimal:
            raise ArithmeticError(f"the suppression's linear programme ended as {solver.modelStatusToString(status)}")
        both = np.array(solver.getSolution().col_value, dtype=np.float64)
        flow = both[:size] - both[size:]
        return np.where(np.abs(flow) > _DUST, flow, 0.0)


class Moves:
    """Flows already withheld: each hides every cell that it moves far enough, and its opposite may hide the rest."""

    def __init__(self, values: Ints) -> None:
        self._values = values.astype(np.float64)
        self._flows: list[Floats] = []

    def add(self, flow: Floats) -> None:
        """Remember a flow, stretched as far as no value falls below zero, and its opposite."""
        for direction in (flow, -flow):
            falling = direction < 0
            room = (self._values[falling] / -direction[falling]).min() if falling.any() else 1.0
            if room > 0:
                self._flows.append(direction * room)

    def enough(self, task: Task) -> bool:
        """Return whether some flow moves the task's target by its need."""
        return any(task.sign * flow[task.target] >= task.need for flow in self._flows)


def _cost(flow: Floats, price: Floats) -> float:
    return float(price[np.abs(flow) > _DUST].sum())


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
