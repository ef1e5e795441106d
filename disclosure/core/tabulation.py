"""From contributions of employers to the cells of a table: all dimensions crossed with their totals, per quarter.

A combination of codes that occurs in any quarter gets a cell in every quarter, so that zero is shown as zero; one
that never occurs has no cell.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from disclosure.core import hierarchy
from disclosure.core.contributions import Ints, Largest, by_enterprise, largest
from disclosure.core.hierarchy import Hierarchy
from disclosure.core.measures import bases, compute, protected
from disclosure.core.table_design import DesignError, TableDesign

Key = tuple[str, ...]


class ContributionsError(ValueError):
    """Contributions that cannot be tabulated: a column is missing or an amount is negative or empty."""


@dataclass(frozen=True)
class Cells:
    """The cells of one table in display order.

    `quarters` (m) are YYYYQ; `places` (n, 1 + dimensions) holds the quarter's position and a node per hierarchy.
    `values` has every additive column (n); `contributions` a matrix cells x enterprises per protected column;
    `enterprises` (n) counts enterprises; `persons` (n) counts persons in person tables and is None elsewhere.
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

    def __len__(self) -> int:
        return len(self.places)

    @property
    def keys(self) -> tuple[Key, ...]:
        """Return each cell's name: its quarter and its code in each dimension, in the order of the design."""
        quarter = np.array([str(quarter) for quarter in self.quarters], dtype=object)[self.places[:, 0]]
        codes = [np.array(tree.codes, dtype=object)[self.places[:, 1 + axis]]
                 for axis, tree in enumerate(self.hierarchies)]  # fmt: skip
        return tuple(zip(quarter.tolist(), *(column.tolist() for column in codes), strict=True))

    def measure(self, name: str) -> tuple[Ints, npt.NDArray[np.bool_]]:
        """Return a published measure's values and where it is defined."""
        return compute(name, self.values)

    def largest(self, column: str, k: int = 2) -> Largest:
        """Return the k largest enterprise contributions of a protected column, and whose they are."""
        return largest(self.contributions[column], k)


def tabulate(contributions: pa.Table, design: TableDesign) -> Cells:
    """Tabulate contributions (one row per contributor, columns as agreed with the matching store) by a design.

    A table with a `cohort` column is a person table: one row per person. Raises DesignError or ContributionsError;
    negative contributions are refused, since no rule holds for them (SDC Handbook 4.2.2).
    """
    design.validate()
    _check(contributions, design)
    table = _filtered(contributions, design)
    quarters, quarter = np.unique(_integers(table, "quarter"), return_inverse=True)
    hierarchies = tuple(_hierarchy(name, table, design) for name in design.dimensions)
    leaves = [_leaf_index(table, tree) for tree in hierarchies]
    row, key = _crossed(quarter.astype(np.int64), leaves, hierarchies)
    shape = (len(quarters), *(tree.size for tree in hierarchies))
    cell_keys = _every_quarter(key, shape)
    return _cells(table, design, quarters, hierarchies, shape, cell_keys, row, np.searchsorted(cell_keys, key))


def _check(table: pa.Table, design: TableDesign) -> None:
    amounts = bases(design.measures)
    needed = ("quarter", "enterprise", *design.dimensions, *amounts)
    missing = [name for name in needed if name not in table.column_names]
    if missing:
        raise ContributionsError(f"The contributions have no column {', '.join(missing)}.")
    for name in amounts:
        if table[name].null_count:
            raise ContributionsError(f"The contributions have empty values of {name}.")
        negative = pc.sum(pc.less(table[name], 0)).as_py() or 0
        if negative:
            raise ContributionsError(f"{negative} contributions have negative {name}; correct or exclude them first.")


def _filtered(table: pa.Table, design: TableDesign) -> pa.Table:
    if not design.industries:
        return table
    if "industry" not in table.column_names:
        raise DesignError(["The contributions have no industry to filter by."])
    keep: npt.NDArray[np.bool_] = np.zeros(table.num_rows, dtype=np.bool_)
    for prefix in design.industry_prefixes():
        keep |= pc.starts_with(table["industry"].cast(pa.string()), prefix).to_numpy(zero_copy_only=False)
    return table.filter(pa.array(keep))


def _integers(table: pa.Table, name: str) -> Ints:
    return np.asarray(table[name].cast(pa.int64()).to_numpy(), dtype=np.int64)


def _encoded(column: pa.ChunkedArray) -> tuple[list[str], Ints]:
    """Return the sorted distinct texts of a column and each row's position among them."""
    texts = column.cast(pa.string()).combine_chunks().dictionary_encode()
    words = [word or "" for word in texts.dictionary.to_pylist()]
    order = np.argsort(np.array(words, dtype=object), kind="stable")
    position = np.empty(len(words), dtype=np.int64)
    position[order] = np.arange(len(words))
    return [words[index] for index in order], position[texts.indices.to_numpy(zero_copy_only=False).astype(np.int64)]


def _hierarchy(name: str, table: pa.Table, design: TableDesign) -> Hierarchy:
    codes, _ = _encoded(table[name])
    if name == "area":
        return hierarchy.area(codes, design.area_level)
    if name == "industry":
        return hierarchy.industry(codes, design.industry_level)
    return hierarchy.flat(name, codes)


def _leaf_index(table: pa.Table, tree: Hierarchy) -> Ints:
    return _encoded(table[tree.name])[1]


def _crossed(quarter: Ints, leaves: list[Ints], trees: Iterable[Hierarchy]) -> tuple[Ints, Ints]:
    """Return (row, cell key) for every row in every cell it belongs to: one choice of level per dimension."""
    trees = tuple(trees)
    sizes = [tree.size for tree in trees]
    rows: list[Ints] = [np.empty(0, dtype=np.int64)]
    keys: list[Ints] = [np.empty(0, dtype=np.int64)]
    for levels in product(*(tree.levels for tree in trees)):
        key, here = quarter, np.ones(len(quarter), dtype=np.bool_)
        for level, leaf, size in zip(levels, leaves, sizes, strict=True):
            node = level[leaf]
            key, here = key * size + node, here & (node >= 0)
        rows.append(np.flatnonzero(here))
        keys.append(key[here])
    return np.concatenate(rows), np.concatenate(keys)


def _every_quarter(key: Ints, shape: tuple[int, ...]) -> Ints:
    """Return the keys of all cells: every combination that occurs, in every quarter."""
    per_quarter = int(np.prod(shape[1:]))
    combinations = np.unique(key % per_quarter) if len(key) else np.empty(0, dtype=np.int64)
    quarter_starts = np.arange(shape[0], dtype=np.int64)[:, None] * per_quarter
    return (quarter_starts + combinations[None, :]).ravel()


def _cells(
    table: pa.Table,
    design: TableDesign,
    quarters: Ints,
    trees: tuple[Hierarchy, ...],
    shape: tuple[int, ...],
    cell_keys: Ints,
    row: Ints,
    cell: Ints,
) -> Cells:
    names, enterprise = _encoded(table["enterprise"])
    known = np.array([bool(name) for name in names], dtype=np.bool_)[enterprise[row]]
    size = (len(cell_keys), max(len(names), 1))

    def spread(amounts: Ints) -> sparse.csr_matrix:
        return by_enterprise(cell[known], enterprise[row][known], amounts[row][known], size)

    amounts = {name: _integers(table, name) for name in bases(design.measures)}
    persons = _integers(table, "persons") if "cohort" in table.column_names else None
    return Cells(
        design=design,
        quarters=tuple(int(quarter) for quarter in quarters),
        hierarchies=trees,
        places=np.stack(np.unravel_index(cell_keys, shape), axis=1).astype(np.int64),
        values={name: _sum(cell, column[row], size[0]) for name, column in amounts.items()},
        contributions={name: spread(amounts[name]) for name in protected(design.measures)},
        enterprises=np.diff(spread(np.ones(table.num_rows, dtype=np.int64)).indptr).astype(np.int64),
        persons=None if persons is None else _sum(cell, persons[row], size[0]),
        enterprise_names=tuple(names),
    )


def _sum(cell: Ints, amounts: Ints, size: int) -> Ints:
    """Sum exactly: floating-point sums lose the last dollar above nine quadrillion."""
    total = np.zeros(size, dtype=np.int64)
    np.add.at(total, cell, amounts)
    return total
