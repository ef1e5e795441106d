"""What is left to find out once the published cells are known: withheld cells in classes that move together.

A relation with one unknown gives it away; one with two ties them: both rise, or one rises as the other falls. This is
repeated until every relation has three unknowns or more. Most of a real table is settled here.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from disclosure.core.tabulation.contributions import Ints

Bools = npt.NDArray[np.bool_]
UNBOUNDED = np.iinfo(np.int64).max // 4


@dataclass(frozen=True)
class Reduced:
    """Withheld cells of one measure as classes. A cell deviates from the truth by sign x its class's deviation.

    `label` (n) is the class of each cell, -1 where published or given away by relations alone; `sign` (n) is 1 or -1;
    `relations` (r, classes); a class can fall by `fall` and rise by `rise` (classes) before a cell is below zero.
    """

    label: Ints
    sign: Ints
    relations: sparse.csr_matrix
    fall: Ints
    rise: Ints

    @property
    def size(self) -> int:
        """Return the number of classes."""
        return len(self.fall)

    def most(self, up: Ints, down: Ints, cells: Bools) -> tuple[Ints, Ints]:
        """Return how far each class has to rise and to fall so that each cell moves by its need."""
        rise, fall = np.zeros(self.size, dtype=np.int64), np.zeros(self.size, dtype=np.int64)
        here = np.flatnonzero(cells & (self.label >= 0))
        along = self.sign[here] > 0
        np.maximum.at(rise, self.label[here], np.where(along, up[here], down[here]))
        np.maximum.at(fall, self.label[here], np.where(along, down[here], up[here]))
        return rise, fall


def reduce(relations: sparse.csr_matrix, values: Ints, withheld: Bools) -> Reduced:
    """Reduce the relations (r, n) to what they leave open about the withheld cells."""
    columns = np.flatnonzero(withheld)
    onto = sparse.identity(len(columns), dtype=np.int64, format="csr")
    rest = _distinct(relations[:, columns].tocsr())
    while True:
        step = _tied(rest)
        if step is None:
            break
        onto = (onto @ step).tocsr()
        rest = _distinct((rest @ step).tocsr())
    return _classes(onto, rest, columns, values)


def _classes(onto: sparse.csr_matrix, rest: sparse.csr_matrix, columns: Ints, values: Ints) -> Reduced:
    onto.eliminate_zeros()
    some = np.flatnonzero(np.diff(onto.indptr))
    label, sign = np.full(len(values), -1, dtype=np.int64), np.ones(len(values), dtype=np.int64)
    label[columns[some]], sign[columns[some]] = onto.indices, onto.data
    fall, rise = (np.full(onto.shape[1], UNBOUNDED, dtype=np.int64) for _ in range(2))
    cells = columns[some]
    along, against = cells[sign[cells] > 0], cells[sign[cells] < 0]
    np.minimum.at(fall, label[along], values[along])
    np.minimum.at(rise, label[against], values[against])
    return Reduced(label, sign, rest, fall, rise)


def _tied(rest: sparse.csr_matrix) -> sparse.csr_matrix | None:
    """Return the map of classes onto fewer ones that short relations impose, or None where none is short.

    Classes are tied with their signs in a doubled graph: of a class and its opposite. What is tied to its own
    opposite cannot move, nor can what stands alone in a relation.
    """
    length, size = np.diff(rest.indptr), rest.shape[1]
    alone = rest.indices[rest.indptr[:-1][length == 1]]
    first = rest.indptr[:-1][length == 2]
    first = first[np.abs(rest.data[first]) == np.abs(rest.data[first + 1])]
    if not len(alone) and not len(first):
        return None
    one, other = rest.indices[first], rest.indices[first + 1]
    opposite = np.sign(rest.data[first]) == np.sign(rest.data[first + 1])
    partner = np.where(opposite, other + size, other)
    away = np.where(opposite, other, other + size)
    rows, columns = np.concatenate([one, one + size, alone]), np.concatenate([partner, away, alone + size])
    graph = sparse.coo_matrix((np.ones(len(rows)), (rows, columns)), shape=(2 * size, 2 * size))
    _, part = connected_components(graph, directed=False)
    plus, minus = part[:size], part[size:]
    moving = np.flatnonzero(plus != minus)
    kept, label = np.unique(np.minimum(plus, minus)[moving], return_inverse=True)
    sign = np.where(plus[moving] < minus[moving], 1, -1).astype(np.int64)
    return sparse.csr_matrix((sign, (moving, label)), shape=(size, len(kept)))


def _distinct(relations: sparse.csr_matrix) -> sparse.csr_matrix:
    """Return the relations without empty ones and repetitions, whatever their sign."""
    relations.eliminate_zeros()
    relations.sort_indices()
    cells, amounts = relations.indices, relations.data
    rows: dict[bytes, int] = {}
    for row, (start, end) in enumerate(pairwise(relations.indptr.tolist())):
        if end > start:
            content = amounts[start:end] * (1 if amounts[start] > 0 else -1)
            rows.setdefault(cells[start:end].tobytes() + content.tobytes(), row)
    return relations[list(rows.values())]
