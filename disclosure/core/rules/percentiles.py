"""Percentiles are values of persons, so each needs enough persons on both sides of it, and is rounded.

A median of three is somebody's wage; of many it lies in a crowd, and rounding keeps it from being read off to the
dollar. A percentile is not additive: one that is not shown needs no complement.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from disclosure.core.rules.parameters import Parameters
from disclosure.core.system import Bools
from disclosure.core.tabulation.contributions import Ints
from disclosure.core.tabulation.quantiles import Percentile


def may_be_shown(persons: Ints, percent: int, parameters: Parameters) -> Bools:
    """Return where a percentile (0 < percent < 100) of so many persons (n) has enough of them on either side.

    Below are at least the whole persons of the lower `percent` in a hundred, above those of the rest: of 25 persons
    the 10th percentile has 2 below and 22 above.
    """
    if not 0 < percent < 100:
        raise ValueError("a percentile lies between 0 and 100")
    below, above = persons * percent // 100, persons * (100 - percent) // 100
    return np.asarray(np.minimum(below, above) >= parameters.percentile_persons, dtype=np.bool_)


def rounded(values: Ints, parameters: Parameters) -> Ints:
    """Return percentiles in whole dollars (n) rounded half up to the nearest multiple that the parameters name."""
    step = parameters.percentile_rounding
    return np.asarray((2 * values + step) // (2 * step) * step, dtype=np.int64)


def shown(percentile: Percentile, parameters: Parameters) -> Percentile:
    """Return what may be published of a percentile: rounded, and only where enough values lie on either side.

    Counted are those truly below and above it: where many have the same wage, it is not told as theirs.
    """
    beside = np.minimum(percentile.below, percentile.above) >= parameters.percentile_persons
    return replace(percentile, value=rounded(percentile.value, parameters), defined=percentile.defined & beside)
