"""The wage store's one narrow interface: resolve tokens, match a cohort, yield contributions, list holdings.

Persons and records are found in the match segments (matching/segments), contributions in PostgreSQL; a distributed
implementation keeps these functions, columns and orders.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from matching.core.tokens import Tokens
from matching.models import Holding, Kind, Load, Status
from matching.segments.match import MATCH_SCHEMA, Cohort, OpenLoad, match_table
from matching.segments.register import of_loads, once_more_if_replaced
from matching.sql.copy_binary import read_text
from matching.sql.statements import statement
from matching.vault.persons import UNMATCHABLE, PersonIds, find_persons

__all__ = [
    "CONTRIBUTION_SCHEMAS", "MAIN_JOB_SCHEMA", "MATCH_SCHEMA", "HeldQuarter", "Source", "contributions_macro",
    "holdings", "main_jobs", "match", "resolve",
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
def match(person_ids: PersonIds, quarter: int, states: Collection[str]) -> pa.Table:
    """Records of persons in one quarter (YYYYQ) of the named states, columns ``MATCH_SCHEMA``.

    ``cohort_row`` is the place in ``person_ids``; ``quarter`` in the answer is 1 to 4; hours and weeks are null where
    not reported. Ids below 1 (unknown, unmatchable) find nothing. Sorted by cohort row, state, UIN, RUN, EIN, wages,
    hours, weeks. Raises SegmentUnusable where `rebuild_segments` is needed.
    """
    loads = _visible(Kind.WAGE_RECORDS, states, [quarter])
    if not loads or not np.any(person_ids > UNMATCHABLE):
        return MATCH_SCHEMA.empty_table()
    segments = of_loads(load.pk for load in loads)
    cohort = Cohort.of(person_ids)
    return match_table([OpenLoad.of(load, segments).match(cohort) for load in loads], len(person_ids), quarter)


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


def main_jobs(person_ids: PersonIds, quarters: Sequence[int], states: Collection[str]) -> pa.Table:
    """One row per person and quarter, columns ``MAIN_JOB_SCHEMA``: the job of largest wages, or state '' for none.

    Ties: the first in order of state, UIN, RUN, EIN. ``jobs`` counts all records of the quarter, ``wages`` are the main
    job's. Sorted by quarter, then cohort row.
    """
    parts = [_main_jobs_of(match(person_ids, quarter, states), len(person_ids), quarter) for quarter in quarters]
    return pa.concat_tables(parts) if parts else MAIN_JOB_SCHEMA.empty_table()


def _main_jobs_of(records: pa.Table, persons: int, quarter: int) -> pa.Table:
    row = records.column("cohort_row").to_numpy()
    wages = records.column("wages").to_numpy()
    order = np.lexsort((-wages.astype(np.int64), row))  # stable: ties stay in the order of the match
    first = order[np.flatnonzero(np.diff(row[order], prepend=-1))]
    place = np.full(persons, len(first), np.int64)
    place[row[first]] = np.arange(len(first))
    jobs = np.bincount(row, minlength=persons)
    chosen = pa.array(place, mask=place == len(first))
    main = records.take(pa.array(first))

    def text(name: str) -> pa.ChunkedArray:
        return pc.fill_null(main.column(name).take(chosen), "")

    columns = {
        "cohort_row": pa.array(np.arange(persons, dtype=np.int32)),
        "quarter": pa.repeat(pa.scalar(quarter, pa.int32()), persons),
        "state": text("state"),
        "area": text("area"),
        "industry": text("dominant_naics"),
        "ownership": text("ownership"),
        "enterprise": text("enterprise"),
        "persons": pa.repeat(pa.scalar(1, _COUNT), persons),
        "jobs": pa.array(jobs.astype(np.int64)),
        "wages": pc.fill_null(main.column("wages").take(chosen), 0).cast(_COUNT),
    }
    return pa.table(columns)


def holdings(*, every_version: bool = False) -> list[HeldQuarter]:
    """What is held, by state, quarter and kind: the visible versions, or every one. Any process may ask."""
    rows = Holding.objects.order_by("state", "quarter", "kind", "version")
    if not every_version:
        rows = rows.filter(status=Status.VISIBLE)
    fields = ("state", "quarter", "kind", "version", "status", "rows", "loaded_at", "release_date")
    return [HeldQuarter(*values) for values in rows.values_list(*fields)]
