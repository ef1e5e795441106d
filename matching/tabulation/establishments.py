"""Establishments compared with the quarter before, as contributions to Business Employment Dynamics."""

from collections.abc import Collection, Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection, transaction

from matching.core.tabulation.dynamics import DYNAMICS_COLUMNS, Establishments, linked
from matching.core.tabulation.dynamics import dynamics as changes
from matching.core.tabulation.histories import ordinal, quarter_of
from matching.sql.read_table import read_table, set_limits
from matching.sql.statements import statement

_TEXT = ("area", "state", "industry", "ownership", "enterprise")
_LINKS = ("key", "predecessor", "successor")
_READ = pa.schema(
    [("quarter", pa.int32()), *((name, pa.string()) for name in (*_TEXT, *_LINKS)), ("month3", pa.int64())]
)
DYNAMICS_SCHEMA = pa.schema(
    [("quarter", pa.int32())]
    + [(name, pa.string()) for name in _TEXT]
    + [(name, pa.int64()) for name in DYNAMICS_COLUMNS]
)


@transaction.atomic
def dynamics(states: Collection[str], quarters: Sequence[int]) -> pa.Table:
    """One row per establishment of a quarter or the one before, columns ``DYNAMICS_SCHEMA``, placed where it is now, or
    was. Null where the quarter before is not among those asked for. Reads the named states and quarters only."""
    set_limits()
    with connection.cursor() as cursor:
        parameters = {"states": list(states), "quarters": list(quarters)}
        table = read_table(cursor, statement("dynamics_establishments"), parameters, _READ)
    parts = [part for state in sorted(states) for part in _of_state(table.filter(pc.equal(table["state"], state)))]
    return pa.concat_tables([DYNAMICS_SCHEMA.empty_table(), *parts])


def _of_state(table: pa.Table) -> Iterator[pa.Table]:
    by_quarter = {quarter: table.filter(pc.equal(table["quarter"], quarter)).combine_chunks()
                  for quarter in sorted(set(table["quarter"].to_pylist()))}  # fmt: skip
    for quarter, now in by_quarter.items():
        yield _compared(quarter, now, by_quarter.get(quarter_of(ordinal(quarter) - 1)))


def _compared(quarter: int, now: pa.Table, before: pa.Table | None) -> pa.Table:
    if before is None:
        nothing = {name: pa.nulls(now.num_rows, pa.int64()) for name in DYNAMICS_COLUMNS}
        return pa.table({"quarter": now["quarter"], **{name: now[name] for name in _TEXT}, **nothing},
                        schema=DYNAMICS_SCHEMA)  # fmt: skip
    one, other = _establishments(now), _establishments(before)
    links = linked(one, other)
    found = changes(links, one, other)
    kept = np.flatnonzero((found["employment_before"] > 0) | (found["employment_after"] > 0))
    place = np.where(links.now >= 0, links.now, now.num_rows + links.before)[kept]
    columns = {name: pa.chunked_array([*now[name].chunks, *before[name].chunks], pa.string()).take(pa.array(place))
               for name in _TEXT}  # fmt: skip
    amounts = {name: pa.array(found[name][kept]) for name in DYNAMICS_COLUMNS}
    return pa.table({"quarter": pa.repeat(pa.scalar(quarter, pa.int32()), len(kept)), **columns, **amounts},
                    schema=DYNAMICS_SCHEMA)  # fmt: skip


def _establishments(table: pa.Table) -> Establishments:
    key, predecessor, successor = (_bytes(table[name]) for name in _LINKS)
    return Establishments(key, predecessor, successor, table["month3"].to_numpy().astype(np.int64))


def _bytes(column: pa.ChunkedArray) -> npt.NDArray[np.bytes_]:
    return np.asarray(column.to_pylist(), dtype="S15") if len(column) else np.empty(0, "S15")
