"""Contributions as the ledger keeps them: one line per place and enterprise, the finest that any table adds up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from disclosure.core.contributions import Ints
from disclosure.core.system import Bools

Codes = tuple[str, ...]
PLACE = ("quarter", "state", "area", "industry", "ownership", "enterprise")
_QUARTER, _STATE, _AREA, _INDUSTRY, _ENTERPRISE = 0, 1, 2, 3, 5


@dataclass(frozen=True)
class Scope:
    """Which contributions a table was made from: source, states (FIPS), quarters (YYYYQ), NAICS prefixes (none: all).

    Whatever lies inside and is no line of the table did not exist in the load the table was made from.
    """

    source: str
    states: tuple[str, ...]
    quarters: tuple[int, ...]
    industries: tuple[str, ...] = ()

    def meets(self, other: Scope) -> bool:
        """Return whether some contribution may lie in both."""
        return (
            self.source == other.source
            and not set(self.states).isdisjoint(other.states)
            and not set(self.quarters).isdisjoint(other.quarters)
            and _prefixes_meet(self.industries, other.industries)
        )

    def covers(self, lines: Sequence[Codes]) -> Bools:
        """Return which lines (n) lie inside."""
        states, quarters = set(self.states), {str(quarter) for quarter in self.quarters}
        return np.array(
            [
                codes[_QUARTER] in quarters and codes[_STATE] in states and self._has(codes[_INDUSTRY])
                for codes in lines
            ],
            dtype=np.bool_,
        )

    def _has(self, industry: str) -> bool:
        return not self.industries or industry.startswith(self.industries)


def _prefixes_meet(one: Sequence[str], other: Sequence[str]) -> bool:
    if not one or not other:
        return True
    return any(left.startswith(right) or right.startswith(left) for left in one for right in other)


@dataclass(frozen=True)
class Lines:
    """Lines sorted by their codes (PLACE), each once, with their additive columns (n)."""

    codes: tuple[Codes, ...]
    amounts: Mapping[str, Ints]

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def enterprises(self) -> tuple[str, ...]:
        """Return each line's enterprise; empty where nobody stands behind it."""
        return tuple(codes[_ENTERPRISE] for codes in self.codes)

    def where(self, kept: Bools) -> Lines:
        """Return the lines that are kept (n)."""
        codes = tuple(one for one, here in zip(self.codes, kept.tolist(), strict=True) if here)
        return Lines(codes, {name: column[kept] for name, column in self.amounts.items()})


def lines_of(contributions: pa.Table, dimensions: pa.Table | None = None) -> tuple[Lines, list[Codes]]:
    """Add up contributions (columns PLACE and whole amounts) by place and enterprise.

    `dimensions` has a column of codes, row by row, for each dimension of a table, which follow from the place; the
    answer's second part holds them line by line.
    """
    named = dimensions if dimensions is not None else contributions.select([])
    codes = [contributions[name].cast(pa.string()) for name in PLACE]
    of_table = {f"dimension {name}": named[name].cast(pa.string()) for name in named.column_names}
    amounts = {
        name: contributions[name] for name in contributions.column_names
        if name != "quarter" and pa.types.is_integer(contributions.schema.field(name).type)
    }  # fmt: skip
    table = pa.table({**dict(zip(PLACE, codes, strict=True)), **of_table, **amounts})
    keys = [*PLACE, *of_table]
    summed = table.group_by(keys).aggregate([(name, "sum") for name in amounts])
    summed = summed.sort_by([(name, "ascending") for name in keys])
    lines = tuple(zip(*(_texts(summed, name) for name in PLACE), strict=True))
    if len(set(lines)) < len(lines):
        raise ValueError("a table's dimensions do not follow from place and enterprise")
    sums = {name: np.asarray(summed[f"{name}_sum"].to_numpy(), dtype=np.int64) for name in amounts}
    own = [tuple(row) for row in zip(*(_texts(summed, name) for name in of_table), strict=True)] if of_table else []
    return Lines(lines, sums), own


def _texts(table: pa.Table, name: str) -> list[str]:
    return [text or "" for text in table[name].to_pylist()]
