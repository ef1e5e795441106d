"""The derived figures of QCEW, computed and rounded as BLS prints them.

Average weekly wages and annual averages are rounded half up; changes in percent (one decimal) and location quotients
(two decimals) half to even. Read off published files, in which every row agrees (`qcew_check`, `qcew_quotients`).
All arithmetic is exact.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]

WEEKS_OF_QUARTER: Final = 13
WEEKS_OF_YEAR: Final = 52
MONTHS_OF_YEAR: Final = 12
_WHOLE_CHANGE: Final = 1000  # from nothing to something is printed as 100.0 percent
_NEARLY: Final = 1e-6


def weekly_wage(wages: Counts, employment: Counts) -> Counts:
    """Wages (n) of a quarter / (13 x mean employment), in dollars; `employment` (n) is the sum of the three months."""
    return half_up(3 * wages, WEEKS_OF_QUARTER * employment)


def annual_weekly_wage(wages: Counts, employment: Counts) -> Counts:
    """Wages (n) of a year / (52 x mean employment), in dollars; `employment` (n) is the sum of the twelve months."""
    return half_up(MONTHS_OF_YEAR * wages, WEEKS_OF_YEAR * employment)


def annual_pay(wages: Counts, employment: Counts) -> Counts:
    """Wages (n) of a year per employee, in dollars; `employment` (n) is the sum of the twelve months."""
    return half_up(MONTHS_OF_YEAR * wages, employment)


def change_in_tenths(change: Counts, before: Counts) -> Counts:
    """A change (n) in tenths of a percent of what was there before; 100.0 percent where nothing was."""
    from_nothing = np.where(change > 0, _WHOLE_CHANGE, 0)
    return np.where(before > 0, np.sign(change) * _half_even(np.abs(change), 1, before, 1, 1000), from_nothing)


def quotient_in_hundredths(value: Counts, total: Counts, nation: Counts, national_total: Counts) -> Counts:
    """Location quotient (n) in hundredths: share of the area's total, to the share of the nation's; 0 without a base.

    `total` and `national_total` are of all industries and all owners.
    """
    return _half_even(value, national_total, total, nation, 100)


def half_up(numerator: Counts, denominator: Counts) -> Counts:
    """Non-negative quotients (n) rounded half up; 0 where the denominator is."""
    some = np.where(denominator > 0, denominator, 1)
    return np.where(denominator > 0, (2 * numerator + some) // (2 * some), 0)


def _half_even(one: Counts, other: Counts | int, under: Counts, below: Counts | int, units: int) -> Counts:
    """units x one x other / (under x below), rounded half to even; 0 where the denominator is.

    Floating point decides what is not nearly half way between two numbers, whole numbers of any size the rest.
    """
    one, other, under, below = np.broadcast_arrays(one, other, under, below)
    defined = (under > 0) & (below > 0)
    bottom = np.where(defined, under.astype(np.float64) * below.astype(np.float64), 1.0)
    near = units * one.astype(np.float64) * other.astype(np.float64) / bottom
    rounded = np.where(defined, np.rint(near), 0.0).astype(np.int64)
    doubtful = defined & (np.abs(near - np.floor(near) - 0.5) < _NEARLY * np.maximum(near, 1.0))
    for row in np.flatnonzero(doubtful).tolist():
        rounded[row] = _exactly(units * int(one[row]) * int(other[row]), int(under[row]) * int(below[row]))
    return rounded


def _exactly(numerator: int, denominator: int) -> int:
    whole, rest = divmod(numerator, denominator)
    if 2 * rest == denominator:
        return whole + whole % 2
    return whole + (2 * rest > denominator)
