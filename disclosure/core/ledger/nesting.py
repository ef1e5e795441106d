"""Cells of one table inside cells of another: a region is the sum of its counties, or of some and a rest."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy import sparse

from disclosure.core.tabulation.contributions import Ints


def across(
    inside: sparse.csr_matrix, outer: Ints, inner: Ints, relations: sparse.csr_matrix, atom_box: Ints
) -> sparse.csr_matrix:
    """Return a relation (r, boxes) for each outer box with inner boxes in it: the sum of the largest of them, none
    overlapping another, and of the atoms left.

    `inside` (boxes, atoms) is 0/1; `inner` (cells) are the boxes of a table whose cells `relations` (r, cells) links;
    `atom_box` (atoms) is the box that each atom is.
    """
    held = _largest_held(inside, outer, inner, relations)
    rows = []
    for place, (start, end) in enumerate(pairwise(held.indptr.tolist())):
        chosen, rest = _disjoint(inside, int(outer[place]), held.indices[start:end])
        if chosen:
            rows.append(_row(int(outer[place]), chosen, atom_box[rest], inside.shape[0]))
    return sparse.vstack(rows, format="csr") if rows else sparse.csr_matrix((0, inside.shape[0]), dtype=np.int64)


def _largest_held(
    inside: sparse.csr_matrix, outer: Ints, inner: Ints, relations: sparse.csr_matrix
) -> sparse.csr_matrix:
    """Return (outer, boxes): the inner boxes inside an outer one, without those whose parent is inside as well."""
    cells = np.flatnonzero(inner >= 0)
    size = np.asarray(inside.sum(axis=1)).ravel()
    common = (inside[outer] @ inside[inner[cells]].T).tocoo()
    whole = (common.data == size[inner[cells]][common.col]) & (size[outer][common.row] > common.data)
    held = sparse.csr_matrix(
        (np.ones(int(whole.sum()), dtype=np.int64), (common.row[whole], cells[common.col[whole]])),
        shape=(len(outer), len(inner)),
    )
    parents = ((relations.maximum(0).T @ (-relations).maximum(0)) > 0).astype(np.int64)  # (child, parent)
    below = (held @ parents.T).tocsr()
    below = below.multiply(held).tocsr()
    below.data[:] = 1
    kept = (held - below).tocsr()
    kept.eliminate_zeros()
    onto = sparse.csr_matrix(
        (np.ones(len(cells), dtype=np.int64), (cells, inner[cells])), shape=(len(inner), inside.shape[0])
    )
    boxes = (kept @ onto).tocsr()
    boxes.sort_indices()
    same = np.zeros(inside.shape[0], dtype=np.bool_)
    same[inner[cells]] = True
    return (sparse.diags((~same[outer]).astype(np.int64), dtype=np.int64) @ boxes).tocsr()


def _disjoint(inside: sparse.csr_matrix, outer: int, candidates: Ints) -> tuple[list[int], Ints]:
    """Choose candidates that do not overlap, the largest first; return them and the atoms of the outer box left."""

    def atoms(box: int) -> Ints:
        return np.asarray(inside.indices[inside.indptr[box] : inside.indptr[box + 1]])

    left = set(atoms(outer).tolist())
    chosen = []
    for box in sorted(candidates.tolist(), key=lambda one: (-len(atoms(one)), one)):
        mine = atoms(box).tolist()
        if left.issuperset(mine):
            left.difference_update(mine)
            chosen.append(box)
    return chosen, np.array(sorted(left), dtype=np.int64)


def _row(outer: int, chosen: list[int], rest: Ints, width: int) -> sparse.csr_matrix:
    columns = np.concatenate([[outer], chosen, rest]).astype(np.int64)
    data = np.concatenate([[-1], np.ones(len(columns) - 1)]).astype(np.int64)
    return sparse.csr_matrix((data, (np.zeros(len(columns), dtype=np.int64), columns)), shape=(1, width))
