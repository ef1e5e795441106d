"""Completes withheld QCEW cells with plausible whole numbers that contradict nothing published.

For the synthetic world only: a completed value is *one* possible value, not an estimate of the confidential one. Every
relation of the state and quarter holds exactly afterwards. One linear programme per variable in HiGHS; its matrix is
a network (cells of a county and cells of the state are two laminar families), so a vertex is whole-numbered.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog

from matching.core.qcew.published import VARIABLES, Relations, StateQuarter, relations, with_suppression

_TOLERANCE: Final = 1e-3
_SLOPES: Final = np.array([-3.0, -1.0, 1.0, 3.0, 9.0])
_BELOW_FLOOR_COST: Final = -30.0
_BEYOND_CAP_COST: Final = 60.0
_BEYOND_CAP: Final = 1e12
_TYPICAL_EMPLOYMENT: Final = 10.0
_TYPICAL_QUARTERLY_PAY: Final = 12_000.0
_TOP_DOWN_STEPS: Final = 9

Counts = NDArray[np.int64]
Reals = NDArray[np.float64]


class CompletionError(ValueError):
    """The published cells admit no whole-numbered, non-negative completion."""


@dataclass(frozen=True)
class Completion:
    """A state and quarter without gaps: `values` is (cells, 6) int64 in the order of qcew.VARIABLES, all >= 0."""

    cells: StateQuarter
    system: Relations
    values: Counts


def complete(cells: StateQuarter, previous: Completion | None = None) -> Completion:
    """Fill in every withheld value of the quarter so that all relations hold to the unit.

    Published values never change. Withheld ones stay as near as possible to a prior: what is left of the nearest
    published parent, shared by the published establishment counts (month 1), then month by month, pay by employment,
    taxable wages by wages, contributions by taxable wages. With `previous` (the quarter before) employment and pay per
    establishment carry on from there. Raises CompletionError where nothing fits or a result is not a whole number.
    """
    system = relations(cells)
    values = cells.values.copy()
    programme, tree = _Programme(cells, system), _Tree.of(cells, system)
    for column, name in enumerate(VARIABLES):
        size = _size(name, cells, values, previous)
        prior = _prior(cells, tree, values[:, column], size)
        cap = _cap(name, values)
        values[:, column] = programme.solve(name, values[:, column], prior, cap)
    return Completion(cells, system, values)


class _Programme:
    """The linear programme of one quarter: relations over withheld cells, ready for any of the six variables."""

    def __init__(self, cells: StateQuarter, system: Relations) -> None:
        self._withheld = np.flatnonzero(cells.withheld)
        kept = with_suppression(system, cells.withheld)
        self._system = system.matrix
        self._published = system.matrix[kept]
        self._unknown = self._published[:, self._withheld].tocsc()
        self._finest = cells.finest[self._withheld]

    def solve(self, name: str, published: Counts, prior: Reals, cap: Reals) -> Counts:
        """All values of one variable: (cells,) int64; `published` holds zero where withheld."""
        if not len(self._withheld):
            return published
        leaves = self._unknown[:, self._finest]
        segments, costs, widths = _segments(prior[self._withheld][self._finest], cap[self._withheld][self._finest])
        inner = self._unknown[:, ~self._finest]
        matrix = sparse.hstack([*[leaves] * segments, inner], format="csc")
        upper = np.concatenate([widths.ravel(), np.full(inner.shape[1], np.inf)])
        result = linprog(
            np.concatenate([costs.ravel(), np.zeros(inner.shape[1])]),
            A_eq=matrix,
            b_eq=-(self._published @ published),
            bounds=np.column_stack([np.zeros(len(upper)), upper]),
            method="highs-ds",
            options={"presolve": False},  # three times as fast here: the matrix is a network already
        )
        if result.x is None:
            raise CompletionError(f"{name}: the published cells contradict each other ({result.message})")
        return self._whole(name, published, result.x, segments)

    def _whole(self, name: str, published: Counts, solution: Reals, segments: int) -> Counts:
        leaves = int(self._finest.sum())
        found = np.empty(len(self._withheld))
        found[self._finest] = solution[: segments * leaves].reshape(segments, leaves).sum(axis=0)
        found[~self._finest] = solution[segments * leaves :]
        whole = np.rint(found)
        completed = published.copy()
        completed[self._withheld] = whole.astype(np.int64)
        if np.abs(found - whole).max() > _TOLERANCE:
            raise CompletionError(f"{name}: the completion is not in whole numbers.")
        if completed.min() < 0 or np.any(self._system @ completed):
            raise CompletionError(f"{name}: the completion does not add up exactly.")
        return completed


def _segments(prior: Reals, cap: Reals) -> tuple[int, Reals, Reals]:
    """Convex piecewise cost of departing from the prior: near-forbidden below a sixth of it and beyond the cap.

    Returns the number of segments and their costs and widths, each (segments, cells). Costs fall with the root of the
    prior, so that large cells absorb what must move.
    """
    whole = np.rint(prior)
    steps = [np.rint(whole / 6), np.rint(whole / 2), whole, np.rint(1.5 * whole) + 1, 4 * whole + 4]
    points = np.minimum(np.stack([*steps, np.full(len(whole), np.inf)]), cap)
    widths = np.vstack([np.diff(points, axis=0, prepend=0.0), np.full(len(whole), np.inf)])
    flat = np.ones((1, len(whole)))
    bent = _SLOPES[:, None] / np.sqrt(1.0 + whole)
    costs = np.vstack([_BELOW_FLOOR_COST * flat, bent, _BEYOND_CAP_COST * flat])
    return len(costs), costs, widths


def _cap(name: str, values: Counts) -> Reals:
    """What a cell should not exceed: taxable wages its wages, contributions these, pay none without work."""
    if name == "taxable_wages":
        return values[:, 3].astype(np.float64)
    if name == "contributions":
        return values[:, 4].astype(np.float64)
    if name == "total_wages":
        return np.where(values[:, :3].any(axis=1), _BEYOND_CAP, 0.0)
    return np.full(len(values), _BEYOND_CAP)


def _size(name: str, cells: StateQuarter, values: Counts, previous: Completion | None) -> Reals:
    """What the variable is shared by, per cell; only the finest cells count."""
    count = cells.establishments.astype(np.float64)
    if name == "month1":
        before = _carried(previous, cells, "month3", None, _TYPICAL_EMPLOYMENT)
        return (before + 0.02 * _TYPICAL_EMPLOYMENT) * count
    if name in ("month2", "month3"):
        return values[:, VARIABLES.index(name) - 1].astype(np.float64) + 0.1 * count
    if name == "total_wages":
        pay = _carried(previous, cells, "total_wages", "month3", _TYPICAL_QUARTERLY_PAY)
        paid: Reals = pay * values[:, :3].mean(axis=1)
        return paid
    if name == "taxable_wages":
        return values[:, 3].astype(np.float64)
    return values[:, 4].astype(np.float64)


def _carried(previous: Completion | None, cells: StateQuarter, top: str, bottom: str | None, otherwise: float) -> Reals:
    """A ratio of the quarter before per cell (per establishment if no `bottom`), `otherwise` where unknown."""
    ratio = np.full(len(cells.area), otherwise)
    if previous is None:
        return ratio
    old = previous.cells
    numerator = previous.values[:, VARIABLES.index(top)]
    denominator = old.establishments if bottom is None else previous.values[:, VARIABLES.index(bottom)]
    known = {
        key: up / down
        for key, up, down in zip(
            zip(old.area, old.ownership, old.industry, strict=True), numerator, denominator, strict=True
        )
        if down > 0
    }
    keys = zip(cells.area, cells.ownership, cells.industry, strict=True)
    return np.array([known.get(key, otherwise) for key in keys], dtype=np.float64)


@dataclass(frozen=True)
class _Tree:
    """What lies above each cell: its parent, its steps from the top of the area (total, all owners = 0), and the row of
    the statewide cell of the same owner and industry (itself for statewide cells)."""

    parent: Counts
    depth: Counts
    statewide: Counts

    @classmethod
    def of(cls, cells: StateQuarter, system: Relations) -> "_Tree":
        index = {(cells.ownership[row], cells.industry[row]): row for row in np.flatnonzero(cells.statewide)}
        keys = zip(cells.ownership, cells.industry, strict=True)
        statewide = np.array([index[key] for key in keys], dtype=np.int64)
        depth = np.zeros(len(system.parent_of), dtype=np.int64)
        above = system.parent_of
        while np.any(above >= 0):
            depth += above >= 0
            above = np.where(above >= 0, system.parent_of[above], -1)
        return cls(system.parent_of, depth, statewide)


def _prior(cells: StateQuarter, tree: _Tree, published: Counts, size: Reals) -> Reals:
    """A plausible value per cell, from the top down: what the parent has left, shared by size.

    The state comes first; a county's size is then scaled by how the state's cell of the same industry and owner
    departs from its own size.
    """
    size = _added_up(cells, tree, size)
    state = cells.statewide
    value = np.where(cells.withheld, 0.0, published)
    _top_down(state, cells.withheld, tree, value, size)
    intensity = np.where(size > 0, value / np.where(size > 0, size, 1.0), 1.0)
    scaled = size * np.where(state, 1.0, intensity[tree.statewide])
    _top_down(~state, cells.withheld, tree, value, np.where(scaled > 0, scaled, 1e-3 * size))
    return value


def _added_up(cells: StateQuarter, tree: _Tree, size: Reals) -> Reals:
    """Sizes of the finest cells summed to all cells above them, within areas and then to the state."""
    total = np.where(cells.finest, size, 0.0)
    np.add.at(total, tree.statewide[cells.finest], size[cells.finest])
    for step in range(_TOP_DOWN_STEPS, 0, -1):
        rows = np.flatnonzero(tree.depth == step)
        np.add.at(total, tree.parent[rows], total[rows])
    return total


def _top_down(where: NDArray[np.bool_], withheld: NDArray[np.bool_], tree: _Tree, value: Reals, size: Reals) -> None:
    """Fill `value` of withheld cells in place, level by level, from what their parent has left."""
    n = len(value)
    for step in range(1, tree.depth.max() + 1):
        rows = np.flatnonzero((tree.depth == step) & where)
        parents, hidden = tree.parent[rows], withheld[rows]
        shown = np.bincount(parents, np.where(hidden, 0.0, value[rows]), n)
        sizes = np.bincount(parents, np.where(hidden, size[rows], 0.0), n)
        left = np.maximum(value - shown, 0.0)
        share = np.where(sizes[parents] > 0, size[rows] / np.where(sizes[parents] > 0, sizes[parents], 1.0), 0.0)
        value[rows[hidden]] = (left[parents] * share)[hidden]
