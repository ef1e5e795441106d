"""Quarters nobody published: the nearest published quarter of the same season, moved on by industry and time.

Every 4-digit industry of a state has a cycle of its own, four to nine years long; pay rises by a fixed rate. Published
quarters are never touched. All of it is this generator's choice, not a fact about a state.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from matching.core.world.careers import ordinal
from matching.core.world.cells import CellFigures, StateCells
from matching.core.world.randomness import hashes, stream_key

Reals = NDArray[np.float64]

_SWING: Final = 0.04
_SHORTEST: Final = 16
_LONGEST: Final = 36
_PAY_A_YEAR: Final = 0.025


def cell_figures(seed: int, cells: StateCells, quarter: int) -> CellFigures:
    """Establishments and values of every cell in the quarter (YYYYQ), published or grown from the nearest published."""
    base = cells.calibrating_quarter(quarter)
    if base == quarter:
        return cells.published[base]
    ratio = np.exp(_cycle(seed, cells, quarter) - _cycle(seed, cells, base))
    return _scaled(cells.published[base], ratio, (1.0 + _PAY_A_YEAR) ** (quarter // 10 - base // 10))


def highest_figures(cells: StateCells, quarter: int) -> CellFigures:
    """What a published quarter can grow to at the height of its cycle, before pay rises."""
    return _scaled(cells.published[quarter], np.full(len(cells.naics), np.exp(2 * _SWING)), 1.0)


def lowest_count(establishments: NDArray[np.int64]) -> NDArray[np.int64]:
    """What so many published establishments can fall to at the bottom of their cycle."""
    lowest: NDArray[np.int64] = np.floor(establishments * np.exp(-2 * _SWING)).astype(np.int64)
    return lowest


def _cycle(seed: int, cells: StateCells, quarter: int) -> Reals:
    """Logarithm of the level of each cell's industry in its cycle, within plus and minus `_SWING`."""
    draw = hashes(stream_key(seed, "cycle", cells.state_fips), cells.naics.astype("U4").astype(np.int64))
    length = _SHORTEST + (draw % np.uint64(_LONGEST - _SHORTEST + 1)).astype(np.int64)
    start = (draw >> np.uint64(32)).astype(np.float64) * 2.0**-32
    return _SWING * np.sin(2 * np.pi * (ordinal(quarter) / length + start))


def _scaled(figures: CellFigures, ratio: Reals, pay: float) -> CellFigures:
    there = figures.establishments > 0
    establishments = np.where(there, np.maximum(np.rint(figures.establishments * ratio), 1), 0).astype(np.int64)
    factor = ratio[:, None] * np.array([1.0, 1.0, 1.0, pay, pay, pay])
    return CellFigures(establishments, np.rint(figures.values * factor).astype(np.int64))
