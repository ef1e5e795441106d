"""Contributions of enterprises to cells, as sparse matrices, and what the rules need to know of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Largest:
    """The k largest contributions of each row: amounts (n, k), enterprise columns (n, k; -1 where none), and how
    many enterprises contribute more than zero (n)."""

    amounts: Ints
    enterprises: Ints
    contributing: Ints


def largest(matrix: sparse.csr_matrix, k: int = 2) -> Largest:
    """Return the k largest contributions of each cell; ties go to the enterprise that stands first.

    `matrix` has each enterprise once a cell, in ascending order (canonical format). One pass over it for each of k.
    """
    left = matrix.data.copy()
    count = np.diff(matrix.indptr)
    cells = np.flatnonzero(count)
    starts, sizes = matrix.indptr[cells], count[cells]
    amounts = np.zeros((len(count), k), dtype=np.int64)
    enterprises = np.full((len(count), k), -1, dtype=np.int64)
    contributing = np.zeros(len(count), dtype=np.int64)
    if len(cells):
        contributing[cells] = np.add.reduceat((left > 0).astype(np.int64), starts)
    for place in range(k if len(cells) else 0):
        most = np.maximum.reduceat(left, starts)
        first = _first_of_each(np.flatnonzero(left == np.repeat(most, sizes)), starts)
        positive = most > 0
        amounts[cells[positive], place] = most[positive]
        enterprises[cells[positive], place] = matrix.indices[first[positive]]
        left[first] = 0
    return Largest(amounts, enterprises, contributing)


def _first_of_each(found: Ints, starts: Ints) -> Ints:
    """Return the first of `found` (ascending) at or after each start; there is one before the next start."""
    return found[np.searchsorted(found, starts)]


def by_enterprise(cells: Ints, enterprises: Ints, amounts: Ints, shape: tuple[int, int]) -> sparse.csr_matrix:
    """Sum contributions of the same enterprise to the same cell: a holding counts once, however many accounts."""
    matrix = sparse.coo_matrix((amounts, (cells, enterprises)), shape=shape, dtype=np.int64).tocsr()
    matrix.sum_duplicates()
    return matrix
