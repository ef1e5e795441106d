"""Negative contributions, screened before any rule: the rules hold for amounts of zero and more only.

A correction below zero takes from what the same enterprise reports in the same finest cell. What it cannot take from
there is set aside: it would make a total smaller than what its other contributors report, and dominance would be
measured against it (SDC Handbook 4.2.2). What was set aside is counted for BLS.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from disclosure.core.tabulation.contributions import Ints

_CODES = ("quarter", "cohort", "state", "area", "industry", "ownership", "enterprise")


@dataclass(frozen=True)
class Screened:
    """Contributions without negative amounts; `netted` and `set_aside` count the negative ones."""

    contributions: pa.Table
    netted: int
    set_aside: int


def screen(contributions: pa.Table, amounts: Sequence[str]) -> Screened:
    """Net negative amounts (columns of whole numbers) within their enterprise and finest cell; rows stay as many.

    A net amount stands in the first of its rows and the others have zero; where it is below zero all have. Rows
    without negative amounts in their cell are not touched. Raises KeyError where a column is missing.
    """
    negative = {name: np.asarray(pc.fill_null(pc.less(contributions[name], 0), False)) for name in amounts}
    if not any(column.any() for column in negative.values()):
        return Screened(contributions, 0, 0)
    group = _groups(contributions)
    netted = aside = 0
    for name, below in negative.items():
        unknown = contributions[name].is_null().to_numpy()
        column = pc.fill_null(contributions[name], 0).to_numpy().astype(np.int64)
        left = _netted(column, group, below)
        gone = below & (_totals(column, group) < 0)[group]
        netted, aside = netted + int((below & ~gone).sum()), aside + int(gone.sum())
        place = contributions.column_names.index(name)
        contributions = contributions.set_column(place, name, pa.array(left, mask=unknown))
    return Screened(contributions, netted, aside)


def _groups(table: pa.Table) -> Ints:
    """Return for each row the number of its enterprise and finest cell."""
    group = np.zeros(table.num_rows, dtype=np.int64)
    for name in _CODES:
        if name in table.column_names:
            texts = np.array(table[name].cast(pa.string()).to_pylist(), dtype=np.str_)
            codes, code = np.unique(texts, return_inverse=True)
            _, group = np.unique(group * len(codes) + code, return_inverse=True)
    return group.astype(np.int64)


def _totals(column: Ints, group: Ints) -> Ints:
    totals = np.zeros(int(group.max()) + 1, dtype=np.int64)
    np.add.at(totals, group, column)
    return totals


def _netted(column: Ints, group: Ints, below: np.typing.NDArray[np.bool_]) -> Ints:
    totals = np.maximum(_totals(column, group), 0)
    struck = np.zeros(len(totals), dtype=np.bool_)
    struck[group[below]] = True
    _, first = np.unique(group, return_index=True)
    net = np.zeros_like(column)
    net[first] = totals
    return np.where(struck[group], net, column)
