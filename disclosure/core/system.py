"""The linked system of a table: its cells and every additive relation between them.

Suppression and audit both start from here and share nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import sparse

from disclosure.core.tabulation.cells import Cells, Key
from disclosure.core.tabulation.contributions import Ints

Bools = npt.NDArray[np.bool_]
VIRTUAL = "~sum"  # sorts after quarters and codes, so that virtual cells stand last


class InconsistentSystem(ValueError):
    """Cells and relations that do not make a system: duplicate cells, negative values, sums that do not add up."""


@dataclass(frozen=True)
class System:
    """Cells in canonical order (sorted by key) with their relations.

    `values` (n) per protected measure; `relations` (r, n) holds coefficients, and relations @ values = 0 for every
    measure; `contributions` (n, enterprises) per measure, or empty where only the cells are known; `enterprises` and
    `persons` count per cell (persons only in person tables). `known` marks, per measure, the cells whose value the
    receiver has from elsewhere, so that withholding them hides nothing in that measure. `hidden` (n) marks cells that
    no table prints, such as the finest common cells of several tables: no pattern publishes them, and those that are
    not sensitive may be worked out. `telling` (n) marks cells whose being empty is a secret, as a cohort of which
    nobody is without work. `groups` marks, per attribute of persons, the groups that may have it in part.
    `presence` (n, enterprises) says who is in a cell, also with zeros only; without it those who contribute anything.
    """

    keys: tuple[Key, ...]
    values: Mapping[str, Ints]
    relations: sparse.csr_matrix
    contributions: Mapping[str, sparse.csr_matrix]
    enterprises: Ints
    persons: Ints | None = None
    enterprise_names: tuple[str, ...] = ()
    known: Mapping[str, Bools] = field(default_factory=dict)
    hidden: Bools | None = None
    telling: Bools | None = None
    groups: Mapping[str, Bools] = field(default_factory=dict)
    presence: sparse.csr_matrix | None = None

    def __post_init__(self) -> None:
        if len(set(self.keys)) < len(self.keys) or list(self.keys) != sorted(self.keys):
            raise InconsistentSystem("Each cell has to be named once, and cells come sorted by their names.")
        for name, column in self.values.items():
            if (column < 0).any():
                raise InconsistentSystem(f"{int((column < 0).sum())} cells have a negative value of {name}.")
            broken = int(np.count_nonzero(self.relations @ column))
            if broken:
                raise InconsistentSystem(f"{broken} relations do not add up in {name}.")

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def measures(self) -> tuple[str, ...]:
        """Return the protected measures, in a fixed order."""
        return tuple(sorted(self.values))

    @property
    def empty(self) -> Bools:
        """Return which cells nobody contributes to: everyone may know that they are zero."""
        nothing = self.enterprises == 0
        if self.persons is not None:
            nothing = nothing & (self.persons == 0)
        for column in self.values.values():
            nothing = nothing & (column == 0)
        if self.telling is not None:
            nothing = nothing & ~self.telling
        return np.asarray(nothing, dtype=np.bool_)

    @property
    def present(self) -> sparse.csr_matrix:
        """Return a matrix (n, enterprises) that is above zero where an enterprise is known to be in a cell."""
        return sum(self.contributions.values()).tocsr() if self.presence is None else self.presence

    def secret(self, measure: str, withheld: Bools) -> Bools:
        """Return which withheld cells the receiver does not know anyway."""
        known = self.known.get(measure)
        return withheld if known is None else withheld & ~known

    @property
    def printed(self) -> Bools:
        """Return the cells that some table prints, or withholds."""
        return np.ones(len(self), dtype=np.bool_) if self.hidden is None else ~self.hidden

    def index(self, keys: Sequence[Key]) -> Ints:
        """Return the positions of the named cells; KeyError names a cell that is not in the table."""
        position = {key: index for index, key in enumerate(self.keys)}
        return np.array([position[key] for key in keys], dtype=np.int64)

    def with_sums(self, members: sparse.csr_matrix, enterprises: Ints) -> System:
        """Append virtual cells: one per row of `members` (0/1, sums x cells), each tied to its members by a relation.

        Virtual cells come last, after every real cell, and never appear in a table.
        """
        count = members.shape[0]
        first = sum(key[0] == VIRTUAL for key in self.keys)
        tie = sparse.hstack([members, -sparse.identity(count, dtype=np.int64)], format="csr")
        padding = sparse.csr_matrix((self.relations.shape[0], count), dtype=np.int64)
        none = np.zeros(count, dtype=np.bool_)
        return System(
            keys=(*self.keys, *((VIRTUAL, f"{first + number:06}") for number in range(count))),
            values={name: np.concatenate([column, members @ column]) for name, column in self.values.items()},
            relations=sparse.vstack([sparse.hstack([self.relations, padding]), tie], format="csr", dtype=np.int64),
            contributions={name: sparse.vstack([matrix, members @ matrix], format="csr")
                           for name, matrix in self.contributions.items()},
            enterprises=np.concatenate([self.enterprises, enterprises]),
            persons=None if self.persons is None else np.concatenate([self.persons, members @ self.persons]),
            enterprise_names=self.enterprise_names,
            known={name: np.concatenate([cells, none]) for name, cells in self.known.items()},
            hidden=None if self.hidden is None else np.concatenate([self.hidden, none]),
            telling=None if self.telling is None else np.concatenate([self.telling, none]),
            presence=None if self.presence is None
                     else sparse.vstack([self.presence, members @ self.presence], format="csr"),
            groups={name: np.concatenate([cells, none]) for name, cells in self.groups.items()},
        )  # fmt: skip


def build(cells: Cells) -> System:
    """Build the system of a tabulated table: in each dimension a parent's cell is the sum of its children's."""
    keys = cells.keys
    order = np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.int64)
    relations, presence = _relations(cells)[:, order].tocsr(), cells.presence
    return System(
        keys=tuple(keys[index] for index in order),
        values={name: cells.values[name][order] for name in cells.contributions},
        relations=relations,
        contributions={name: matrix[order] for name, matrix in cells.contributions.items()},
        enterprises=cells.enterprises[order],
        persons=None if cells.persons is None else cells.persons[order],
        enterprise_names=cells.enterprise_names,
        presence=None if presence is None else presence[order],
    )


def _relations(cells: Cells) -> sparse.csr_matrix:
    shape = (len(cells.quarters), *(tree.size for tree in cells.hierarchies))
    cell_keys = np.ravel_multi_index(tuple(cells.places.T), shape) if len(cells) else np.empty(0, dtype=np.int64)
    blocks = [sparse.csr_matrix((0, len(cells)), dtype=np.int64)]
    for axis, tree in enumerate(cells.hierarchies, start=1):
        parent_node = tree.parent[cells.places[:, axis]]
        child = np.flatnonzero(parent_node >= 0)
        stride = int(np.prod(shape[axis + 1 :]))
        parent_key = cell_keys[child] + (parent_node[child] - cells.places[child, axis]) * stride
        blocks.append(_sums(np.searchsorted(cell_keys, parent_key), child, len(cells)))
    return sparse.vstack(blocks, format="csr", dtype=np.int64)


def _sums(parent: Ints, child: Ints, size: int) -> sparse.csr_matrix:
    """Return one row per parent: -1 for the parent, 1 for each child."""
    parents, row = np.unique(parent, return_inverse=True)
    rows = np.concatenate([np.arange(len(parents)), row])
    columns = np.concatenate([parents, child])
    coefficients = np.concatenate([-np.ones(len(parents), dtype=np.int64), np.ones(len(child), dtype=np.int64)])
    return sparse.coo_matrix((coefficients, (rows, columns)), shape=(len(parents), size)).tocsr()
