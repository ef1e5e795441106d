"""The periods of a table: quarters as they are, counted from a reference quarter, or pooled by year or altogether.

Pooling adds up what each quarter has: whatever is counted at a time is then shown as the mean of the period's quarters,
dollars and flows as their sum. Of the year's quarters those count that the table has.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from disclosure.core.tabulation.contributions import Ints

TIMES = ("quarter", "since", "year", "all")
POOLING = frozenset({"year", "all"})
EVERY_QUARTER = "ALL"
_ALL, _QUARTERS_OF_YEAR = 0, 10  # a quarter is written YYYYQ


def column_of(time: str) -> str:
    """Return the column that periods are read from."""
    return "since" if time == "since" else "quarter"


def periods(table: pa.Table, time: str) -> Ints:
    """Return the period of each row (n): YYYYQ, quarters since the reference quarter, a year, or 0 for all."""
    quarter = pc.fill_null(table[column_of(time)].cast(pa.int64()), 0).to_numpy()
    return np.asarray(_pooled(quarter, time), dtype=np.int64)


def period_of(quarter: int, time: str) -> int:
    """Return the period that a calendar quarter (YYYYQ) belongs to."""
    return int(_pooled(np.array([quarter]), time)[0])


def _pooled(quarter: Ints, time: str) -> Ints:
    if time == "all":
        return np.full_like(quarter, _ALL)
    return quarter // _QUARTERS_OF_YEAR if time == "year" else quarter


def period_name(period: int, time: str) -> str:
    """Return how a cell's key names its period: YYYYQ, Q+2, YYYY or ALL."""
    if time == "all":
        return EVERY_QUARTER
    return f"Q{period:+d}" if time == "since" else str(period)


def quarters_pooled(table: pa.Table, time: str) -> Ints:
    """Return how many quarters each period (m, ascending) of the rows holds; one each where none are pooled."""
    quarter = np.unique(pc.fill_null(table[column_of(time)].cast(pa.int64()), 0).to_numpy())
    return np.unique(_pooled(quarter, time), return_counts=True)[1].astype(np.int64)
