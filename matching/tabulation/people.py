"""People followed through quarters: one row per person and quarter, without any key of the person."""

from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from matching.core.tabulation.histories import ordinal
from matching.core.tabulation.outcomes import OUTCOME_COLUMNS, TENURES, Outcomes, People
from matching.segments.match import OpenLoad
from matching.segments.register import once_more_if_replaced
from matching.tabulation.job_records import THREADS, Units, histories, open_loads, parts_of_people
from matching.vault.persons import PersonIds

_TEXT = ("cohort", "state", "area", "industry", "ownership", "enterprise", "origin_state", "origin_industry", "tenure")
PERSON_ROWS = pa.schema(
    [("quarter", pa.int32()), ("since", pa.int32())]
    + [(name, pa.string()) for name in _TEXT]
    + [(name, pa.from_numpy_dtype(kind)) for name, kind in OUTCOME_COLUMNS.items()]
)

FOUND_IN = b"states"


@dataclass(frozen=True)
class Followed:
    """Who is followed: the cohort's name, its reference quarter (0: none), and its home state ("": that of each
    person's main job in the reference quarter)."""

    cohort: str
    reference: int
    home: str = ""


@once_more_if_replaced
def follow(
    person_ids: PersonIds,
    who: Followed,
    quarters: Sequence[int],
    states: Collection[str],
    *,
    shown: Sequence[int] = (),
    wanted: Collection[str] | None = None,
) -> Iterator[pa.Table]:
    """Rows ``PERSON_ROWS`` of all persons in each of `quarters`, or those `shown`, one table a quarter; of the amounts
    all, or those `wanted`.

    Each table's metadata name (``FOUND_IN``) the states in which any record of them was found: rows name main jobs
    only, and count all. Reads the named quarters of the named states and nothing else; `since` counts quarters from the
    reference quarter and is null without one. Persons without a record have empty codes. Raises SegmentUnusable.
    """
    return follow_in(open_loads(states, quarters), person_ids, who, shown or quarters, wanted)


def follow_in(
    loads: dict[int, list[OpenLoad]],
    person_ids: PersonIds,
    who: Followed,
    shown: Sequence[int],
    wanted: Collection[str] | None = None,
) -> Iterator[pa.Table]:
    """The same over opened loads by quarter."""
    left_out = set() if wanted is None else set(OUTCOME_COLUMNS) - set(wanted)
    names = [name for name in PERSON_ROWS.names if name not in left_out]
    found, units = histories(list(parts_of_people(loads, person_ids)), list(loads))
    found_in = {FOUND_IN: ",".join(units.states[number] for number in np.unique(units.state))}
    column = {quarter: place for place, quarter in enumerate(found.quarters)}
    reference = column.get(who.reference)
    home = -1 if not who.home else units.states.index(who.home) if who.home in units.states else len(units.states)
    people = People(found, units.facts(), len(person_ids), home, reference)
    with ThreadPoolExecutor(THREADS) as threads:
        tables = threads.map(
            lambda quarter: _table(people.quarter(column[quarter], names), units, who, quarter, names), sorted(shown)
        )
        yield from (table.replace_schema_metadata(found_in) for table in tables)


def _table(outcomes: Outcomes, units: Units, who: Followed, quarter: int, names: Sequence[str]) -> pa.Table:
    schema = pa.schema([PERSON_ROWS.field(name) for name in names])
    return pa.table([_column(outcomes, units, who, quarter, name) for name in names], schema=schema)


def _column(outcomes: Outcomes, units: Units, who: Followed, quarter: int, name: str) -> pa.Array:
    people = len(outcomes.unit)
    if name in OUTCOME_COLUMNS:
        values = outcomes.columns[name]
        return pa.nulls(people, PERSON_ROWS.field(name).type) if values is None else pa.array(values)
    if name == "quarter":
        return pa.repeat(pa.scalar(quarter, pa.int32()), people)
    if name == "since":
        since = None if not who.reference else ordinal(quarter) - ordinal(who.reference)
        return pa.repeat(pa.scalar(since, pa.int32()), people)
    if name == "cohort":
        return pa.repeat(pa.scalar(who.cohort), people)
    if name == "tenure":
        return pa.array(TENURES).take(pa.array(outcomes.tenure))
    if name.startswith("origin_"):
        return units.column(name.removeprefix("origin_"), outcomes.origin_unit)
    return units.column(name, outcomes.unit)


@once_more_if_replaced
def people_found(
    states: Collection[str], quarter: int, industries: Collection[str] = (), ownerships: Collection[str] = ()
) -> PersonIds:
    """Everyone with a record of the quarter in the states, industries (NAICS prefixes) and ownerships, ascending.

    Person ids stay in the worker's memory. Raises SegmentUnusable.
    """
    found = [np.empty(0, np.int32)]
    for load in open_loads(states, [quarter])[quarter]:
        wanted = np.ones(len(load.units["employer"]), bool)
        if industries:
            codes = load.units["dominant_naics"]
            wanted &= np.logical_or.reduce([np.strings.startswith(codes, code.encode()) for code in sorted(industries)])
        if ownerships:
            wanted &= np.isin(load.units["ownership"], [code.encode() for code in ownerships])
        records = load.records.columns
        found.append(np.unique(records["person"][wanted[records["unit"] - load.first_unit]]))
    persons = np.unique(np.concatenate(found))
    return persons[persons > 0]
