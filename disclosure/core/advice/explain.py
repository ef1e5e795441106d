"""Why a complementary cell is withheld, and where a reader finds the next published sum. BLS eyes only.

A complementary cell protects sensitive cells through the sums they share: were it published, the rest of such a sum
would be known. So it is explained by the sensitive cells it reaches over the fewest sums of withheld cells. Source:
SDC Handbook 4.3 on complementary suppression; disclosure.md, "Explain".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from disclosure.core.pattern import Pattern
from disclosure.core.system import System
from disclosure.core.tabulation.cells import Key

LISTED = 12  # a cell near the top of a table may protect hundreds


@dataclass(frozen=True)
class Explanation:
    """One withheld cell: sensitive cells it protects (none for a sensitive cell) and how many sums away they are;
    published cells that hold it as a part."""

    protects: tuple[Key, ...]
    sums_away: int
    published_above: tuple[Key, ...]


def explain(system: System, pattern: Pattern) -> dict[int, Explanation]:
    """Return an explanation for every withheld cell, by its position in the system; at most LISTED cells each."""
    graph = _Graph(system, pattern)
    return {
        cell: Explanation(
            *(graph.sensitive_near(cell) if pattern.complementary[cell] else ((), 0)), graph.published_above(cell)
        )
        for cell in np.flatnonzero(pattern.withheld).tolist()
    }


class _Graph:
    """Cells and the sums they share."""

    def __init__(self, system: System, pattern: Pattern) -> None:
        relations = system.relations.tocsr()
        self._keys, self._pattern = system.keys, pattern
        self._withheld_of = abs(relations).multiply(pattern.withheld.astype(np.int64)).tocsr()
        self._withheld_of.eliminate_zeros()
        self._parent_of, self._part_of = ((sign * relations).maximum(0).tocsr() for sign in (-1, 1))
        self._sums_of, self._sums_as_part = self._withheld_of.T.tocsr(), self._part_of.T.tocsr()

    def sensitive_near(self, start: int) -> tuple[tuple[Key, ...], int]:
        """Return the sensitive cells that are the fewest sums of withheld cells away, and how many sums."""
        for away, front in enumerate(self._rings(start, self._sums_of, self._withheld_of), start=1):
            if found := [cell for cell in front if self._pattern.primary[cell]]:
                return self._named(found), away
        return (), 0

    def published_above(self, start: int) -> tuple[Key, ...]:
        """Return the nearest published cells of which this is a part, going up one sum at a time."""
        for front in self._rings(start, self._sums_as_part, self._parent_of):
            if found := [cell for cell in front if not self._pattern.withheld[cell]]:
                return self._named(found)
        return ()

    def _rings(self, start: int, sums_of: sparse.csr_matrix, cells_of: sparse.csr_matrix) -> Iterator[list[int]]:
        """Yield the cells one sum away, then two, each once, in the system's order."""
        seen, front = {start}, [start]
        while front:
            sums = {row for one in front for row in _row(sums_of, one)}
            reached = {cell for row in sums for cell in _row(cells_of, row)}
            front = sorted(reached - seen)
            seen |= reached
            yield front

    def _named(self, cells: list[int]) -> tuple[Key, ...]:
        return tuple(self._keys[cell] for cell in cells[:LISTED])


def _row(matrix: sparse.csr_matrix, row: int) -> list[int]:
    found: list[int] = matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]].tolist()
    return found
