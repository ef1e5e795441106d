"""Cohorts that differ by few persons: what one table says less what the other says is about those few.

Persons are known by keyed fingerprints of what they contribute to a quarter, never by themselves. Persons whom nobody
knows have no fingerprint; they can only be counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy import sparse

from disclosure.core.ledger.placing import cells_of_rows
from disclosure.core.measures import protected
from disclosure.core.tabulation.cells import Cells, Key
from disclosure.core.tabulation.contributions import Ints
from disclosure.core.tabulation.crossing import integers

FINGERPRINT = "fingerprint"  # of a person, in contributions; 0 where nobody knows the person
Fingerprints = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class CohortEntry:
    """A table of people in the ledger: cells (sorted keys, statuses F, P, S), the additive columns that published ones
    give away, `members` (cells, leaves) 0/1, and per person a fingerprint (0: unknown) and the leaf it stands in."""

    release: str
    keys: tuple[Key, ...]
    statuses: tuple[str, ...]
    measures: tuple[str, ...]
    members: sparse.csr_matrix
    persons: Fingerprints
    leaf: Ints

    def with_statuses(self, statuses: dict[Key, str]) -> CohortEntry:
        """Return the entry as it is released."""
        return replace(self, statuses=tuple(str(statuses[key]) for key in self.keys))


@dataclass(frozen=True)
class Likeness:
    """What earlier cohorts say of a table: cells that hold the very same and were published or withheld then, and cells
    that hold almost the same. `earlier` names, per cell of the last two kinds, the releases."""

    published: frozenset[Key]
    withheld: frozenset[Key]
    apart: frozenset[Key]
    earlier: dict[Key, tuple[str, ...]]


def enter_cohort(cells: Cells, contributions: pa.Table, persons: Fingerprints, release: str) -> CohortEntry:
    """Enter a table of people; `persons` (rows) are the fingerprints of what each row contributes."""
    keys, rows = cells_of_rows(cells, contributions)
    counted = integers(contributions, "persons") > 0
    rows = [row if here else () for row, here in zip(rows, counted.tolist(), strict=True)]
    leaves = {one: number for number, one in enumerate(sorted(set(rows)))}
    column = np.repeat(np.arange(len(leaves)), [len(one) for one in leaves])
    cell = np.array([cell for one in leaves for cell in one], dtype=np.int64)
    return CohortEntry(
        release=release,
        keys=keys,
        statuses=("F",) * len(keys),
        measures=tuple(sorted(protected(cells.design.measures))),
        members=sparse.csr_matrix((np.ones(len(cell), dtype=np.int64), (cell, column)), shape=(len(keys), len(leaves))),
        persons=persons[counted],
        leaf=np.array([leaves[one] for one in rows], dtype=np.int64)[counted],
    )


def likeness(new: CohortEntry, past: Iterable[CohortEntry], minimum: int) -> Likeness:
    """Compare every cell of a new table with every cell of earlier ones that holds some of its persons.

    Two cells are apart by the larger of the two numbers of persons that one holds and the other does not, or holds with
    other contributions. Fewer than `minimum` but not none: the cell is to be withheld. None: both cells are the same.
    """
    same: dict[str, set[Key]] = {"published": set(), "withheld": set()}
    apart: set[Key] = set()
    earlier: dict[Key, set[str]] = {}
    apart |= {new.keys[max(pair)] for pair in _side_by_side(new, minimum)}
    for entry in past:
        for cell, other, distance in _close(new, entry, minimum):
            key, status = new.keys[cell], entry.statuses[other]
            if distance:
                apart.add(key)
            elif status != "F":
                same["withheld"].add(key)
            elif set(new.measures) <= set(entry.measures):
                same["published"].add(key)
                continue
            earlier.setdefault(key, set()).add(entry.release)
    named = {key: tuple(sorted(names)) for key, names in sorted(earlier.items())}
    return Likeness(frozenset(same["published"]), frozenset(same["withheld"]), frozenset(apart), named)


def _side_by_side(entry: CohortEntry, minimum: int) -> Iterator[tuple[int, int]]:
    """Yield the pairs of cells of one table that hold almost the same persons in different cohorts."""
    overlap = (entry.members @ entry.members.T).tocsr()
    for cell, other, _ in _close(entry, entry, minimum):
        if cell < other and not overlap[cell, other]:
            yield cell, other


def _close(new: CohortEntry, past: CohortEntry, minimum: int) -> Sequence[tuple[int, int, int]]:
    """Return (cell, earlier cell, distance) where the distance is below the minimum and some persons are the same."""
    common = _common(new, past).tocoo()
    known, unknown = _counts(new)
    others, others_unknown = _counts(past)
    more = unknown[common.row] - others_unknown[common.col]
    here = known[common.row] - common.data + np.maximum(more, 0)
    there = others[common.col] - common.data + np.maximum(-more, 0)
    distance = np.maximum(here, there)
    close = np.flatnonzero((common.data > 0) & (distance < minimum))
    return [(int(common.row[one]), int(common.col[one]), int(distance[one])) for one in close]


def _counts(entry: CohortEntry) -> tuple[Ints, Ints]:
    """Return the persons with and without a fingerprint per cell."""
    leaves = entry.members.shape[1]
    by = [np.bincount(entry.leaf[mask], minlength=leaves) for mask in (entry.persons != 0, entry.persons == 0)]
    return np.asarray(entry.members @ by[0]), np.asarray(entry.members @ by[1])


def _common(new: CohortEntry, past: CohortEntry) -> sparse.csr_matrix:
    """Return how many persons each two cells (cells, earlier cells) share; a person may stand in several cohorts."""
    known, others = np.flatnonzero(new.persons), np.flatnonzero(past.persons)
    distinct, who = np.unique(np.concatenate([new.persons[known], past.persons[others]]), return_inverse=True)
    mine = _standing(who[: len(known)], new.leaf[known], (len(distinct), new.members.shape[1]))
    theirs = _standing(who[len(known) :], past.leaf[others], (len(distinct), past.members.shape[1]))
    return (new.members @ (mine.T @ theirs) @ past.members.T).tocsr()


def _standing(who: Ints, leaf: Ints, shape: tuple[int, int]) -> sparse.csr_matrix:
    return sparse.coo_matrix((np.ones(len(who), dtype=np.int64), (who, leaf)), shape=shape).tocsr()
