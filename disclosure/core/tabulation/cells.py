"""From contributions of employers to the cells of a table: all dimensions crossed with their totals, per quarter.

A combination of codes that occurs in any quarter gets a cell in every quarter, so that zero is shown as zero; one
that never occurs has no cell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
from scipy import sparse

from disclosure.core.measures import CATALOGUE, Comparison, Quantile, bases, compute, protected, quantiles
from disclosure.core.tabulation.compared import compare, others
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
from disclosure.core.tabulation.periods import POOLING, period_name, quarters_pooled
from disclosure.core.tabulation.prices import Prices
from disclosure.core.tabulation.quantiles import Percentile, percentiles
from disclosure.core.tabulation.rollup import EveryLevel, assemble, roll_up

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

    `quarters` (m) are periods: YYYYQ, counted from the reference quarter, or quarters `pooled` (m: how many). `places`
    (n, 1 + dimensions) holds the period's position and a node per hierarchy. `values` has every additive column (n);
    `contributions` a matrix cells x enterprises per protected column; `enterprises` (n) counts enterprises; `persons`
    (n) counts persons in person tables and is None elsewhere. `unknown` marks, by column, the periods (m) where it
    cannot be known, such as hires without the quarter before. `percentiles` stand by measure.
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
    pooled: Ints | None = None
    percentiles: dict[str, Percentile] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.places)

    @property
    def keys(self) -> tuple[Key, ...]:
        """Return each cell's name: its quarter and its code in each dimension, in the order of the design."""
        names = [period_name(period, self.design.time) for period in self.quarters]
        codes = [np.array(tree.codes, dtype=object)[self.places[:, 1 + axis]]
                 for axis, tree in enumerate(self.hierarchies)]  # fmt: skip
        columns = [np.array(names, dtype=object)[self.places[:, 0]], *codes]
        return tuple(zip(*(column.tolist() for column in columns), strict=True))

    @property
    def presence(self) -> sparse.csr_matrix | None:
        """Return a matrix (n, enterprises) of 1 where an enterprise is in a cell, also with zeros only; None where no
        column is protected. Every protected column has an entry for each of them (rollup.assemble)."""
        kept = next(iter(self.contributions.values()), None)
        if kept is None:
            return None
        return sparse.csr_matrix((np.ones(len(kept.data), dtype=np.int64), kept.indices, kept.indptr), kept.shape)

    def measure(self, name: str) -> tuple[Ints, Bools]:
        """Return a published measure's values, in units of its last decimal, and where it is defined."""
        value, defined = self._nominal(name)
        if self.design.prices and CATALOGUE[name].in_dollars:
            value, known = Prices.of(self.design.prices).constant(value, np.array(self.quarters)[self.places[:, 0]])
            defined = defined & known
        formula = CATALOGUE[name].formula
        return (
            compare(formula, value, defined, self.beside(name)) if isinstance(formula, Comparison) else (value, defined)
        )

    def _nominal(self, name: str) -> tuple[Ints, Bools]:
        """Return a measure in dollars of each period; of a comparison, what is compared."""
        if name in self.percentiles:
            return self.percentiles[name].value, self.percentiles[name].defined
        value, defined = compute(name, self.values, 1 if self.pooled is None else self.pooled[self.places[:, 0]])
        for base in CATALOGUE[name].bases:
            if base in self.unknown:
                defined = defined & ~self.unknown[base][self.places[:, 0]]
        return value, defined

    def beside(self, name: str) -> tuple[Ints, ...]:
        """Return the cells (n each, -1 where there is none) that a measure compares each cell with; mostly none."""
        formula = CATALOGUE[name].formula
        if not isinstance(formula, Comparison):
            return ()
        return others(formula, self.places, self.quarters, self.hierarchies, self.design.time)

    def largest(self, column: str, k: int = 2) -> Largest:
        """Return the k largest enterprise contributions of a protected column, and whose they are."""
        return largest(self.contributions[column], k)


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
    if not names:
        return cells
    return _with_percentiles(cells, crossing, lambda formula: _observed(table, formula, observed, kept), names)


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
    made = EveryLevel(crossing, enterprise, amounts)
    levels = [roll_up(made.entries(level), spread, nobody) for level in crossing.choices()]
    pooled = quarters_pooled(table, design.time) if design.time in POOLING else None
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
        persons=_each_once(sums.get("people"), pooled, cell_keys, crossing),
        enterprise_names=tuple(names),
        unknown=_unknown(table, design, crossing),
        pooled=pooled,
    )


def _each_once(counted: Ints | None, pooled: Ints | None, cell_keys: Ints, crossing: Crossing) -> Ints | None:
    """Return how many persons a cell has at least, who may count once in each of the quarters pooled."""
    if counted is None or pooled is None:
        return counted
    quarters = pooled[cell_keys // max(int(np.prod(crossing.shape[1:])), 1)]
    return np.asarray(-(-counted // quarters), dtype=np.int64)


def _unknown(table: pa.Table, design: TableDesign, crossing: Crossing) -> dict[str, Bools]:
    found: dict[str, Bools] = {}
    for name in bases(design.measures):
        if table[name].null_count:
            missing = table[name].is_null().to_numpy(zero_copy_only=False)
            found[name] = np.isin(np.arange(len(crossing.quarters)), crossing.quarter[missing])
    return found


def _observed(table: pa.Table, formula: Quantile, observed: Observed | None, kept: Bools | None) -> tuple[Ints, Ints]:
    """Return the rows (k) and values (k) that a percentile is taken of."""
    if observed is None:
        rows = np.flatnonzero(integers(table, formula.where) > 0)
        return rows, integers(table, formula.value)[rows]
    rows, values = observed.row, observed.values[formula.value]
    if kept is None:
        return rows, values
    rows = np.where(kept, np.cumsum(kept) - 1, -1)[rows]
    return rows[rows >= 0], values[rows >= 0]


def _with_percentiles(
    cells: Cells, crossing: Crossing, read: Callable[[Quantile], tuple[Ints, Ints]], names: tuple[str, ...]
) -> Cells:
    """Fill in percentiles, those of the same values together: they are sorted once."""
    keys = np.ravel_multi_index(tuple(cells.places.T), crossing.shape) if len(cells) else np.empty(0, dtype=np.int64)
    of_same: dict[tuple[str, str], dict[str, Quantile]] = {}
    for name in names:
        formula = CATALOGUE[name].formula
        assert isinstance(formula, Quantile)  # noqa: S101  these are the percentiles
        of_same.setdefault((formula.value, formula.where), {})[name] = formula
    for formulas in of_same.values():
        rows, values = read(next(iter(formulas.values())))
        percents = [formula.percent for formula in formulas.values()]
        found = [
            _told_once(one, cells) for one in percentiles(_places(crossing, keys, rows), values, percents, len(cells))
        ]
        cells.percentiles.update(zip(formulas, found, strict=True))
    return cells


def _told_once(one: Percentile, cells: Cells) -> Percentile:
    """Return a percentile with how many at least lie below and above it, where each may count in several quarters."""
    if cells.pooled is None:
        return one
    quarters = cells.pooled[cells.places[:, 0]]
    return replace(one, below=-(-one.below // quarters), above=-(-one.above // quarters))


def _places(crossing: Crossing, keys: Ints, rows: Ints) -> Iterator[Ints]:
    """Yield, level by level, the cell of each of some rows, -1 where it has none."""
    for here, key in crossing.levels():
        place = np.searchsorted(keys, key)
        yield (place if isinstance(here, slice) else np.where(here, place, -1))[rows]
