"""One released table as the ledger keeps it: every cell as a set of lines, with its status as released."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import pyarrow as pa
from scipy import sparse

from disclosure.core import system
from disclosure.core.ledger.lines import PLACE, Codes, Lines, Scope, lines_of
from disclosure.core.measures import protected
from disclosure.core.system import Bools
from disclosure.core.tabulation import hierarchy
from disclosure.core.tabulation.cells import Cells, Key, time_name
from disclosure.core.tabulation.contributions import Ints
from disclosure.core.tabulation.crossing import integers, kept_rows
from disclosure.core.tabulation.design import TableDesign
from disclosure.core.tabulation.hierarchy import Hierarchy

_AREA = PLACE.index("area")


@dataclass(frozen=True)
class Entry:
    """A table in the ledger. `release` names it; the finest common cells of several entries follow from their lines.

    `keys` (cells) are sorted; `statuses` are F, P or S (a table that is still to be protected has F everywhere);
    `measures` are the additive columns that its published cells give away; `members` (cells, lines) is 0/1;
    `relations` (r, cells) says which of its cells add up; `dimensions` (lines) the codes of each line in the table.
    `outside` marks what others published: nothing of it can be taken back, and what it discloses is lost.
    """

    release: str
    scope: Scope
    design: TableDesign | None
    keys: tuple[Key, ...]
    statuses: tuple[str, ...]
    measures: tuple[str, ...]
    lines: Lines
    dimensions: tuple[Codes, ...]
    members: sparse.csr_matrix
    relations: sparse.csr_matrix
    outside: bool = False

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def published(self) -> Bools:
        """Return which cells (n) were published."""
        return np.array([status == "F" for status in self.statuses], dtype=np.bool_)

    @property
    def values(self) -> dict[str, Ints]:
        """Return the cells' values per measure, as published where they were."""
        return {name: np.asarray(self.members @ self.lines.amounts[name]) for name in self.measures}

    def with_statuses(self, statuses: Mapping[Key, str]) -> Entry:
        """Return the entry as it is released."""
        return replace(self, statuses=tuple(str(statuses[key]) for key in self.keys))

    def members_of(self, lines: Sequence[Codes]) -> sparse.csr_matrix:
        """Return (cells, lines) for lines of other tables: where each would stand in this table, if anywhere."""
        known = dict(zip(self.lines.codes, range(len(self.lines)), strict=True))
        own = self.members.tocsc()
        strangers = sorted({codes for codes in lines if codes not in known})
        placed = dict(zip(strangers, self._placed(strangers), strict=True))
        found = [own.indices[own.indptr[known[codes]] : own.indptr[known[codes] + 1]].tolist()
                 if codes in known else placed[codes] for codes in lines]  # fmt: skip
        return _membership(found, len(self))

    def _placed(self, lines: Sequence[Codes]) -> list[list[int]]:
        if self.design is None or not lines:
            return [[] for _ in lines]
        inside = self.scope.covers(lines).tolist()
        named = [self._named(codes) if here else None for codes, here in zip(lines, inside, strict=True)]
        whole = [*self.dimensions, *(one for one in named if one is not None)]
        paths = [_paths(name, self.design, {codes[axis] for codes in whole})
                 for axis, name in enumerate(self.design.dimensions)]  # fmt: skip
        position = {key: number for number, key in enumerate(self.keys)}
        return [[] if own is None else _cells_of(codes[0], own, paths, position)
                for codes, own in zip(lines, named, strict=True)]  # fmt: skip

    def _named(self, codes: Codes) -> Codes | None:
        """Return a line's codes in the table's dimensions; a dimension that is no place follows from the area."""
        assert self.design is not None  # noqa: S101  asked by _placed only
        found = []
        for axis, name in enumerate(self.design.dimensions):
            of_place = self._from_place(axis, name)
            code = codes[PLACE.index(name)] if of_place is None else of_place.get(codes[_AREA])
            if code is None:
                return None
            found.append(code)
        return tuple(found)

    def _from_place(self, axis: int, name: str) -> dict[str, str] | None:
        pairs = zip(self.lines.codes, self.dimensions, strict=True)
        if name in PLACE and all(line[PLACE.index(name)] == own[axis] for line, own in pairs):
            return None
        return {line[_AREA]: own[axis] for line, own in zip(self.lines.codes, self.dimensions, strict=True)}


def enter(
    cells: Cells, contributions: pa.Table, scope: Scope, release: str, *, places: pa.Table | None = None
) -> Entry:
    """Enter a tabulated table with the contributions it was made from.

    `places` (the contributions themselves unless given) has, row by row, the places that tables have in common: where
    the table regroups them, its own codes stand in `contributions`. Raises ValueError where the lines do not add up to
    the table's values.
    """
    whole = places if places is not None else contributions
    amounts = [one.name for one in whole.schema if pa.types.is_integer(one.type) and one.name not in PLACE]
    rows = whole.select([*PLACE, *amounts])
    finer = [name for name in cells.design.dimensions if name not in PLACE]
    lines, dimensions = lines_of(rows, contributions.select(list(cells.design.dimensions)), finer)
    inside = scope.covers(lines.codes)
    lines, dimensions = lines.where(inside), [own for own, here in zip(dimensions, inside, strict=True) if here]
    built = system.build(cells)
    paths = [_known_paths(tree) for tree in cells.hierarchies]
    position = {key: number for number, key in enumerate(built.keys)}
    found = [_cells_of(codes[0], own, paths, position) for codes, own in zip(lines.codes, dimensions, strict=True)]
    entry = Entry(
        release=release,
        scope=scope,
        design=cells.design,
        keys=built.keys,
        statuses=("F",) * len(built),
        measures=tuple(sorted(protected(cells.design.measures))),
        lines=lines,
        dimensions=tuple(dimensions),
        members=_membership(found, len(built)),
        relations=built.relations,
    )
    if any((entry.values[name] != built.values[name]).any() for name in entry.measures):
        raise ValueError("the lines of a table do not add up to its cells")
    return entry


def cells_of_rows(cells: Cells, contributions: pa.Table) -> tuple[tuple[Key, ...], list[tuple[int, ...]]]:
    """Return a table's cells, sorted by key, and those (positions) that each row of its contributions belongs to; rows
    that the design's filters leave out belong to none."""
    design, keys = cells.design, tuple(sorted(cells.keys))
    position = {key: number for number, key in enumerate(keys)}
    paths = [_known_paths(tree) for tree in cells.hierarchies]
    times = [time_name(time, design.time) for time in integers(contributions, design.time).tolist()]
    columns = [contributions[name].cast(pa.string()).to_pylist() for name in design.dimensions]
    rows = list(zip(times, *([code or "" for code in column] for column in columns), strict=True))
    found = {row: tuple(_cells_of(row[0], row[1:], paths, position)) for row in set(rows)}
    kept = kept_rows(contributions, design)
    left = [True] * len(rows) if kept is None else kept.tolist()
    return keys, [found[row] if here else () for row, here in zip(rows, left, strict=True)]


def _known_paths(tree: Hierarchy) -> dict[str, list[str]]:
    """Return, per leaf code, the codes of the nodes above it and its own."""
    return {leaf: [tree.codes[level[number]] for level in tree.levels if level[number] >= 0]
            for number, leaf in enumerate(tree.leaves)}  # fmt: skip


def _paths(name: str, design: TableDesign, codes: Iterable[str]) -> dict[str, list[str]]:
    if name == "area":
        return _known_paths(hierarchy.area(codes, design.area_level))
    if name == "industry":
        return _known_paths(hierarchy.industry(codes, design.industry_level))
    return _known_paths(hierarchy.flat(name, codes))


def _cells_of(
    quarter: str, codes: Codes, paths: Sequence[Mapping[str, list[str]]], position: Mapping[Key, int]
) -> list[int]:
    nodes = [path.get(code, []) for path, code in zip(paths, codes, strict=True)]
    return sorted({position[key] for one in product(*nodes) if (key := (quarter, *one)) in position})


def _membership(found: Sequence[Sequence[int]], cells: int) -> sparse.csr_matrix:
    """Return (cells, lines) from the cells of each line."""
    column = np.repeat(np.arange(len(found)), [len(one) for one in found])
    row = np.array([cell for one in found for cell in one], dtype=np.int64)
    return sparse.csr_matrix((np.ones(len(row), dtype=np.int64), (row, column)), shape=(cells, len(found)))
