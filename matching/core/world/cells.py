"""The finest cells of a state (county x 6-digit NAICS x ownership) over every published quarter, without gaps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from matching.core.qcew.completion import Completion, complete
from matching.core.qcew.layout import QcewError
from matching.core.qcew.published import read_quarterly, state_quarter, state_quarters


@dataclass(frozen=True)
class CellFigures:
    """One quarter: `establishments` (cells,) and `values` (cells, 6) in the order of qcew.VARIABLES."""

    establishments: NDArray[np.int64]
    values: NDArray[np.int64]


@dataclass(frozen=True)
class StateCells:
    """The finest cells a state had in any published quarter, sorted by NAICS, ownership and county."""

    state_fips: str
    area: NDArray[np.str_]
    ownership: NDArray[np.str_]
    naics: NDArray[np.str_]
    published: Mapping[int, CellFigures]

    def calibrating_quarter(self, quarter: int) -> int:
        """The quarter (YYYYQ) if it is published, or else the nearest published one of its season (earlier if two)."""
        same_season = [known for known in self.published if known % 10 == quarter % 10]
        if not same_season:
            raise QcewError(f"State {self.state_fips}: no published QCEW for any quarter {quarter % 10} to grow from.")
        return min(same_season, key=lambda known: (abs(known - quarter), known))


def state_files(qcew_dir: Path, state_fips: str) -> list[Path]:
    """The by-area files of a state: any .csv or .csv.gz below `qcew_dir` whose name holds one of its area codes."""
    found = [path for path in sorted(qcew_dir.rglob("*.csv*")) if _area_in_name(path).startswith(state_fips)]
    if not any(_area_in_name(path) == state_fips + "000" for path in found):
        raise QcewError(
            f"No published QCEW files for state {state_fips} in {qcew_dir.name}: files by area have the area's code in "
            f"their name, {state_fips}000 for the whole state."
        )
    return found


def _area_in_name(path: Path) -> str:
    parts = path.name.replace(" ", ".").split(".")
    return next((part for part in parts if len(part) == 5 and part.isdigit()), "")


@lru_cache(maxsize=8)
def state_cells(qcew_dir: Path, state_fips: str) -> StateCells:
    """The lined-up finest cells of every published quarter of a state; kept in memory."""
    return line_up(state_fips, completed_quarters(qcew_dir, state_fips))


@lru_cache(maxsize=8)
def completed_quarters(qcew_dir: Path, state_fips: str) -> tuple[Completion, ...]:
    """Completions of all published quarters in order of time, each carrying on from the one before.

    Takes about a second a quarter for a small state; kept in memory.
    """
    table = read_quarterly(state_files(qcew_dir, state_fips))
    done: list[Completion] = []
    for year, qtr in state_quarters(table, state_fips):
        done.append(complete(state_quarter(table, state_fips, year, qtr), done[-1] if done else None))
    return tuple(done)


def line_up(state_fips: str, quarters: Sequence[Completion]) -> StateCells:
    """Put the finest cells of several quarters on one list; a cell missing in a quarter has zeros there."""
    keys = sorted({key for quarter in quarters for key, _ in _finest(quarter)})
    place = {key: row for row, key in enumerate(keys)}
    published = {}
    for quarter in quarters:
        counts = np.zeros(len(keys), dtype=np.int64)
        values = np.zeros((len(keys), quarter.values.shape[1]), dtype=np.int64)
        for key, row in _finest(quarter):
            counts[place[key]] = quarter.cells.establishments[row]
            values[place[key]] = quarter.values[row]
        published[quarter.cells.quarter] = CellFigures(counts, values)
    naics, ownership, area = (np.array(column, dtype=np.str_) for column in zip(*keys, strict=True))
    return StateCells(state_fips, area, ownership, naics, published)


def _finest(quarter: Completion) -> list[tuple[tuple[str, str, str], int]]:
    cells = quarter.cells
    rows = np.flatnonzero(cells.finest & (cells.establishments > 0))
    return [((str(cells.industry[row]), str(cells.ownership[row]), str(cells.area[row])), int(row)) for row in rows]
