"""Contributions as the ledger keeps them: one line per place and enterprise, the finest that any table adds up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from disclosure.core.system import Bools
from disclosure.core.tabulation.contributions import Ints

Codes = tuple[str, ...]
PLACE = ("quarter", "state", "area", "industry", "ownership", "enterprise")
_QUARTER, _STATE, _INDUSTRY, _OWNERSHIP, _ENTERPRISE = 0, 1, 3, 4, 5


@dataclass(frozen=True)
class Scope:
    """Which contributions a table was made from: source, states (FIPS), quarters (YYYYQ), NAICS prefixes and owners
    (none: all).

    Whatever lies inside and is no line of the table did not exist in the load the table was made from.
    """

    source: str
    states: tuple[str, ...]
    quarters: tuple[int, ...]
    industries: tuple[str, ...] = ()
    ownerships: tuple[str, ...] = ()

    def meets(self, other: Scope) -> bool:
        """Return whether some contribution may lie in both."""
        return (
            self.source == other.source
            and not set(self.states).isdisjoint(other.states)
            and not set(self.quarters).isdisjoint(other.quarters)
            and _prefixes_meet(self.industries, other.industries)
            and _prefixes_meet(self.ownerships, other.ownerships)
        )

    def covers(self, lines: Sequence[Codes]) -> Bools:
        """Return which lines (n) lie inside."""
        states, quarters = set(self.states), {str(quarter) for quarter in self.quarters}
        return np.array(
            [codes[_QUARTER] in quarters and codes[_STATE] in states and self._has(codes) for codes in lines],
            dtype=np.bool_,
        )

    def _has(self, codes: Codes) -> bool:
        industry, owner = codes[_INDUSTRY], codes[_OWNERSHIP]
        return (not self.industries or industry.startswith(self.industries)) and (
            not self.ownerships or owner in self.ownerships
        )


def _prefixes_meet(one: Sequence[str], other: Sequence[str]) -> bool:
    if not one or not other:
        return True
    return any(left.startswith(right) or right.startswith(left) for left in one for right in other)


@dataclass(frozen=True)
class Lines:
    """Lines sorted by their codes (PLACE, and what tells lines of one place apart), each once, with their additive
    columns (n)."""

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


def lines_of(
    contributions: pa.Table, dimensions: pa.Table | None = None, finer: Sequence[str] = ()
) -> tuple[Lines, list[Codes]]:
    """Add up contributions (columns PLACE and whole amounts) by place and enterprise.

    `dimensions` has a column of codes, row by row, for each dimension of a table; the answer's second part holds them
    line by line. Those that do not follow from the place are named in `finer`: they tell lines of one place apart.
    """
    named = dimensions if dimensions is not None else contributions.select([])
    codes = {name: contributions[name].cast(pa.string()) for name in PLACE}
    codes |= {f"finer {name}": named[name].cast(pa.string()) for name in finer}
    of_table = {f"dimension {name}": named[name].cast(pa.string()) for name in named.column_names}
    amounts = {
        name: contributions[name] for name in contributions.column_names
        if name != "quarter" and pa.types.is_integer(contributions.schema.field(name).type)
    }  # fmt: skip
    table = pa.table({**codes, **of_table, **amounts})
    keys = [*codes, *of_table]
    summed = table.group_by(keys).aggregate([(name, "sum") for name in amounts])
    summed = summed.sort_by([(name, "ascending") for name in keys])
    lines = tuple(zip(*(_texts(summed, name) for name in codes), strict=True))
    if len(set(lines)) < len(lines):
        raise ValueError("a table's dimensions do not follow from place and enterprise")
    sums = {name: np.asarray(summed[f"{name}_sum"].to_numpy(), dtype=np.int64) for name in amounts}
    own = list(zip(*(_texts(summed, name) for name in of_table), strict=True)) if of_table else []
    return Lines(lines, sums), own


def _texts(table: pa.Table, name: str) -> list[str]:
    return [text or "" for text in table[name].to_pylist()]
