"""Which cells of a table a line belongs to, also a line of another table: what two loads have of one cell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product

import numpy as np
import pyarrow as pa
from scipy import sparse

from disclosure.core.ledger.lines import PLACE, Codes
from disclosure.core.qcew.codes import counted_in
from disclosure.core.tabulation.cells import Cells, Key
from disclosure.core.tabulation.crossing import hierarchy_of, kept_rows
from disclosure.core.tabulation.design import TableDesign
from disclosure.core.tabulation.hierarchy import Hierarchy
from disclosure.core.tabulation.periods import period_name, period_of, periods

Paths = Mapping[str, list[str]]  # per leaf code of a dimension, the codes of the nodes above it and its own
Position = Mapping[Key, int]


def position_of(keys: Sequence[Key]) -> dict[Key, int]:
    """Return the place of each cell among the keys."""
    return {key: number for number, key in enumerate(keys)}


def crossed(
    lines: Sequence[Codes], dimensions: Sequence[Codes], paths: Sequence[Paths], keys: Position, time: str
) -> list[list[int]]:
    """Return the cells of each line in a table of crossed dimensions; `dimensions` are the lines' codes in it, `time`
    says to which of its periods a quarter belongs."""
    period = {quarter: period_name(period_of(int(quarter), time), time) for quarter in {codes[0] for codes in lines}}
    return [cells_of(period[codes[0]], own, paths, keys) for codes, own in zip(lines, dimensions, strict=True)]


def in_layout_of_qcew(lines: Sequence[Codes], finer: Sequence[str], keys: Position) -> list[list[int]]:
    """Return the cells of each line in a table in the layout of QCEW, which adds up size classes too."""
    size = len(PLACE) + tuple(finer).index("size")
    found = []
    for codes in lines:
        quarter, _, area, industry, owner, _ = codes[: len(PLACE)]
        counting = counted_in(area, owner, industry, codes[size])
        found.append(sorted(keys[key] for code in counting if (key := (quarter, *code)) in keys))
    return found


def named(
    lines: Sequence[Codes],
    finer: Sequence[str],
    own: Sequence[Codes],
    dimensions: Sequence[Codes],
    names: Sequence[str],
) -> list[Codes | None]:
    """Return the codes of strange lines in a table's dimensions (`names`), None where the table has no such place.

    `own` are the table's lines with their codes in `dimensions`: a regrouped dimension follows from the area.
    """
    readers = [_reader(axis, name, finer, own, dimensions) for axis, name in enumerate(names)]
    found = [tuple(read(codes) for read in readers) for codes in lines]
    return [tuple(code for code in one if code is not None) if None not in one else None for one in found]


def _reader(
    axis: int, name: str, finer: Sequence[str], own: Sequence[Codes], dimensions: Sequence[Codes]
) -> Callable[[Codes], str | None]:
    columns = (*PLACE, *finer)
    if name in columns:
        column = columns.index(name)
        if all(line[column] == codes[axis] for line, codes in zip(own, dimensions, strict=True)):
            return lambda codes: codes[column]
    area = PLACE.index("area")
    of_area = {line[area]: codes[axis] for line, codes in zip(own, dimensions, strict=True)}
    return lambda codes: of_area.get(codes[area])


def paths_of(design: TableDesign, dimensions: Iterable[Codes]) -> list[Paths]:
    """Return the paths of each dimension of a design over the codes that occur."""
    whole = list(dimensions)
    return [known_paths(hierarchy_of(name, sorted({codes[axis] for codes in whole}), design))
            for axis, name in enumerate(design.dimensions)]  # fmt: skip


def known_paths(tree: Hierarchy) -> Paths:
    """Return the paths of a dimension as it was tabulated."""
    return {leaf: [tree.codes[level[number]] for level in tree.levels if level[number] >= 0]
            for number, leaf in enumerate(tree.leaves)}  # fmt: skip


def cells_of(period: str, codes: Codes, paths: Sequence[Paths], keys: Position) -> list[int]:
    """Return the cells that count these codes."""
    nodes = [path.get(code, []) for path, code in zip(paths, codes, strict=True)]
    return sorted({keys[key] for one in product(*nodes) if (key := (period, *one)) in keys})


def membership(found: Sequence[Sequence[int]], cells: int) -> sparse.csr_matrix:
    """Return (cells, lines) from the cells of each line."""
    column = np.repeat(np.arange(len(found)), [len(one) for one in found])
    row = np.array([cell for one in found for cell in one], dtype=np.int64)
    return sparse.csr_matrix((np.ones(len(row), dtype=np.int64), (row, column)), shape=(cells, len(found)))


def cells_of_rows(cells: Cells, contributions: pa.Table) -> tuple[tuple[Key, ...], list[tuple[int, ...]]]:
    """Return a table's cells, sorted by key, and those (positions) that each row of its contributions belongs to; rows
    that the design's filters leave out belong to none."""
    design, keys = cells.design, tuple(sorted(cells.keys))
    position, paths = position_of(keys), [known_paths(tree) for tree in cells.hierarchies]
    times = [period_name(period, design.time) for period in periods(contributions, design.time).tolist()]
    columns = [contributions[name].cast(pa.string()).to_pylist() for name in design.dimensions]
    rows = list(zip(times, *([code or "" for code in column] for column in columns), strict=True))
    found = {row: tuple(cells_of(row[0], row[1:], paths, position)) for row in set(rows)}
    kept = kept_rows(contributions, design)
    left = [True] * len(rows) if kept is None else kept.tolist()
    return keys, [found[row] if here else () for row, here in zip(rows, left, strict=True)]
