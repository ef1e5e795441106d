"""Cells that are one and the same, folded: a parent with a single non-empty child is that child.

One-child parents make up half of a real table. They must share a status, and the linear programmes are smaller and
faster without them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from disclosure.core.system import Bools, System
from disclosure.core.tabulation.contributions import Ints


@dataclass(frozen=True)
class Folded:
    """`node` (n) is the node of each cell, `first` (nodes) the first cell of each node; `relations` is (r, nodes),
    without repetitions."""

    node: Ints
    first: Ints
    relations: sparse.csr_matrix

    def any(self, cells: Bools) -> Bools:
        """Return the nodes (nodes) that hold any of the cells (n)."""
        found = np.zeros(len(self.first), dtype=np.bool_)
        found[self.node[cells]] = True
        return found

    def most(self, amounts: Ints) -> Ints:
        """Return the largest amount (n) among each node's cells."""
        most = np.zeros(len(self.first), dtype=np.int64)
        np.maximum.at(most, self.node, amounts)
        return most


def fold(system: System) -> Folded:
    """Fold cells that a relation makes equal because all its other members are empty."""
    live = system.relations.multiply((~system.empty).astype(np.int64)).tocsr()
    live.eliminate_zeros()
    pairs = np.flatnonzero((np.diff(live.indptr) == 2) & (np.asarray(live.sum(axis=1)).ravel() == 0))
    one, other = live.indices[live.indptr[pairs]], live.indices[live.indptr[pairs] + 1]
    size = len(system)
    links = sparse.coo_matrix((np.ones(len(pairs)), (one, other)), shape=(size, size))
    _, label = connected_components(links, directed=False)
    _, first, node = np.unique(label, return_index=True, return_inverse=True)
    onto = sparse.coo_matrix((np.ones(size, dtype=np.int64), (np.arange(size), node)), shape=(size, len(first)))
    return Folded(node.astype(np.int64), first.astype(np.int64), _distinct((system.relations @ onto).tocsr()))


def _distinct(relations: sparse.csr_matrix) -> sparse.csr_matrix:
    """Leave out empty rows and repetitions of a row."""
    relations.eliminate_zeros()
    relations.sort_indices()
    seen: dict[tuple[bytes, bytes], int] = {}
    for row in np.flatnonzero(np.diff(relations.indptr)):
        span = slice(relations.indptr[row], relations.indptr[row + 1])
        seen.setdefault((relations.indices[span].tobytes(), relations.data[span].tobytes()), int(row))
    return relations[np.fromiter(seen.values(), dtype=np.int64, count=len(seen))]
