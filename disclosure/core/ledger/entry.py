"""One released table as the ledger keeps it: every cell as a set of lines, with its status as released."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
from scipy import sparse

from disclosure.core import system
from disclosure.core.ledger import placing
from disclosure.core.ledger.lines import PLACE, Codes, Lines, Scope, amounts_of, lines_of
from disclosure.core.measures import protected
from disclosure.core.qcew.cells import QcewCells, sizes_of
from disclosure.core.system import Bools, System
from disclosure.core.tabulation.cells import Cells, Key
from disclosure.core.tabulation.contributions import Ints
from disclosure.core.tabulation.design import TableDesign
from disclosure.core.tabulation.periods import period_name, period_of


@dataclass(frozen=True)
class Entry:
    """A table in the ledger. `release` names it; the finest common cells of several entries follow from their lines.

    `keys` (cells) are sorted; `statuses` are F, P or S (a table that is still to be protected has F everywhere);
    `measures` are the additive columns that its published cells give away; `members` (cells, lines) is 0/1;
    `relations` (r, cells) says which of its cells add up; `dimensions` (lines) the codes of each line in the table.
    `unknown` names, by measure, the quarters in which it could not be known, such as hires without the quarter before.
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
    unknown: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    outside: bool = False

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def published(self) -> Bools:
        """Return which cells (n) were published."""
        return np.array([status == "F" for status in self.statuses], dtype=np.bool_)

    @property
    def in_layout_of_qcew(self) -> bool:
        """Return whether its cells are those of QCEW's layout, some of which may be exempt from the rules."""
        return self.design is not None and self.design.layout == "qcew"

    @property
    def values(self) -> dict[str, Ints]:
        """Return the cells' values per measure, as published where they were."""
        return {name: np.asarray(self.members @ self.lines.amounts[name]) for name in self.measures}

    def known(self, measure: str) -> Bools:
        """Return the cells (n) in whose quarter a measure can be known; none of what the table does not publish."""
        if measure not in self.measures:
            return np.zeros(len(self), dtype=np.bool_)
        return ~self.within(self.unknown.get(measure, ()))

    def within(self, quarters: Collection[str]) -> Bools:
        """Return the cells (n) all of whose quarters are among some; a period that was pooled has several."""
        time = "quarter" if self.design is None else self.design.time
        named = [(period_name(period_of(quarter, time), time), str(quarter)) for quarter in self.scope.quarters]
        partly = {period for period, quarter in named if quarter not in quarters}
        whole = {period for period, _ in named} - partly
        return np.array([key[0] in whole for key in self.keys], dtype=np.bool_)

    def known_of_lines(self, measure: str) -> Bools:
        """Return the lines (n) whose amount of a measure is known."""
        if measure not in self.lines.amounts:
            return np.zeros(len(self.lines), dtype=np.bool_)
        quarters = set(self.unknown.get(measure, ()))
        return np.array([codes[0] not in quarters for codes in self.lines.codes], dtype=np.bool_)

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
        return placing.membership(found, len(self))

    def _placed(self, lines: Sequence[Codes]) -> list[list[int]]:
        if self.design is None or not lines:
            return [[] for _ in lines]
        inside = [codes for codes, here in zip(lines, self.scope.covers(lines).tolist(), strict=True) if here]
        found = dict(zip(inside, self._placed_inside(inside, self.design), strict=True))
        return [found.get(codes, []) for codes in lines]

    def _placed_inside(self, lines: Sequence[Codes], design: TableDesign) -> list[list[int]]:
        keys, finer = placing.position_of(self.keys), self.lines.finer
        if self.in_layout_of_qcew:
            return placing.in_layout_of_qcew(lines, finer, keys)
        named = placing.named(lines, finer, self.lines.codes, self.dimensions, design.dimensions)
        there = [(codes, own) for codes, own in zip(lines, named, strict=True) if own is not None]
        paths = placing.paths_of(design, [*self.dimensions, *(own for _, own in there)])
        found = placing.crossed([codes for codes, _ in there], [own for _, own in there], paths, keys, design.time)
        of_line = dict(zip((codes for codes, _ in there), found, strict=True))
        return [of_line.get(codes, []) for codes in lines]


def enter(
    cells: Cells | QcewCells, contributions: pa.Table, scope: Scope, release: str, *, places: pa.Table | None = None
) -> Entry:
    """Enter a tabulated table with the contributions it was made from.

    `places` (the contributions themselves unless given) has, row by row, the places that tables have in common: where
    the table regroups them, its own codes stand in `contributions`. Raises ValueError where the lines do not add up to
    the table's values.
    """
    whole = _with_sizes(places if places is not None else contributions)
    shown = None if isinstance(cells, QcewCells) else contributions.select(list(cells.design.dimensions))
    lines, dimensions = lines_of(whole, shown)
    inside = scope.covers(lines.codes)
    lines = lines.where(inside)
    dimensions = [own for own, here in zip(dimensions or [()] * len(inside), inside, strict=True) if here]
    built = cells.system() if isinstance(cells, QcewCells) else system.build(cells)
    entry = Entry(
        release=release,
        scope=scope,
        design=cells.design,
        keys=built.keys,
        statuses=("F",) * len(built),
        measures=tuple(sorted(protected(cells.design.measures))),
        lines=lines,
        dimensions=tuple(dimensions),
        members=_members(cells, lines, dimensions, built),
        relations=built.relations,
        unknown={} if isinstance(cells, QcewCells) else _unknown(cells, scope),
    )
    if any((entry.values[name] != built.values[name]).any() for name in entry.measures):
        raise ValueError("the lines of a table do not add up to its cells")
    return entry


def _with_sizes(contributions: pa.Table) -> pa.Table:
    """Return places and amounts, those of establishments with their size class, which QCEW's layout adds up."""
    finer = [name for name in ("origin_state", "origin_industry") if name in contributions.column_names]
    rows = contributions.select([*PLACE, *finer, *amounts_of(contributions)])
    if not {"month3", "employment_after"} & set(rows.column_names):
        return rows
    return rows.append_column("size", pa.array(sizes_of(rows), pa.string()))


def _members(cells: Cells | QcewCells, lines: Lines, dimensions: Sequence[Codes], built: System) -> sparse.csr_matrix:
    keys = placing.position_of(built.keys)
    if isinstance(cells, QcewCells):
        found = placing.in_layout_of_qcew(lines.codes, lines.finer, keys)
    else:
        paths = [placing.known_paths(tree) for tree in cells.hierarchies]
        found = placing.crossed(lines.codes, dimensions, paths, keys, cells.design.time)
    return placing.membership(found, len(built))


def _unknown(cells: Cells, scope: Scope) -> dict[str, tuple[str, ...]]:
    time = cells.design.time
    found = {}
    for name, marked in sorted(cells.unknown.items()):
        missing = {period for period, unknown in zip(cells.quarters, marked.tolist(), strict=True) if unknown}
        found[name] = tuple(str(quarter) for quarter in scope.quarters if period_of(quarter, time) in missing)
    return found
