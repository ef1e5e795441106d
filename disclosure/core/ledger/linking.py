"""Every sum among the boxes of several tables: each table's own, cells of one in another's, and of atoms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from scipy import sparse

from disclosure.core.ledger.boxes import Boxes
from disclosure.core.ledger.entry import Entry
from disclosure.core.ledger.nesting import across
from disclosure.core.system import Bools
from disclosure.core.tabulation.contributions import Ints


def linked(entries: Sequence[Entry], boxes: Boxes, inside: sparse.csr_matrix, atom_box: Ints) -> sparse.csr_matrix:
    """Return the relations (r, boxes): -1 for a sum, 1 for its parts.

    `inside` (boxes, atoms) is 0/1, and `atom_box` (atoms) the box that each atom is. Boxes that no table's relation
    sums are sums of their atoms.
    """
    made = sparse.vstack(
        [*_of_tables(entries, boxes, inside), *_across_tables(entries, boxes, inside, atom_box)], format="csr"
    )
    summed = np.asarray(made.minimum(0).sum(axis=0)).ravel() < 0
    return sparse.vstack([made, _of_atoms(~summed, inside, atom_box)], format="csr", dtype=np.int64)


def _of_tables(entries: Sequence[Entry], boxes: Boxes, inside: sparse.csr_matrix) -> Iterator[sparse.csr_matrix]:
    """Yield every table's sums, as it was made and as other loads had it."""
    for table, own in enumerate(boxes.own):
        yield _mapped(entries[table].relations, own, inside)
    for (table, _), there in sorted(boxes.elsewhere.items()):
        yield _mapped(entries[table].relations, there, inside)


def _mapped(relations: sparse.csr_matrix, boxes: Ints, inside: sparse.csr_matrix) -> sparse.csr_matrix:
    """Return a table's relations over boxes. Empty cells drop out; what does not add up in another load, because a cell
    is not held whole there or the table has none for a part, is no relation."""
    kept = np.flatnonzero(boxes >= 0)
    ones = np.ones(len(kept), dtype=np.int64)
    onto = sparse.csr_matrix((ones, (kept, boxes[kept])), shape=(len(boxes), inside.shape[0]))
    mapped = (relations @ onto).tocsr()
    mapped.eliminate_zeros()
    over = abs(mapped @ inside).sum(axis=1)
    return mapped[np.flatnonzero((np.diff(mapped.indptr) > 0) & (np.asarray(over).ravel() == 0))]


def _across_tables(
    entries: Sequence[Entry], boxes: Boxes, inside: sparse.csr_matrix, atom_box: Ints
) -> Iterator[sparse.csr_matrix]:
    """Yield each cell of the new table as a sum of an earlier one's cells and atoms, and the other way round."""
    for table, other in [*((0, one) for one in range(1, len(entries))), *((one, 0) for one in range(1, len(entries)))]:
        outer = [boxes.own[table], *([boxes.elsewhere[table, other]] if (table, other) in boxes.elsewhere else [])]
        parents = np.unique(np.concatenate(outer))
        yield across(inside, parents[parents >= 0], boxes.own[other], entries[other].relations, atom_box)


def _of_atoms(wanted: Bools, inside: sparse.csr_matrix, atom_box: Ints) -> sparse.csr_matrix:
    """Return wanted boxes of several atoms as the sums of them."""
    several = np.flatnonzero(wanted & (np.diff(inside.indptr) > 1))
    atoms, size = np.arange(len(atom_box)), inside.shape[0]
    onto = sparse.csr_matrix((np.ones_like(atoms), (atoms, atom_box)), shape=(len(atoms), size))
    itself = sparse.identity(size, dtype=np.int64, format="csr")[several]
    return (inside[several] @ onto - itself).tocsr()
