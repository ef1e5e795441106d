"""Contributions as the ledger keeps them: one line per place and enterprise, the finest that any table adds up.

An enterprise is known by the name that the records themselves give it (its EIN, or state and account where it has
none), so that it is the same one in every reading. What else tables of one kind tell apart stands in every line of that
kind, whether a table shows it or not: the same contributions are the same line in all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from disclosure.core.system import Bools
from disclosure.core.tabulation.contributions import Ints

Codes = tuple[str, ...]
PLACE = ("quarter", "state", "area", "industry", "ownership", "enterprise")
FINER = ("size", "origin_state", "origin_industry")  # size class of establishments; where movers came from
PEOPLE = "people"  # the column that counts persons where rows are persons
_QUARTER, _STATE, _INDUSTRY, _OWNERSHIP, _ENTERPRISE = 0, 1, 3, 4, 5


@dataclass(frozen=True)
class Scope:
    """Which contributions a table was made from: their kind, states (FIPS), quarters (YYYYQ), NAICS prefixes and owners
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
    """Lines sorted by their codes (PLACE, and those of `finer`), each once, with their additive columns (n)."""

    codes: tuple[Codes, ...]
    amounts: Mapping[str, Ints]
    finer: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def enterprises(self) -> tuple[str, ...]:
        """Return each line's enterprise; empty where nobody stands behind it."""
        return tuple(codes[_ENTERPRISE] for codes in self.codes)

    def where(self, kept: Bools) -> Lines:
        """Return the lines that are kept (n)."""
        codes = tuple(one for one, here in zip(self.codes, kept.tolist(), strict=True) if here)
        return Lines(codes, {name: column[kept] for name, column in self.amounts.items()}, self.finer)


def lines_of(contributions: pa.Table, dimensions: pa.Table | None = None) -> tuple[Lines, list[Codes]]:
    """Add up contributions (columns PLACE, those of FINER they have, and whole amounts) by place and enterprise.

    `dimensions` has a column of codes, row by row, for each dimension of a table; the answer's second part holds them
    line by line. Amounts that are not known (null) count as nothing.
    """
    named = dimensions if dimensions is not None else contributions.select([])
    finer = tuple(name for name in FINER if name in contributions.column_names)
    codes = {name: contributions[name].cast(pa.string()) for name in (*PLACE, *finer)}
    of_table = {f"dimension {name}": named[name].cast(pa.string()) for name in named.column_names}
    amounts = {name: pc.fill_null(contributions[name], 0) for name in amounts_of(contributions)}
    table = pa.table({**codes, **of_table, **amounts})
    keys = [*codes, *of_table]
    summed = table.group_by(keys).aggregate([(name, "sum") for name in amounts])
    summed = summed.sort_by([(name, "ascending") for name in keys])
    lines = tuple(zip(*(_texts(summed, name) for name in codes), strict=True))
    if len(set(lines)) < len(lines):
        raise ValueError("a table's dimensions do not follow from place and enterprise")
    sums = {name: np.asarray(summed[f"{name}_sum"].to_numpy(), dtype=np.int64) for name in amounts}
    own = list(zip(*(_texts(summed, name) for name in of_table), strict=True)) if of_table else []
    return Lines(lines, sums, finer), own


def amounts_of(contributions: pa.Table) -> list[str]:
    """Return the columns of contributions that are amounts."""
    fields = {one.name: one.type for one in contributions.schema if one.name not in PLACE}
    return [name for name, kind in fields.items() if pa.types.is_integer(kind)]


def _texts(table: pa.Table, name: str) -> list[str]:
    return [text or "" for text in table[name].to_pylist()]
