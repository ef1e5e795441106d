"""Brute force on released tables: what linear programmes over contributions make of all that was published.

It shares no code with the ledger: an unknown is what one place's employers contribute who look alike in every load.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import numpy as np
import pyarrow as pa
from scipy.optimize import linprog

Cell = tuple[str, str]  # area and industry, as printed
Group = tuple[str, str, tuple[int, ...]]  # county, sector, and the loads that hold these contributions
SECTOR = {"31": "31-33", "44": "44-45"}


class Attack:
    """Everything printed of one quarter: `prints` adds a table's cells, `reach` asks how far a sum may lie.

    Contributions that no printed cell tells apart are one unknown.
    """

    def __init__(self, loads: list[pa.Table]) -> None:
        seen: dict[tuple[str, str, str], dict[int, int]] = defaultdict(dict)
        for number, load in enumerate(loads):
            for row in load.to_pylist():
                sector = SECTOR.get(row["industry"][:2], row["industry"][:2])
                of_load = seen[row["area"], sector, f"{row['enterprise']} {row['industry']}"]
                of_load[number] = of_load.get(number, 0) + row["wages"]
        self.amounts: dict[Group, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for (area, sector, who), of_load in seen.items():
            for amount in set(of_load.values()):
                held = tuple(number for number, one in of_load.items() if one == amount)
                self.amounts[area, sector, held][who.split()[0]] += amount
        self.groups = sorted(self.amounts)
        self._cells: list[np.ndarray] = []
        self._public: list[bool] = []

    def vector(self, areas: Iterable[str], sector: str | None, load: int) -> np.ndarray:
        """Which groups a cell of a load adds up (groups), 0 or 1."""
        within = set(areas)
        return np.array([float(a in within and sector in (None, s) and load in held) for a, s, held in self.groups])

    def prints(self, vector: np.ndarray, public: bool) -> None:
        """A table prints this cell, or withholds it."""
        self._cells.append(vector)
        self._public.append(public)

    def settle(self) -> None:
        """Find the unknowns: groups that every printed cell holds together."""
        _, self._first, unknown = np.unique(np.array(self._cells), axis=1, return_index=True, return_inverse=True)
        self._who: list[dict[str, int]] = [defaultdict(int) for _ in self._first]
        for group, number in zip(self.groups, unknown.ravel().tolist(), strict=True):
            for name, amount in self.amounts[group].items():
                self._who[number][name] += amount
        self.truth = np.array([float(sum(one.values())) for one in self._who])
        self._rows = np.unique(np.array(self._cells)[np.array(self._public)][:, self._first], axis=0)

    def parts(self, vector: np.ndarray) -> np.ndarray:
        """A cell's unknowns (unknowns), 0 or 1."""
        return np.asarray(vector[self._first])

    def reach(self, target: np.ndarray, known: set[int]) -> tuple[float, float]:
        """How far below and above the truth a sum of unknowns may lie for somebody who knows some of them."""
        free = [number for number in range(len(self.truth)) if number not in known]
        scale = max(float(self.truth @ np.abs(target)), 1.0)
        bounds = [(-self.truth[number] / scale, None) for number in free]
        none = np.zeros(len(self._rows))
        found = [linprog(sign * target[free], A_eq=self._rows[:, free], b_eq=none, bounds=bounds) for sign in (1, -1)]
        assert all(one.status in {0, 3} for one in found)
        below, above = (np.inf if one.status == 3 else abs(one.fun) * scale for one in found)
        return below, above

    def insiders(self) -> Mapping[str, set[int]]:
        """The unknowns that each enterprise has to itself."""
        alone: dict[str, set[int]] = {}
        for number, who in enumerate(self._who):
            if len(who) == 1:
                alone.setdefault(next(iter(who)), set()).add(number)
        return alone
