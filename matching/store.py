"""The wage store's one narrow interface: resolve tokens, match a cohort, yield contributions, list holdings.

Persons and records are found in the match segments (matching/segments), contributions in PostgreSQL; a distributed
implementation keeps these functions, columns and orders.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import pyarrow as pa
from django.db import connection, transaction

from matching.core.tokens import Tokens
from matching.models import Holding, Kind, Load, Status
from matching.segments.match import MATCH_SCHEMA, Matched, OpenLoad, OpenQuarter
from matching.segments.register import of_loads, once_more_if_replaced
from matching.sql.read_table import read_table, set_limits
from matching.sql.statements import statement
from matching.tabulation.establishments import dynamics
from matching.tabulation.jobs import JobValues, job_contributions
from matching.tabulation.moves import main_job_moves
from matching.tabulation.people import PERSON_ROWS, Followed, follow, people_found
from matching.vault.persons import PersonIds, find_persons

__all__ = [
    "CONTRIBUTION_SCHEMAS", "MATCH_SCHEMA", "PERSON_ROWS", "Followed", "HeldQuarter", "JobValues", "Matched",
    "OpenQuarter", "Source", "contributions_macro", "dynamics", "follow", "holdings", "job_contributions",
    "main_job_moves", "match", "open_quarter", "people_found", "resolve",
]  # fmt: skip

Source = Literal["wage_records", "establishments"]
_TEXT, _COUNT = pa.string(), pa.int64()
_CONTRIBUTOR = [
    ("quarter", pa.int32()),
    *((name, _TEXT) for name in ("area", "state", "industry", "ownership", "enterprise")),
]
_ESTABLISHMENT_AMOUNTS = (
    "establishments", "month1", "month2", "month3", "wages", "taxable_wages", "contributions",
)  # fmt: skip
CONTRIBUTION_SCHEMAS: dict[str, pa.Schema] = {
    "wage_records": pa.schema([*_CONTRIBUTOR, ("jobs", _COUNT), ("persons", _COUNT), ("wages", _COUNT)]),
    "establishments": pa.schema([*_CONTRIBUTOR, *((n, _COUNT) for n in _ESTABLISHMENT_AMOUNTS)]),
}


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


def _visible(kind: Kind, states: Collection[str], quarters: Sequence[int]) -> list[Load]:
    """In the order of the states' FIPS codes."""
    loads = Load.objects.filter(kind=kind, status=Status.VISIBLE, state__in=list(states), quarter__in=list(quarters))
    return list(loads.order_by("state", "quarter"))


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
    set_limits()
    with connection.cursor() as cursor:
        return read_table(cursor, statement(f"contributions_{source}"), parameters, schema)


def holdings(*, every_version: bool = False) -> list[HeldQuarter]:
    """What is held, by state, quarter and kind: the visible versions, or every one. Any process may ask."""
    rows = Holding.objects.order_by("state", "quarter", "kind", "version")
    if not every_version:
        rows = rows.filter(status=Status.VISIBLE)
    fields = ("state", "quarter", "kind", "version", "status", "rows", "loaded_at", "release_date")
    return [HeldQuarter(*values) for values in rows.values_list(*fields)]
