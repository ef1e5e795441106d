"""Dollars of one quarter for another: a price index that the user supplies, quarter by quarter.

What is published is the nominal figure times the index of the base quarter over that of its own, rounded half up: it
says what the nominal figure says, so nothing else is protected. A quarter without an index has no constant dollars.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Self

import numpy as np

from disclosure.core.measures import Mask
from disclosure.core.tabulation.contributions import Ints

_ENTRY = re.compile(r"(\d{4}[1-4])=(\d{1,7}(?:\.\d{1,6})?)", re.ASCII)
PROBLEM = (
    "Write the price index as quarter and number, 20214=278.8, one for each quarter; the first is the quarter whose "
    "dollars are meant."
)


@dataclass(frozen=True)
class Prices:
    """The index of each quarter (YYYYQ); `base` is the quarter whose dollars are meant."""

    base: int
    index: dict[int, Fraction]

    @classmethod
    def of(cls, entries: Sequence[str]) -> Self:
        """Read entries such as 20214=278.802, the base first. Raises ValueError in words."""
        found = [_ENTRY.fullmatch(entry) for entry in entries]
        read = {int(one[1]): Fraction(one[2]) for one in found if one}
        if not entries or len(read) < len(entries) or not all(read.values()):
            raise ValueError(PROBLEM)
        return cls(next(iter(read)), read)

    def constant(self, dollars: Ints, quarters: Ints) -> tuple[Ints, Mask]:
        """Return dollars (n) of quarters (n, YYYYQ) in those of the base quarter, and where they are known."""
        factors = {quarter: self.index[self.base] / one for quarter, one in self.index.items()}
        given = list(zip(dollars.tolist(), quarters.tolist(), strict=True))
        found = [_half_up(amount * factors[quarter]) if quarter in factors else 0 for amount, quarter in given]
        return np.array(found, dtype=np.int64), np.isin(quarters, list(factors))


def in_words(quarter: int) -> str:
    """Return a quarter (YYYYQ) as people write it."""
    return f"{quarter // 10} Q{quarter % 10}"


def _half_up(value: Fraction) -> int:
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)
