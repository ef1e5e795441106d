"""Deviations that somebody offers as proofs, such as those suppression ended with: checked exactly, never believed.

A deviation proves the same wherever it comes from: it is a solution of the relations that the published cells leave
open, or it is not. Checking one costs a sum per relation; finding one costs a linear programme.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy import sparse

from disclosure.core.audit.programme import Piece
from disclosure.core.audit.reduction import Reduced

_LARGEST = 2.0**62  # no sum of whole numbers of 64 bits may come near their end


def confirmed(reduced: Reduced, offered: sparse.csr_matrix) -> Iterator[Piece]:
    """Yield the offered deviations (d, n; whole numbers, in units of the measure) that keep every relation.

    A class deviates as its first cell is said to; the others of the class follow, whatever was said of them.
    """
    cells = np.flatnonzero(reduced.label >= 0)
    classes, first = np.unique(reduced.label[cells], return_index=True)
    along = sparse.csr_matrix(
        (reduced.sign[cells[first]], (cells[first], classes)), shape=(len(reduced.label), reduced.size), dtype=np.int64
    )
    moved = (offered.astype(np.int64) @ along).tocsr()
    moved.eliminate_zeros()
    moved.sort_indices()
    keeps = _keeps(moved, reduced.relations.T.tocsr())
    for row, (start, end) in enumerate(pairwise(moved.indptr.tolist())):
        if end > start and keeps[row]:
            yield moved.indices[start:end].astype(np.int64), moved.data[start:end]


def _keeps(moved: sparse.csr_matrix, relations: sparse.csr_matrix) -> npt.NDArray[np.bool_]:
    """Return which deviations (d, classes) keep all relations (classes, r); one too large to be added up does not."""
    left = (moved @ relations).tocsr()
    left.eliminate_zeros()
    most = np.asarray(abs(relations.astype(np.float64)).sum(axis=1)).ravel()
    return np.asarray((np.diff(left.indptr) == 0) & (abs(moved.astype(np.float64)) @ most < _LARGEST), dtype=np.bool_)
