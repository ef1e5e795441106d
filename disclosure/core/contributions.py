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
    """Return the k largest contributions of each cell; ties go to the enterprise that stands first."""
    positive = matrix.copy()
    positive.sum_duplicates()
    positive.eliminate_zeros()
    cells, _ = positive.shape
    row = np.repeat(np.arange(cells), np.diff(positive.indptr))
    order = np.lexsort((positive.indices, -positive.data, row))
    rank = np.arange(len(row)) - positive.indptr[row]
    kept = rank < k
    amounts = np.zeros((cells, k), dtype=np.int64)
    enterprises = np.full((cells, k), -1, dtype=np.int64)
    amounts[row[kept], rank[kept]] = positive.data[order][kept]
    enterprises[row[kept], rank[kept]] = positive.indices[order][kept]
    return Largest(amounts, enterprises, np.diff(positive.indptr).astype(np.int64))


def by_enterprise(cells: Ints, enterprises: Ints, amounts: Ints, shape: tuple[int, int]) -> sparse.csr_matrix:
    """Sum contributions of the same enterprise to the same cell: a holding counts once, however many accounts."""
    matrix = sparse.coo_matrix((amounts, (cells, enterprises)), shape=shape, dtype=np.int64).tocsr()
    matrix.sum_duplicates()
    return matrix
