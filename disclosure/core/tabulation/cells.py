"""From contributions of employers to the cells of a table: all dimensions crossed with their totals, per quarter.

A combination of codes that occurs in any quarter gets a cell in every quarter, so that zero is shown as zero; one
that never occurs has no cell.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from scipy import sparse

from disclosure.core.measures import CATALOGUE, Quantile, bases, compute, protected, quantiles
from disclosure.core.tabulation.contributions import Ints, Largest, largest
from disclosure.core.tabulation.crossing import (
    Bools,
    ContributionsError,
    Crossing,
    check,
    enterprises,
    every_quarter,
    integers,
    kept_rows,
)
from disclosure.core.tabulation.design import TableDesign
from disclosure.core.tabulation.hierarchy import Hierarchy
from disclosure.core.tabulation.quantiles import Percentile, percentiles
from disclosure.core.tabulation.rollup import assemble, roll_up

Key = tuple[str, ...]
__all__ = ["Cells", "ContributionsError", "Key", "Observed", "TableDesign", "tabulate"]


@dataclass(frozen=True)
class Observed:
    """Single values behind percentiles where rows are sums: each value (k) with the row it is of (k), by column."""

    row: Ints
    values: dict[str, Ints]


@dataclass(frozen=True)
class Cells:
    """The cells of one table in display order.

    `quarters` (m) are YYYYQ, or counted from the reference quarter; `places` (n, 1 + dimensions) holds the quarter's
    position and a node per hierarchy. `values` has every additive column (n); `contributions` a matrix cells x
    enterprises per protected column; `enterprises` (n) counts enterprises; `persons` (n) counts persons in person
    tables and is None elsewhere. `unknown` marks, by column, the quarters (m) where it cannot be known, such as hires
    without the quarter before. `percentiles` stand by measure.
    """

    design: TableDesign
    quarters: tuple[int, ...]
    hierarchies: tuple[Hierarchy, ...]
    places: Ints
    values: dict[str, Ints]
    contributions: dict[str, sparse.csr_matrix]
    enterprises: Ints
    persons: Ints | None
    enterprise_names: tuple[str, ...]
    unknown: dict[str, Bools] = field(default_factory=dict)
    percentiles: dict[str, Percentile] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.places)

    @property
    def keys(self) -> tuple[Key, ...]:
        """Return each cell's name: its quarter and its code in each dimension, in the order of the design."""
        names = [time_name(quarter, self.design.time) for quarter in self.quarters]
        codes = [np.array(tree.codes, dtype=object)[self.places[:, 1 + axis]]
                 for axis, tree in enumerate(self.hierarchies)]  # fmt: skip
        columns = [np.array(names, dtype=object)[self.places[:, 0]], *codes]
        return tuple(zip(*(column.tolist() for column in columns), strict=True))

    def measure(self, name: str) -> tuple[Ints, Bools]:
        """Return a published measure's values, in units of its last decimal, and where it is defined."""
        if name in self.percentiles:
            return self.percentiles[name].value, self.percentiles[name].defined
        value, defined = compute(name, self.values)
        for base in CATALOGUE[name].bases:
            if base in self.unknown:
                defined = defined & ~self.unknown[base][self.places[:, 0]]
        return value, defined

    def largest(self, column: str, k: int = 2) -> Largest:
        """Return the k largest enterprise contributions of a protected column, and whose they are."""
        return largest(self.contributions[column], k)


def time_name(quarter: int, time: str) -> str:
    """Return how a cell's key names its quarter: YYYYQ, or Q+2 where quarters since a reference are counted."""
    return str(quarter) if time == "quarter" else f"Q{quarter:+d}"


def tabulate(contributions: pa.Table, design: TableDesign, observed: Observed | None = None) -> Cells:
    """Tabulate contributions (one row per contributor, columns as agreed with the matching store) by a design.

    A table with a `cohort` column is a person table: one row per person. A null says that an amount cannot be known in
    that quarter. `observed` holds the single values behind percentiles where rows are not persons. Raises DesignError
    or ContributionsError; negative contributions are refused, since no rule holds for them (SDC Handbook 4.2.2).
    """
    design.validate()
    check(contributions, design)
    kept = kept_rows(contributions, design)
    table = contributions if kept is None else contributions.filter(pa.array(kept))
    crossing = Crossing.of(table, design)
    cells = _cells(table, design, crossing)
    names = quantiles(design.measures)
    return cells if not names else _with_percentiles(cells, crossing, _observed(table, names, observed, kept))


def _cells(table: pa.Table, design: TableDesign, crossing: Crossing) -> Cells:
    names, enterprise = enterprises(table["enterprise"])
    amounts = {name: integers(table, name) for name in bases(design.measures)}
    if "cohort" in table.column_names:
        amounts["people"] = integers(table, "persons")
    elif "people" in table.column_names:
        amounts["people"] = integers(table, "people")
    amounts = amounts or {"any": np.ones(table.num_rows, dtype=np.int64)}  # a table of percentiles only
    spread = protected(design.measures)
    nobody = 0 if names and not names[0] else -1
    levels = [
        roll_up(key[here], enterprise[here], {name: column[here] for name, column in amounts.items()}, spread, nobody)
        for here, key in crossing.levels()
    ]
    cell_keys = every_quarter([level.keys for level in levels], crossing.shape)
    sums, matrices, counts = assemble(levels, cell_keys, max(len(names), 1), tuple(amounts), spread)
    return Cells(
        design=design,
        quarters=tuple(int(quarter) for quarter in crossing.quarters),
        hierarchies=crossing.trees,
        places=np.stack(np.unravel_index(cell_keys, crossing.shape), axis=1).astype(np.int64),
        values={name: sums[name] for name in bases(design.measures)},
        contributions=matrices,
        enterprises=counts,
        persons=sums.get("people"),
        enterprise_names=tuple(names),
        unknown=_unknown(table, design, crossing),
    )


def _unknown(table: pa.Table, design: TableDesign, crossing: Crossing) -> dict[str, Bools]:
    found: dict[str, Bools] = {}
    for name in bases(design.measures):
        if table[name].null_count:
            missing = table[name].is_null().to_numpy(zero_copy_only=False)
            found[name] = np.isin(np.arange(len(crossing.quarters)), crossing.quarter[missing])
    return found


def _observed(
    table: pa.Table, names: tuple[str, ...], observed: Observed | None, kept: Bools | None
) -> dict[str, tuple[Ints, Ints]]:
    """Return, by measure, the rows (k) and values (k) its percentile is taken of."""
    found = {}
    for name in names:
        formula = CATALOGUE[name].formula
        assert isinstance(formula, Quantile)  # noqa: S101  these are the percentiles
        if observed is None:
            rows = np.flatnonzero(integers(table, formula.where) > 0)
            found[name] = rows, integers(table, formula.value)[rows]
            continue
        rows, values = observed.row, observed.values[formula.value]
        if kept is not None:
            rows = np.where(kept, np.cumsum(kept) - 1, -1)[rows]
            rows, values = rows[rows >= 0], values[rows >= 0]
        found[name] = rows, values
    return found


def _with_percentiles(cells: Cells, crossing: Crossing, observed: dict[str, tuple[Ints, Ints]]) -> Cells:
    """Fill in percentiles, those of the same values together."""
    keys = np.ravel_multi_index(tuple(cells.places.T), crossing.shape) if len(cells) else np.empty(0, dtype=np.int64)
    for name, (rows, values) in observed.items():

        def places(rows: Ints = rows) -> Iterator[Ints]:
            for here, key in crossing.levels():
                place = np.searchsorted(keys, key)
                yield (place if isinstance(here, slice) else np.where(here, place, -1))[rows]

        formula = CATALOGUE[name].formula
        assert isinstance(formula, Quantile)  # noqa: S101
        cells.percentiles[name] = percentiles(places(), values, [formula.percent], len(cells))[0]
    return cells
