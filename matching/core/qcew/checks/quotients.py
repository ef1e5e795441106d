"""Whether location quotients of published QCEW agree with each other, without the national figures they are made with.

A quotient and a share of an area bound the nation's share of the same industry and owner: half a hundredth either way.
All areas of a quarter speak of one national share, so their bounds must overlap; where they do not, a quotient is
wrong. The base is the total of all industries and owners (0).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from matching.core.qcew.checks.printed import Printed
from matching.core.qcew.figures import Counts

_ROUNDING: Final = 1e-12  # of floating point
_HALF: Final = 0.5
_ONE_SHARE: Final = ("own_code", "industry_code", "size_code", "year", "qtr")

Reals = NDArray[np.float64]


@dataclass(frozen=True)
class QuotientsCheck:
    """Counts over files. `values`: printed quotients; `of_nothing`: those of zeros, which are zero, and
    `of_nothing_wrong` of them; `shares`: national shares that two areas or more speak of; `shares_broken` of these."""

    values: int
    of_nothing: int
    of_nothing_wrong: int
    shares: int
    shares_broken: int

    @property
    def good(self) -> bool:
        """Nothing contradicts anything."""
        return not (self.of_nothing_wrong or self.shares_broken)


def check_quotients(printed: Printed) -> QuotientsCheck:
    """Check every location quotient of areas whose totals are among the rows."""
    group, total = printed.numbers(_ONE_SHARE), _totals(printed)
    told = (printed.codes("lq_disclosure_code") == "") & (total >= 0)
    counts = []
    for name in printed.layout.values:
        value = printed.whole(name)
        counts.append(_value(value, value[total], printed.decimal(f"lq_{name}", 100), group, told))
    return QuotientsCheck(*(sum(column) for column in zip(*counts, strict=True)))


def _value(value: Counts, total: Counts, quotient: Counts, group: Counts, told: NDArray[np.bool_]) -> tuple[int, ...]:
    nothing = told & (value == 0)
    rows = np.flatnonzero(told & (value > 0) & (total > 0))
    low, high = _bounds(value[rows] / total[rows], quotient[rows], group[rows], int(group.max(initial=0)) + 1)
    several = np.bincount(group[rows], minlength=len(low)) > 1
    wrong, broken = int((nothing & (quotient != 0)).sum()), int((several & (low > high)).sum())
    return int(told.sum()), int(nothing.sum()), wrong, int(several.sum()), broken


def _bounds(share: Reals, quotient: Counts, group: Counts, size: int) -> tuple[Reals, Reals]:
    """The largest lower and the smallest upper bound of each national share that its areas speak of."""
    low, high = np.zeros(size), np.full(size, np.inf)
    least = 100 * share / (quotient + _HALF) * (1 - _ROUNDING)
    most = np.where(quotient > 0, 100 * share / np.maximum(quotient - _HALF, _HALF) * (1 + _ROUNDING), np.inf)
    np.maximum.at(low, group, least)
    np.minimum.at(high, group, most)
    return low, high


def _totals(printed: Printed) -> Counts:
    """The row with the total of each row's area and quarter, -1 where it is not there."""
    where = printed.numbers(("area_fips", "year", "qtr"))
    found = np.full(int(where.max(initial=-1)) + 1, -1, dtype=np.int64)
    rows = np.flatnonzero((printed.codes("own_code") == "0") & (printed.codes("industry_code") == "10"))
    found[where[rows]] = rows
    return found[where]
