"""The wage store's one narrow interface: resolve tokens, match a cohort, yield contributions, list holdings.

Persons and records are found in the match segments (matching/segments), contributions in PostgreSQL; a distributed
implementation keeps these functions, columns and orders.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from matching.core.tokens import Tokens
from matching.models import Holding, Kind, Load, Status
from matching.segments.match import MATCH_SCHEMA, Matched, OpenLoad, OpenQuarter
from matching.segments.register import of_loads, once_more_if_replaced
from matching.sql.copy_binary import read_text
from matching.sql.statements import statement
from matching.vault.persons import PersonIds, find_persons

__all__ = [
    "CONTRIBUTION_SCHEMAS", "MAIN_JOB_SCHEMA", "MATCH_SCHEMA", "HeldQuarter", "Matched", "OpenQuarter", "Source",
    "contributions_macro", "holdings", "main_jobs", "match", "open_quarter", "resolve",
]  # fmt: skip

Source = Literal["wage_records", "establishments"]
TIME_LIMIT = "30min"
_TEXT, _COUNT = pa.string(), pa.int64()
_CONTRIBUTOR = [
    ("quarter", pa.int32()),
    *((name, _TEXT) for name in ("area", "state", "industry", "ownership", "enterprise")),
]
CONTRIBUTION_SCHEMAS: dict[str, pa.Schema] = {
    "wage_records": pa.schema([*_CONTRIBUTOR, ("jobs", _COUNT), ("persons", _COUNT), ("wages", _COUNT)]),
    "establishments": pa.schema(
        [*_CONTRIBUTOR, *((n, _COUNT) for n in ("establishments", "month1", "month2", "month3", "wages"))]
    ),
}
MAIN_JOB_SCHEMA = pa.schema(
    [("cohort_row", pa.int32()), ("quarter", pa.int32())]
    + [(name, _TEXT) for name in ("state", "area", "industry", "ownership", "enterprise")]
    + [(name, _COUNT) for name in ("persons", "jobs", "wages")]
)


@dataclass(frozen=True)
class HeldQuarter:
    """One load as pages may show it; ``status`` visible is what requests use."""

    state: str
    quarter: int
    kind: str
    version: int
    status: str
    rows: int
    loaded_at: datetime
    release_date: date | None


@once_more_if_replaced
def resolve(tokens: Tokens) -> PersonIds:
    """Person id per token, shape (n,) int32; -1 where the vault knows none. Raises LoadRefused for a wrong key."""
    return find_persons(tokens)


@once_more_if_replaced
def open_quarter(quarter: int, states: Collection[str]) -> OpenQuarter:
    """The visible loads of wage records of one quarter (YYYYQ) in the named states, to be matched as they are now.

    Raises SegmentUnusable where `rebuild_segments` is needed.
    """
    loads = _visible(Kind.WAGE_RECORDS, states, [quarter])
    segments = of_loads(load.pk for load in loads)
    return OpenQuarter(quarter, [OpenLoad.of(load, segments) for load in loads])


def match(person_ids: PersonIds, held: OpenQuarter) -> Matched:
    """Records of persons in a quarter; unknown and unmatchable ones find nothing.

    ``cohort_row`` is the place in ``person_ids``. Sorted by cohort row, state, UIN, RUN, EIN, wages, hours, weeks.
    """
    return held.match(person_ids)


def _limits() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL jit = off; SET LOCAL work_mem = '128MB'")
        cursor.execute(f"SET LOCAL statement_timeout = '{TIME_LIMIT}'")


def _visible(kind: Kind, states: Collection[str], quarters: Sequence[int]) -> list[Load]:
    """In the order of the states' FIPS codes."""
    loads = Load.objects.filter(kind=kind, status=Status.VISIBLE, state__in=list(states), quarter__in=list(quarters))
    return list(loads.order_by("state", "quarter"))


def _read_table(
    cursor: CursorWrapper, query: str, parameters: dict[str, Any], types: dict[str, pa.DataType]
) -> pa.Table:
    """The answer of a query as an Arrow table; no value is null."""
    data = read_text(cursor, query, parameters, list(types))
    if not data:
        return pa.schema(list(types.items())).empty_table()
    return pa_csv.read_csv(
        pa.py_buffer(data),
        read_options=pa_csv.ReadOptions(column_names=list(types)),
        convert_options=pa_csv.ConvertOptions(column_types=types, strings_can_be_null=False),
    )


@transaction.atomic
def contributions_macro(
    source: Source, states: Collection[str], quarters: Sequence[int], industries: Collection[str] = ()
) -> pa.Table:
    """One row per contributing unit of visible loads, columns ``CONTRIBUTION_SCHEMAS[source]``.

    ``industries`` are NAICS prefixes of any length; none means all. Area is a county FIPS code; SS995 several
    counties, SS999 no establishment record. Ownership X: unknown. Sorted by quarter, then unit.
    """
    schema = CONTRIBUTION_SCHEMAS[source]
    if not all(code.isdigit() for code in industries):
        raise ValueError("Industries are NAICS prefixes, digits only.")
    parameters = {
        "states": list(states), "quarters": list(quarters),
        "industries": f"^({'|'.join(sorted(industries))})",
    }  # fmt: skip
    _limits()
    with connection.cursor() as cursor:
        types = dict(zip(schema.names, schema.types, strict=True))
        return _read_table(cursor, statement(f"contributions_{source}"), parameters, types)


def main_jobs(found: Matched, quarter: int) -> pa.Table:
    """One row per cohort row of a match, columns ``MAIN_JOB_SCHEMA``: the job of largest wages, or state '' for none.

    Ties: the first in order of state, UIN, RUN, EIN. ``jobs`` counts all records of the quarter, ``wages`` are the main
    job's. Sorted by cohort row.
    """
    persons, row, wages = found.persons, found.cohort_row, found.records("wages")
    order = np.lexsort((-wages.astype(np.int64), row))  # stable: ties stay in the order of the match
    first = order[np.flatnonzero(np.diff(row[order], prepend=-1))]
    place = np.full(persons, len(first), np.int64)
    place[row[first]] = np.arange(len(first))
    chosen = pa.array(place, mask=place == len(first))

    def text(codes: npt.NDArray[np.bytes_]) -> pa.Array:
        return pc.fill_null(pa.array(codes[first].astype(str), _TEXT).take(chosen), "")

    columns = {
        "cohort_row": pa.array(np.arange(persons, dtype=np.int32)),
        "quarter": pa.repeat(pa.scalar(quarter, pa.int32()), persons),
        "state": text(found.states()),
        "area": text(found.units("area")),
        "industry": text(found.units("dominant_naics")),
        "ownership": text(found.units("ownership")),
        "enterprise": text(found.units("enterprise")),
        "persons": pa.repeat(pa.scalar(1, _COUNT), persons),
        "jobs": pa.array(np.bincount(row, minlength=persons), _COUNT),
        "wages": pc.fill_null(pa.array(wages[first], _COUNT).take(chosen), 0),
    }
    return pa.table(columns, schema=MAIN_JOB_SCHEMA)


def holdings(*, every_version: bool = False) -> list[HeldQuarter]:
    """What is held, by state, quarter and kind: the visible versions, or every one. Any process may ask."""
    rows = Holding.objects.order_by("state", "quarter", "kind", "version")
    if not every_version:
        rows = rows.filter(status=Status.VISIBLE)
    fields = ("state", "quarter", "kind", "version", "status", "rows", "loaded_at", "release_date")
    return [HeldQuarter(*values) for values in rows.values_list(*fields)]
