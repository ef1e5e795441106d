"""How a measure is made: sums of columns, a ratio of them, a percentile of single values, a comparison of cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Column = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Columns = Mapping[str, Column]


@dataclass(frozen=True)
class Sum:
    """(`plus` less `less`) / `divisor`, rounded half up; a difference may be negative, its bases never are."""

    plus: tuple[str, ...]
    less: tuple[str, ...] = ()
    divisor: int = 1

    @property
    def bases(self) -> tuple[str, ...]:
        """Return the columns it is made of."""
        return self.plus + self.less

    def of(self, columns: Columns, quarters: int | Column = 1) -> tuple[Column, Mask]:
        """Return values (n), means of so many quarters, and where they are defined: everywhere."""
        value, divisor = _total(columns, self.plus) - _total(columns, self.less), self.divisor * quarters
        return (2 * value + divisor) // (2 * divisor), np.ones(len(value), dtype=np.bool_)


@dataclass(frozen=True)
class Ratio:
    """`times` (plus - less) / (`divisor` x under), rounded half up, exactly; not defined over zero."""

    plus: tuple[str, ...]
    under: tuple[str, ...]
    less: tuple[str, ...] = ()
    times: int = 1
    divisor: int = 1

    @property
    def bases(self) -> tuple[str, ...]:
        """Return the columns it is made of."""
        return self.plus + self.less + self.under

    def of(self, columns: Columns) -> tuple[Column, Mask]:
        """Return values (n) and where they are defined."""
        numerator = self.times * (_total(columns, self.plus) - _total(columns, self.less))
        denominator = self.divisor * _total(columns, self.under)
        defined = denominator > 0
        safe = np.where(defined, denominator, 1)
        return np.where(defined, (2 * numerator + safe) // (2 * safe), 0), defined


@dataclass(frozen=True)
class Quantile:
    """The `percent`-th percentile of the column `value` over single rows where `where` is above zero.

    Linear between the two nearest values (type 7 of Hyndman and Fan 1996, what numpy, R, pandas and Polars call
    linear), rounded half up.
    """

    value: str
    percent: int
    where: str

    @property
    def bases(self) -> tuple[str, ...]:
        """Return the additive columns it is made of: none."""
        return ()


@dataclass(frozen=True)
class Change:
    """A value less that of the same cell a year before, or in percent of it; of `dollars`, or of something else."""

    inner: Sum | Ratio
    percent: bool = False
    dollars: bool = False

    @property
    def bases(self) -> tuple[str, ...]:
        """Return the columns it is made of."""
        return self.inner.bases


@dataclass(frozen=True)
class Quotient:
    """A cell's share of its area's total, divided by the same share in all areas."""

    inner: Sum | Ratio

    @property
    def bases(self) -> tuple[str, ...]:
        """Return the columns it is made of."""
        return self.inner.bases


Comparison = Change | Quotient
Formula = Sum | Ratio | Quantile | Change | Quotient


def _total(columns: Columns, names: tuple[str, ...]) -> Column:
    size = len(next(iter(columns.values())))
    return np.asarray(sum((columns[name] for name in names), np.zeros(size, dtype=np.int64)))
