"""Groups of persons in which all or none have a wage record: a table that says so tells it of each of them.

Whoever sent a cohort knows who is in it. In a table of its places of work the group is the whole cohort in a quarter,
and its persons without a record stand under NONE. That part is sensitive when it is nobody or everybody, and where it
is everybody, so is each zero beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from disclosure.core.system import Bools
from disclosure.core.tabulation.cells import Cells
from disclosure.core.tabulation.contributions import Ints
from disclosure.core.tabulation.hierarchy import NONE

_GROUP = ("quarter", "since", "cohort")
_PLACES = ("state", "area", "industry", "ownership")
# By these dimensions a cell says itself whether its persons have the attribute.
_SAID_BY = {
    "employed": frozenset(_PLACES), "in_same_state": frozenset({"state", "area"}),
    "in_other_state": frozenset({"state", "area"}), "retained": frozenset({"tenure"}),
    "industry_changed": frozenset({"industry", "origin_industry"}),
}  # fmt: skip


class Untellable(ValueError):
    """A table that cannot but tell something of everybody in a group."""


def with_nobody(contributions: pa.Table) -> pa.Table:
    """Add rows of no person, so that what is empty and must not show it has cells.

    Each cohort and quarter gets one without a record; one without any record gets one for every place of the others.
    """
    if "cohort" not in contributions.column_names or not contributions.num_rows:
        return contributions
    places = [name for name in _PLACES if name in contributions.column_names]
    employed = contributions.filter(pc.not_equal(contributions[places[0]], "")) if places else contributions
    by = [name for name in _GROUP if name in contributions.column_names]
    groups, found = _distinct(contributions, by), _distinct(employed, places)
    with_record = set(_distinct(employed, by))
    idle = [group for group in groups if group not in with_record]
    rows = [dict(zip(by, group, strict=True)) for group in groups]
    rows += [dict(zip((*by, *places), (*group, *place), strict=True)) for group in idle for place in found]
    nothing = [{field.name: "" if pa.types.is_string(field.type) else 0 for field in contributions.schema} | row
               for row in rows]  # fmt: skip
    return pa.concat_tables([contributions, pa.Table.from_pylist(nothing, schema=contributions.schema)])


def _distinct(table: pa.Table, names: Sequence[str]) -> list[tuple[Any, ...]]:
    """Return the distinct rows of some columns, sorted."""
    if not names:
        return []
    found = table.group_by(list(names)).aggregate([])
    rows = set(zip(*(found[name].to_pylist() for name in names), strict=True))
    return sorted(rows, key=lambda row: tuple((word is not None, word) for word in row))


def telling(cells: Cells) -> Bools:
    """Return the cells (n) by which a table of persons tells that all or none of a group have a wage record.

    Raises Untellable where a group without any record has no zero to hide among.
    """
    told = np.zeros(len(cells), dtype=np.bool_)
    if cells.persons is None or is_filtered(cells) or not without_record(cells).any():
        return told
    group, whole, without = _groups(cells), whole_groups(cells), without_record(cells)
    size, left = (_largest(group, np.where(part, cells.persons, 0)) for part in (whole, without))
    everybody, nobody = (size > 0) & (left == size), (size > 0) & (left == 0)
    zeros = everybody[group] & (cells.persons == 0)
    if not np.isin(np.flatnonzero(everybody), group[zeros]).all():
        raise Untellable("In a cohort nobody has a wage record in a quarter, and the table has no place to hide that.")
    told |= zeros | (without & (everybody | nobody)[group])
    return told


def is_filtered(cells: Cells) -> bool:
    """Return whether a table of persons counts only some of them, so that its receiver does not know how many."""
    return bool(cells.design.industries or cells.design.ownerships)


def denominators(cells: Cells) -> dict[str, Bools]:
    """Return, per attribute that the table counts, the cells (n) that are groups some of whom may have it."""
    if cells.persons is None:
        return {}
    without = without_record(cells)
    return {name: ~without & _at_top(cells, said) for name, said in _SAID_BY.items() if name in cells.values}


def _at_top(cells: Cells, dimensions: frozenset[str]) -> Bools:
    """Return the cells that are totals in these dimensions."""
    top = np.ones(len(cells), dtype=np.bool_)
    for axis, tree in enumerate(cells.hierarchies, start=1):
        if tree.name in dimensions:
            top &= tree.parent[cells.places[:, axis]] < 0
    return top


def _groups(cells: Cells) -> Ints:
    """Return the number of each cell's group: its quarter and its cohort."""
    axes = [0, *(axis for axis, tree in enumerate(cells.hierarchies, start=1) if tree.name == "cohort")]
    _, group = np.unique(cells.places[:, axes], axis=0, return_inverse=True)
    return np.asarray(group, dtype=np.int64).ravel()


def whole_groups(cells: Cells) -> Bools:
    """Return the cells that hold all of their group: totals in every dimension but the cohort."""
    return _at_top(cells, frozenset(tree.name for tree in cells.hierarchies) - {"cohort"})


def without_record(cells: Cells) -> Bools:
    """Return the cells of persons without a record."""
    without = np.zeros(len(cells), dtype=np.bool_)
    for axis, tree in enumerate(cells.hierarchies, start=1):
        if tree.name in _PLACES and NONE in tree.codes:
            without |= cells.places[:, axis] == tree.codes.index(NONE)
    return without


def _largest(group: Ints, persons: Ints) -> Ints:
    """Return the largest number of persons of each group's cells."""
    most = np.zeros(int(group.max(initial=-1)) + 1, dtype=np.int64)
    np.maximum.at(most, group, persons)
    return most
