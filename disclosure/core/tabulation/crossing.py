"""Contributions laid out on the axes of a table: what each row's quarter, codes and enterprise are, as numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from disclosure.core.measures import bases
from disclosure.core.tabulation import hierarchy
from disclosure.core.tabulation.contributions import Ints
from disclosure.core.tabulation.design import DesignError, TableDesign
from disclosure.core.tabulation.hierarchy import Hierarchy
from disclosure.core.tabulation.periods import column_of, periods

Bools = npt.NDArray[np.bool_]
Levels = tuple[int, ...]


class ContributionsError(ValueError):
    """Contributions that cannot be tabulated: a column is missing or an amount is negative."""


@dataclass(frozen=True)
class Crossing:
    """Rows with their positions on every axis: periods (quarters, or quarters pooled), then a hierarchy per dimension
    with the leaf of each row."""

    quarters: Ints
    quarter: Ints
    trees: tuple[Hierarchy, ...]
    leaves: tuple[Ints, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """Return the size of every axis."""
        return (len(self.quarters), *(tree.size for tree in self.trees))

    @classmethod
    def of(cls, table: pa.Table, design: TableDesign) -> Self:
        """Lay out the rows that the design's filters left."""
        quarters, quarter = _numbered(periods(table, design.time))
        encoded = [_encoded(table[name]) for name in design.dimensions]
        trees = tuple(hierarchy_of(name, codes, design)
                      for name, (codes, _) in zip(design.dimensions, encoded, strict=True))  # fmt: skip
        return cls(quarters, quarter, trees, tuple(leaf for _, leaf in encoded))

    def choices(self) -> Iterator[Levels]:
        """Yield every choice of a level per dimension, each counted from the top."""
        return product(*(range(len(tree.levels)) for tree in self.trees))

    def key(self, level: Levels) -> Ints:
        """Return the cell of every row at a level; meaningless where a row has no code there."""
        key = self.quarter
        for tree, leaf, depth in zip(self.trees, self.leaves, level, strict=True):
            key = key * tree.size + tree.levels[depth][leaf]
        return key

    def levels(self) -> Iterator[tuple[Bools | slice, Ints]]:
        """Yield, for each choice of a level per dimension, which rows have it, and the cell key of all rows."""
        for level in self.choices():
            here = np.ones(len(self.quarter), dtype=np.bool_)
            for tree, leaf, depth in zip(self.trees, self.leaves, level, strict=True):
                if (tree.levels[depth] < 0).any():
                    here &= tree.levels[depth][leaf] >= 0
            yield (slice(None) if here.all() else here), self.key(level)

    def finer(self, level: Levels) -> list[Levels]:
        """Return the levels one dimension finer that hold all of a level: the next in which no code is missing."""
        found = []
        for axis, (tree, depth) in enumerate(zip(self.trees, level, strict=True)):
            whole = [one for one in range(depth + 1, len(tree.levels)) if (tree.levels[one] >= 0).all()]
            found += [(*level[:axis], one, *level[axis + 1 :]) for one in whole[:1]]
        return found

    def step(self, keys: Ints, finer: Levels, level: Levels) -> tuple[Ints, Bools]:
        """Return the cells at `level` that cells at a `finer` level, one dimension apart, belong to, and which do."""
        axis = next(axis for axis, (one, other) in enumerate(zip(finer, level, strict=True)) if one != other)
        tree, stride = self.trees[axis], int(np.prod(self.shape[axis + 2 :]))
        up = np.full(tree.size, -1, dtype=np.int64)
        up[tree.levels[finer[axis]]] = tree.levels[level[axis]]
        node = keys // stride % tree.size
        return keys + (up[node] - node) * stride, up[node] >= 0


def check(table: pa.Table, design: TableDesign) -> None:
    amounts = bases(design.measures)
    needed = (column_of(design.time), "enterprise", *design.dimensions, *amounts)
    missing = [name for name in needed if name not in table.column_names]
    if missing:
        raise ContributionsError(f"The contributions have no column {', '.join(missing)}.")
    for name in amounts:
        negative = pc.sum(pc.less(table[name], 0)).as_py() or 0
        if negative:
            raise ContributionsError(f"{negative} contributions have negative {name}; correct or exclude them first.")


def kept_rows(table: pa.Table, design: TableDesign) -> Bools | None:
    """Return which rows the design's filters leave, or None for all; people are filtered where they are found."""
    keep: Bools = np.ones(table.num_rows, dtype=np.bool_)
    if design.industries and not design.followed_from:
        if "industry" not in table.column_names:
            raise DesignError(["The contributions have no industry to filter by."])
        codes, row = _encoded(table["industry"])
        keep &= np.array([code.startswith(design.industry_prefixes()) for code in codes], dtype=np.bool_)[row]
    if design.ownerships and not design.followed_from:
        codes, row = _encoded(table["ownership"])
        keep &= np.array([code in design.ownerships for code in codes], dtype=np.bool_)[row]
    if design.time == "since" and design.after:
        keep &= np.isin(integers(table, "since"), design.after)
    return None if keep.all() else keep


def integers(table: pa.Table, name: str) -> Ints:
    """Return a column as whole numbers, 0 where it is not known."""
    column = table[name].cast(pa.int64())
    return np.asarray((pc.fill_null(column, 0) if column.null_count else column).to_numpy(), dtype=np.int64)


def _encoded(column: pa.ChunkedArray) -> tuple[list[str], Ints]:
    """Return the sorted distinct texts of a column and each row's position among them."""
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    whole = whole.unify_dictionaries().combine_chunks() if isinstance(whole, pa.ChunkedArray) else whole
    texts = whole if pa.types.is_dictionary(whole.type) else whole.cast(pa.string()).dictionary_encode()
    used, indices = _numbered(np.asarray(texts.indices.to_numpy(zero_copy_only=False), dtype=np.int64))
    words = texts.dictionary.cast(pa.string()).take(pa.array(used))
    order = pc.array_sort_indices(words).to_numpy()
    position = np.empty(len(words), dtype=np.int64)
    position[order] = np.arange(len(words))
    return words.take(pa.array(order)).to_pylist(), position[indices]


def _numbered(values: Ints) -> tuple[Ints, Ints]:
    """Return the distinct values, ascending, and each value's place among them; values span a small range."""
    if not len(values):
        return values, values
    least = int(values.min())
    found = np.flatnonzero(np.bincount(values - least))
    place = np.zeros(int(found[-1]) + 1, dtype=np.int64)
    place[found] = np.arange(len(found))
    return found + least, place[values - least]


def hierarchy_of(name: str, codes: list[str], design: TableDesign) -> Hierarchy:
    """Return the tree of a dimension over the codes that occur, at the level of the design."""
    if name == "area":
        return hierarchy.area(codes, design.area_level, design.regions_by_county())
    if name in {"industry", "origin_industry"}:
        return hierarchy.industry(codes, design.industry_level, name)
    return hierarchy.flat(name, codes)


def enterprises(column: pa.ChunkedArray) -> tuple[list[str], Ints]:
    """Return the enterprises' names and each row's number; numbers are their own names."""
    if not pa.types.is_integer(column.type):
        return _encoded(column)
    numbers, row = np.unique(column.to_numpy(), return_inverse=True)
    return [str(number) for number in numbers.tolist()], row.astype(np.int64)


def every_quarter(keys: list[Ints], shape: tuple[int, ...]) -> Ints:
    """Return the keys of all cells, ascending: every combination that occurs, in every quarter."""
    per_quarter = int(np.prod(shape[1:]))
    found = np.sort(np.concatenate([np.empty(0, dtype=np.int64), *(key % per_quarter for key in keys)]))
    combinations = found[np.diff(found, prepend=-1) > 0]
    quarter_starts = np.arange(shape[0], dtype=np.int64)[:, None] * per_quarter
    return np.asarray((quarter_starts + combinations[None, :]).ravel(), dtype=np.int64)
