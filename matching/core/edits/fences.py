"""Outliers of wages by a resistant rule, from a histogram that a file of any size fills in bounded memory.

Hoaglin, Iglewicz and Tukey, "Performance of Some Resistant Rules for Outlier Labeling", Journal of the American
Statistical Association 81 (1986), 991-999: label what lies below F_L - k (F_U - F_L) or above F_U + k (F_U - F_L), F_L
and F_U being the fourths. Ours: wages above zero, logarithms, k = 3.0 (outer fences), one pair for the whole load. With
k = 1.5 the rule labels 0.70 % of a Gaussian population, with 3.0 about 2.3 of a million: a Data Steward of ten million
records can look at what is left. Within the load and not within an industry, because an industry follows from another
file and flags must not depend on which file came first.
"""

from dataclasses import dataclass
from math import ceil, exp, floor, log
from typing import Any, Final

import numpy as np
import numpy.typing as npt

MULTIPLIER: Final = 3.0
SCALE: Final = "natural logarithm of wages above zero, whole load"
FEWEST: Final = 20  # of fewer records the fourths say nothing
# Exact to the dollar below this; a fourth above it, a million dollars a year, is no file of wages.
_BINS: Final = 1 << 18
_INT4_MAX: Final = 2_147_483_647
_ROUNDING: Final = 1e-3  # dollars: what a logarithm and back may lose of a fence that is a whole number


@dataclass(frozen=True)
class Fences:
    """Whole dollars: wages below `low` (and above zero) or above `high` are outliers."""

    low: int
    high: int


class WageHistogram:
    """Counts wages above zero by dollar; 2 MB whatever the number of records."""

    def __init__(self) -> None:
        self._counts = np.zeros(_BINS, np.int64)

    def add(self, wages: npt.NDArray[np.integer[Any]]) -> None:
        """Count a batch; a batch is small against the file, in any order."""
        capped = np.clip(wages, 0, _BINS - 1)
        self._counts += np.bincount(capped, minlength=_BINS)

    def fences(self) -> Fences | None:
        """The outer fences; None for fewer than `FEWEST` records or fourths beyond the histogram."""
        counts = self._counts.copy()
        counts[0] = 0  # zero and below
        upto = np.cumsum(counts)
        n = int(upto[-1])
        if n < FEWEST:
            return None
        lower, upper = _fourth(upto, _depth(n)), _fourth(upto, n + 1 - _depth(n))
        if upper >= log(_BINS - 1):
            return None
        reach = MULTIPLIER * (upper - lower)
        low, high = exp(lower - reach), exp(min(upper + reach, log(_INT4_MAX)))
        return Fences(low=ceil(low - _ROUNDING), high=floor(high + _ROUNDING))


def _depth(n: int) -> float:
    """Depth of the fourths of n values: half a place more than half the depth of the median, rounded down."""
    return ((n + 1) // 2 + 1) / 2


def _fourth(upto: npt.NDArray[np.int64], depth: float) -> float:
    """The logarithm at a depth counted from the smallest; between two values their mean."""
    places = np.searchsorted(upto, [floor(depth), ceil(depth)])
    return float(np.mean(np.log(places)))
