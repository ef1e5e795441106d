"""Persons who changed their main job, with where the old one was and where the new one is."""

from collections.abc import Collection, Sequence

import pyarrow as pa

from matching.core.tabulation.moves import MOVE_COLUMNS, Moves, moves
from matching.segments.match import OpenLoad
from matching.segments.register import once_more_if_replaced
from matching.tabulation.job_records import as_text, open_loads
from matching.tabulation.person_ranges import NumberedLoad, histories_by_range, numbered

_TEXT = {"area": "area", "industry": "dominant_naics", "ownership": "ownership", "enterprise": "enterprise"}
_CODES = ("state", *_TEXT, "origin_state", "origin_industry")
MOVE_SCHEMA = pa.schema(
    [("quarter", pa.int32())]
    + [(name, pa.string()) for name in _CODES]
    + [(name, pa.int64()) for name in ("people", *MOVE_COLUMNS)]
)


@once_more_if_replaced
def main_job_moves(states: Collection[str], quarters: Sequence[int]) -> pa.Table:
    """One row per person who moved in a quarter, columns ``MOVE_SCHEMA``: codes of the new job and its enterprise,
    state and industry of the old one. Null: cannot be known without a quarter not asked for; a quarter without the one
    before and the next has no rows. Raises SegmentUnusable."""
    return moves_of(open_loads(states, quarters))


def moves_of(loads: dict[int, list[OpenLoad]]) -> pa.Table:
    """The same over opened loads by quarter."""
    order = numbered(loads)
    words = {name: _words(order, name) for name in ("state", *_TEXT)}
    parts = [MOVE_SCHEMA.empty_table()]
    for histories in histories_by_range(order, sorted(loads)):
        for quarter in sorted(loads):
            parts.append(_table(quarter, moves(histories, histories.quarters.index(quarter)), words))
    return pa.concat_tables(parts)


def _words(order: list[NumberedLoad], name: str) -> pa.ChunkedArray:
    """A column of text by unit over all loads."""
    parts = [
        pa.repeat(pa.scalar(one.load.state), one.units) if name == "state" else as_text(one.load.units[_TEXT[name]])
        for one in order
    ]
    return pa.chunked_array(parts, pa.string())


def _table(quarter: int, found: Moves, words: dict[str, pa.ChunkedArray]) -> pa.Table:
    rows = len(found.unit)
    columns = {"quarter": pa.repeat(pa.scalar(quarter, pa.int32()), rows)}
    for name in _CODES:
        unit = found.origin_unit if name.startswith("origin_") else found.unit
        columns[name] = words[name.removeprefix("origin_")].take(pa.array(unit))
    columns["people"] = pa.repeat(pa.scalar(1, pa.int64()), rows)
    for name in MOVE_COLUMNS:
        values = found.columns[name]
        columns[name] = pa.nulls(rows, pa.int64()) if values is None else pa.array(values)
    return pa.table([columns[name] for name in MOVE_SCHEMA.names], schema=MOVE_SCHEMA)
