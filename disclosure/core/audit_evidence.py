"""What the auditor knows besides the relations: who knows which cells, and deviations already proven possible."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import numpy.typing as npt

from disclosure.core.contributions import Ints, largest
from disclosure.core.system import Bools, System

Floats = npt.NDArray[np.float64]

_ENOUGH = 1.0 - 1e-6
_DUST = 1e-9  # of the largest deviation: what a solver leaves where nothing moves
_FARTHEST = 1e3  # times the need: how far a deviation is stretched when nothing stops it


class Insiders:
    """Enterprises, or coalitions of them, that know withheld cells because no other enterprise is in them."""

    def __init__(self, system: System, measure: str, coalition: int) -> None:
        self._coalition = coalition
        self._members: dict[int, frozenset[int]] = {}
        self._values = system.values[measure]
        if measure not in system.contributions:
            return
        self._contributions = system.contributions[measure].tocsc()
        present = largest(sum(system.contributions.values()).tocsr(), coalition)
        alone = (system.enterprises > 0) & (system.enterprises <= coalition)
        alone &= (present.contributing == system.enterprises) & (self._sum(slice(None)) == self._values)
        for cell in np.flatnonzero(alone):
            self._members[int(cell)] = frozenset(present.enterprises[cell, : system.enterprises[cell]].tolist())

    def known(self, withheld: Bools) -> Iterator[tuple[Ints, Ints]]:
        """Yield every distinct set of withheld cells that one coalition knows, and what others contribute (n).

        Downward nobody can be left in doubt about more than the others' part: its own part a coalition knows.
        """
        cells = {cell: members for cell, members in self._members.items() if withheld[cell]}
        by_enterprise: dict[int, set[int]] = {}
        for cell, members in cells.items():
            for enterprise in members:
                by_enterprise.setdefault(enterprise, set()).add(cell)
        seen = set()
        for size in range(1, self._coalition + 1):
            for coalition in combinations(sorted(by_enterprise), size):
                near = set().union(*(by_enterprise[one] for one in coalition))
                known = tuple(sorted(cell for cell in near if cells[cell] <= set(coalition)))
                if known and known not in seen:
                    seen.add(known)
                    yield np.array(known, dtype=np.int64), self._values - self._sum(list(coalition))

    def _sum(self, enterprises: slice | list[int]) -> Ints:
        """Return what some enterprises contribute to each cell (n) together."""
        return np.asarray(self._contributions[:, enterprises].sum(axis=1), dtype=np.int64).ravel()


class Evidence:
    """Deviations that keep every relation and no value below zero: each certifies every cell that it moves enough.

    A deviation counts for a pattern when it moves no published cell, and against an insider when it moves none of the
    cells the insider knows. Per insider and side, `_proof` remembers which deviation settled each cell.
    """

    def __init__(self, values: Ints) -> None:
        self._values = values.astype(np.float64)
        self._points: Floats = np.zeros((64, len(values)))
        self._moved: Bools = np.zeros((64, len(values)), dtype=np.bool_)
        self._count = 0
        self._valid: Bools = np.zeros(64, dtype=np.bool_)
        self._published: Bools = np.zeros(len(values), dtype=np.bool_)
        self._settled = 0
        self._proof: dict[tuple[tuple[int, ...], int], Ints] = {}

    def publish(self, published: Bools) -> None:
        """Turn to another pattern: from now on only deviations that leave these cells alone count."""
        self._published = published
        self._valid[: self._count] = ~(self._moved[: self._count, np.flatnonzero(published)]).any(axis=1)

    def settle(self, known: Ints, sign: int, targets: Bools, need: Ints) -> Bools:
        """Return which targets (n) are proven to move by their need; cells that need nothing are settled."""
        usable, self._settled = self._usable(known), self._count
        proof = self._proof.setdefault((tuple(known.tolist()), sign), np.full(len(need), -1, dtype=np.int64))
        settled = (need <= 0) | ((proof >= 0) & usable[proof])
        asked = np.flatnonzero(targets & ~settled)
        rows = np.flatnonzero(usable)
        if len(asked) and len(rows):
            moves = sign * self._points[np.ix_(rows, asked)]
            best = moves.argmax(axis=0)
            enough = moves[best, np.arange(len(asked))] >= need[asked] * _ENOUGH
            proof[asked[enough]], settled[asked[enough]] = rows[best[enough]], True
        return settled

    def shows(self, known: Ints, sign: int, cell: int, need: float) -> bool:
        """Return whether a deviation found since cells were last settled proves that one cell moves by its need."""
        new = slice(self._settled, self._count)
        enough = self._valid[new] & (sign * self._points[new, cell] >= need * _ENOUGH)
        return need <= 0 or bool((enough & ~self._moved[new, known].any(axis=1)).any())

    def add(self, deviation: Floats) -> None:
        """Keep a deviation, and its opposite, each stretched as far as values above zero allow."""
        deviation = np.where(np.abs(deviation) < _DUST * np.abs(deviation).max(), 0.0, deviation)
        for direction in (deviation, -deviation):
            falling = direction < 0
            room = (self._values[falling] / -direction[falling]).min() if falling.any() else _FARTHEST
            if room > 0:
                self._append(direction * min(float(room), _FARTHEST))

    def _append(self, point: Floats) -> None:
        if self._count == len(self._points):
            self._points = np.concatenate([self._points, np.zeros_like(self._points)])
            self._moved = np.concatenate([self._moved, np.zeros_like(self._moved)])
            self._valid = np.concatenate([self._valid, np.zeros_like(self._valid)])
        self._points[self._count] = point
        self._moved[self._count] = point != 0
        self._valid[self._count] = not (point[self._published] != 0).any()
        self._count += 1

    def _usable(self, known: Ints) -> Bools:
        return self._valid & ~self._moved[:, known].any(axis=1)
