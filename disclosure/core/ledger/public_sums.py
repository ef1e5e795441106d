"""Sums of withheld cells that public cells reveal, as cells of their own: a published parent less published children.

Where others published them, no pattern of ours can take that back. The sum is then a cell that no table prints and that
everybody knows: what it gives away of its parts is still watched, but it is no reason to refuse a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import sparse

from disclosure.core.rules.sensitivity import revealed
from disclosure.core.system import Bools, System


def with_known_sums(system: System, sums: Sequence[tuple[int, ...]], withheld: Bools) -> System:
    """Return the system with a known, hidden cell for each sum of cells (positions), in place of its parts in every
    relation of which they are all that is withheld (n)."""
    rows = np.repeat(np.arange(len(sums)), [len(cells) for cells in sums])
    columns = np.array([cell for cells in sums for cell in cells], dtype=np.int64)
    members = sparse.csr_matrix((np.ones(len(rows), dtype=np.int64), (rows, columns)), shape=(len(sums), len(system)))
    grown = system.with_sums(members, revealed(system, members).enterprises)
    every = np.ones(len(sums), dtype=np.bool_)
    hidden = np.zeros(len(system), dtype=np.bool_) if system.hidden is None else system.hidden
    nothing = np.zeros(len(system), dtype=np.bool_)
    return replace(
        grown,
        relations=_in_place_of(grown.relations, system.relations.shape[0], sums, withheld),
        hidden=np.concatenate([hidden, every]),
        known={name: np.concatenate([system.known.get(name, nothing), every]) for name in system.values},
    )


def _in_place_of(
    relations: sparse.csr_matrix, rows: int, sums: Sequence[tuple[int, ...]], withheld: Bools
) -> sparse.csr_matrix:
    """Return the relations with each sum in place of its parts in those of the first `rows` that reveal it."""
    number = {cells: place for place, cells in enumerate(sums)}
    made = relations.tolil()
    for row in range(rows):
        cells, signs = np.array(relations[row].indices), np.array(relations[row].data)
        parts = tuple(sorted(cells[(signs > 0) & withheld[cells]].tolist()))
        if parts in number and not withheld[cells[signs < 0]].any():
            made[row, list(parts)] = 0
            made[row, len(withheld) + number[parts]] = 1
    made = made.tocsr()
    made.eliminate_zeros()
    return made
