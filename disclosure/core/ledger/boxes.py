"""The cells of several tables as sets of atoms, the finest groups of contributions that the tables tell apart."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from scipy import sparse

from disclosure.core.ledger.elements import NOBODY, Elements
from disclosure.core.tabulation.contributions import Ints

EMPTY = -1  # a cell nobody contributes to: everyone may know that it is zero
UNDEFINED = -2  # a cell that the other load does not hold whole


class Boxes:
    """Distinct sets of elements, numbered as they come; equal cells of several tables are one box."""

    def __init__(self, elements: Elements) -> None:
        self._elements = elements
        self._number: dict[bytes, int] = {}
        self._members: list[Ints] = []
        self.own: list[Ints] = []  # per table, the box of each cell
        self.elsewhere: dict[tuple[int, int], Ints] = {}  # (table, vintage): the box each cell had in another's load
        for table in range(len(elements.seen)):
            self.own.append(self._add_all(elements.of_cells(table)))

    def __len__(self) -> int:
        return len(self._members)

    def add(self, members: Ints) -> int:
        """Return the box of some elements (sorted)."""
        if not len(members):
            return EMPTY
        number = self._number.setdefault(members.astype(np.int64).tobytes(), len(self._members))
        if number == len(self._members):
            self._members.append(members.astype(np.int64))
        return number

    def _add_all(self, rows: sparse.csr_matrix) -> Ints:
        rows.sort_indices()
        found = [self.add(rows.indices[start:end]) for start, end in pairwise(rows.indptr.tolist())]
        return np.array(found, dtype=np.int64)

    def members(self, box: int) -> Ints:
        """Return a box's elements."""
        return self._members[box]

    def in_load_of(self, table: int, vintage: int) -> Ints:
        """Return the box that each cell of a table has in the load of another: EMPTY, or UNDEFINED where that table's
        scope does not hold the whole cell. Cells that no change touches keep their box."""
        elements = self._elements
        touched = elements.boxes[table] @ elements.changed(table, vintage).astype(np.int64) > 0
        beyond = elements.boxes[table] @ (~elements.covered[vintage]).astype(np.int64) > 0
        found = np.where(touched & beyond, UNDEFINED, self.own[table])
        again = np.flatnonzero(touched & ~beyond)
        found[again] = self._add_all(elements.at(table, vintage)[again])
        self.elsewhere[table, vintage] = found
        return found

    def atoms(self) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
        """Return (boxes, atoms) and (atoms, elements): elements that every box holds together are one atom."""
        inside = _rows(self._members, len(self._elements)).tocsc()
        inside.sort_indices()
        seen: dict[bytes, int] = {}
        atom = [
            seen.setdefault(inside.indices[start:end].tobytes(), len(seen)) if end > start else NOBODY
            for start, end in pairwise(inside.indptr.tolist())
        ]
        numbers = np.array(atom, dtype=np.int64)
        here = np.flatnonzero(numbers >= 0)
        ones = np.ones(len(here), dtype=np.int64)
        of_atom = sparse.csr_matrix((ones, (numbers[here], here)), shape=(len(seen), len(numbers)))
        _, first = np.unique(numbers[here], return_index=True)
        return inside.tocsr()[:, here[first]].tocsr(), of_atom


def _rows(members: Sequence[Ints], width: int) -> sparse.csr_matrix:
    indptr = np.cumsum([0, *(len(one) for one in members)])
    indices = np.concatenate([*members, np.empty(0, dtype=np.int64)])
    return sparse.csr_matrix((np.ones(len(indices), dtype=np.int64), indices, indptr), shape=(len(members), width))
