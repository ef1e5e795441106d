"""The cheapest sets of further cells whose withholding lets sensitive cells move by their required protection.

A movement of values that keeps every relation is a flow f with A f = 0. Its support, withheld, hides what it moves:
the truth plus f is as good an answer as the truth. Minimising the cost of |f| is a linear programme; slope scaling
turns the cost per unit into a cost per cell (Fischetti and Salazar 2000; Kelly, Golden and Assad 1992).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import highspy
import numpy as np
import numpy.typing as npt
from scipy import sparse

from disclosure.core.system import Bools
from disclosure.core.tabulation.contributions import Ints

Floats = npt.NDArray[np.float64]

_FAR = 1e6  # units
_DUST = 1e-6  # units
_REWARD = 1e5  # for moving a target by a unit, against the price of the cells it takes
_SCALINGS = 3
_CHEAP = 0.5  # a price of a node that is withheld already, or as good as
_LITTLE = 1.5  # a price of a node of little value
_WHOLE = 3000  # nodes: in larger programmes a flow is improved around it
_FEW = 0.1  # of the columns: to change more of them takes longer than to tell the solver everything


@dataclass(frozen=True)
class Piece:
    """One connected part of a flow: the nodes that move and by how much, in the measure's units."""

    nodes: Ints
    amounts: Floats


@dataclass(frozen=True)
class Task:
    """Move each target node by its amount to one side, or to both by the same flow, while `still` nodes stay."""

    targets: Ints
    amounts: Ints
    still: Bools
    sign: int = 1
    both: bool = True


class Flows:
    """Minimum-cost flows over the folded relations of one measure."""

    def __init__(self, columns: sparse.csc_matrix, values: Floats) -> None:
        self._columns, self._values, self._size = columns, values, len(values)
        self._upper, self._cost = np.zeros(2 * self._size), np.zeros(2 * self._size)
        self._made: highspy.Highs | None = None
        self._starts: list[int] = columns.indptr.tolist()
        self._places: list[int] = columns.indices.tolist()

    @classmethod
    def over(cls, relations: sparse.csr_matrix, values: Ints) -> Flows:
        """Return the programme of all nodes: relations is (r, nodes), values (nodes) how far each can fall."""
        return cls(relations.tocsc(), values.astype(np.float64))

    def rows_of(self, node: int) -> list[int]:
        """Return the relations a node stands in."""
        return self._places[self._starts[node] : self._starts[node + 1]]

    def part(self, nodes: Ints) -> Part:
        """Return a smaller programme in which only some nodes can move, without those that then cannot either."""
        nodes = self._not_alone(nodes)
        entries, starts = _spans(self._columns.indptr, nodes)
        rows, place = np.unique(self._columns.indices[entries], return_inverse=True)
        shape = (len(rows), len(nodes))
        columns = sparse.csc_matrix((self._columns.data[entries], place, starts), shape=shape)
        return Part(nodes, Flows(columns, self._values[nodes]))

    def _not_alone(self, nodes: Ints) -> Ints:
        """Leave out nodes that are the only one in some relation, until none is."""
        while True:
            entries, starts = _spans(self._columns.indptr, nodes)
            rows = self._columns.indices[entries]
            alone = (np.bincount(rows, minlength=self._columns.shape[0]) == 1)[rows]
            ends = np.concatenate([[0], np.cumsum(alone)])
            moving = ends[starts[1:]] == ends[starts[:-1]]
            if moving.all():
                return nodes
            nodes = nodes[moving]

    @cached_property
    def _members(self) -> sparse.csr_matrix:
        """The nodes of each relation."""
        return self._columns.tocsr()

    def around(self, node: int, among: Bools, limit: int) -> Ints:
        """Return up to `limit` nodes among some, nearest to a node by relations, and the node itself."""
        left, edge = among.copy(), np.array([node])
        left[node] = False
        chosen, seen, room = [edge], np.zeros(self._columns.shape[0], dtype=np.bool_), limit - 1
        while room > 0 and len(edge):
            rows = self._columns.indices[_spans(self._columns.indptr, edge)[0]]
            rows = np.unique(rows[~seen[rows]])
            seen[rows] = True
            new = self._members.indices[_spans(self._members.indptr, rows)[0]]
            edge = np.unique(new[left[new]])[:room]
            left[edge] = False
            chosen.append(edge)
            room -= len(edge)
        return np.sort(np.concatenate(chosen))

    def find(self, task: Task, price: Floats) -> list[Piece]:
        """Return a cheap flow in connected pieces; targets that are in the way of each other may be missed.

        `price` (nodes) is the cost of withholding a node, next to nothing where it is withheld already.
        """
        unit = float(np.median(task.amounts))
        slope = price / np.clip(self._values / unit, 1e-3, 1.0)
        return self._pieces(self._scaled(task, price, slope, unit, _SCALINGS)[0] * unit, _DUST * unit)

    def _scaled(self, task: Task, price: Floats, slope: Floats, unit: float, times: int) -> tuple[Floats, float]:
        """Return the cheapest of some flows (nodes, in units) and its cost, each by the slopes of the one before."""
        fall = np.minimum(self._values / unit, _FAR)
        limit = np.concatenate([fall if task.both else np.full(self._size, _FAR), fall])
        limit[np.concatenate([task.still, task.still])] = 0.0
        best, least = np.zeros(self._size), np.inf
        for left in reversed(range(times)):
            flow = self._solve(task, slope, limit, unit)
            cost = _cost(flow, price) - _REWARD * float(np.abs(flow[task.targets]).sum())
            if cost < least - 1e-9:
                best, least = flow, cost
            used = np.abs(flow) > _DUST
            if not left or not (price[used] > _CHEAP).any():
                break
            slope = np.where(used, price / np.where(used, np.minimum(np.abs(flow), 1.0), 1.0), slope)
            if self._size > _WHOLE:
                around, cost = self._around_flow(used, task, price, slope, unit, left)
                return (around, cost) if cost < least - 1e-9 else (best, least)
        return best, least

    def _around_flow(
        self, used: Bools, task: Task, price: Floats, slope: Floats, unit: float, times: int
    ) -> tuple[Floats, float]:
        """Return what _scaled does, but only nodes that share a relation with a used one may move, and cheap ones that
        share one with a cheap one of those: a programme a fraction as large."""
        near = self._beside(np.flatnonzero(used))
        further = self._beside(near[price[near] < _LITTLE])
        part = self.part(np.union1d(near, further[price[further] < _LITTLE]))
        found, inside = np.zeros(self._size), part.inside(task)
        if inside is None:
            return found, 0.0
        nodes = part.nodes
        found[nodes], cost = part.flows._scaled(inside, price[nodes], slope[nodes], unit, times)
        return found, cost

    def _beside(self, nodes: Ints) -> Ints:
        """Return the nodes that share a relation with some, those included that stand in any."""
        rows = np.unique(self._columns.indices[_spans(self._columns.indptr, nodes)[0]])
        return np.unique(self._members.indices[_spans(self._members.indptr, rows)[0]])

    def _solve(self, task: Task, slope: Floats, limit: Floats, unit: float) -> Floats:
        size = self._size
        upper, cost = limit.copy(), np.concatenate([slope, slope])
        shift = 0 if task.sign > 0 else size
        upper[task.targets + shift] = np.minimum(upper[task.targets + shift], task.amounts / unit)
        upper[task.targets + size - shift] = 0.0
        cost[task.targets + shift] = -_REWARD
        solver = self._tell(upper, cost)
        solver.run()  # from rest, where every flow is zero and the programme dual feasible, it is soon solved
        status = solver.getModelStatus()
        if status != highspy.HighsModelStatus.kOptimal:
            raise ArithmeticError(f"the suppression's linear programme ended as {solver.modelStatusToString(status)}")
        both = np.array(solver.getSolution().col_value, dtype=np.float64)
        flow = both[:size] - both[size:]
        return np.where(np.abs(flow) > _DUST, flow, 0.0)

    def _tell(self, upper: Floats, cost: Floats) -> highspy.Highs:
        """Tell the solver what is different from the programme before, or everything if much is; return it."""
        limited, priced = (np.flatnonzero(new != old) for new, old in ((upper, self._upper), (cost, self._cost)))
        self._upper, self._cost = upper, cost
        if self._made is None or len(limited) + len(priced) > _FEW * len(cost):
            self._made = self._made or _solver()
            self._model.tell(self._made, upper, cost)
        else:
            self._made.changeColsBounds(len(limited), limited.astype(np.int32), np.zeros(len(limited)), upper[limited])
            self._made.changeColsCost(len(priced), priced.astype(np.int32), cost[priced])
            self._made.clearSolver()
        return self._made

    @cached_property
    def _model(self) -> _Model:
        return _Model(self._columns)

    def _pieces(self, flow: Floats, dust: float) -> list[Piece]:
        support = np.flatnonzero(np.abs(flow) > dust).tolist()
        return [Piece(np.array(part), flow[part]) for part in self._connected(support)]

    def _connected(self, nodes: Iterable[int]) -> list[list[int]]:
        """Return nodes in parts that share no relation."""
        parts: dict[int, list[int]] = {}
        part_of: dict[int, int] = {}
        first: dict[int, int] = {}
        for node in nodes:
            parts[node], part_of[node] = [node], node
            for row in self.rows_of(node):
                one, other = part_of[node], part_of[first.setdefault(row, node)]
                if one != other:
                    for member in parts[other]:
                        part_of[member] = one
                    parts[one] += parts.pop(other)
        return [sorted(part) for part in parts.values()]


class Part:
    """Flows over some nodes of a larger programme, named as there."""

    def __init__(self, nodes: Ints, flows: Flows) -> None:
        self.nodes, self.flows = nodes, flows

    def find(self, task: Task, price: Floats) -> list[Piece]:
        """Return what Flows.find does; targets that are not among the part's nodes are missed."""
        inside = self.inside(task)
        if inside is None:
            return []
        return [Piece(self.nodes[one.nodes], one.amounts) for one in self.flows.find(inside, price[self.nodes])]

    def inside(self, task: Task) -> Task | None:
        """Return what of a task is among the part's nodes, named as there, or None where nothing is."""
        targets = np.searchsorted(self.nodes, task.targets)
        here = targets < len(self.nodes)
        here[here] = self.nodes[targets[here]] == task.targets[here]
        if not here.any():
            return None
        return Task(targets[here], task.amounts[here], task.still[self.nodes], task.sign, task.both)


def _cost(flow: Floats, price: Floats) -> float:
    return float(price[np.abs(flow) > _DUST].sum())


def _spans(starts: Ints, chosen: Ints) -> tuple[Ints, Ints]:
    """Return the entries of chosen columns (or rows) of a sparse matrix, and where each begins among them."""
    first, count = starts[chosen], starts[chosen + 1] - starts[chosen]
    begins = np.concatenate([[0], np.cumsum(count)])
    return np.repeat(first - begins[:-1], count) + np.arange(begins[-1]), begins


class _Model:
    """A programme with two columns for each node: how far it rises, and how far it falls."""

    def __init__(self, columns: sparse.csc_matrix) -> None:
        starts, rows, amounts = columns.indptr.astype(np.int32), columns.indices.astype(np.int32), columns.data
        self._starts, self._rows = np.concatenate([starts, starts[1:] + starts[-1]]), np.concatenate([rows, rows])
        self._amounts = np.concatenate([amounts, -amounts]).astype(np.float64)
        self._size, self._none = 2 * columns.shape[1], np.zeros(columns.shape[0])
        self._least, self._kinds = np.zeros(self._size), np.zeros(self._size, dtype=np.int32)

    def tell(self, solver: highspy.Highs, upper: Floats, cost: Floats) -> None:
        """Give the solver this programme in place of any before."""
        solver.passModel(
            self._size, len(self._none), len(self._rows), int(highspy.MatrixFormat.kColwise),
            int(highspy.ObjSense.kMinimize), 0.0, cost, self._least, upper, self._none, self._none,
            self._starts, self._rows, self._amounts, self._kinds,
        )  # fmt: skip


def _solver() -> highspy.Highs:
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    for option, choice in (("output_flag", False), ("threads", 1), ("presolve", "off"), ("simplex_scale_strategy", 0)):
        solver.setOptionValue(option, choice)
    return solver
