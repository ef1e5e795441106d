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


@dataclass(frozen=True)
class Followed:
    """Who is followed: the cohort's name, its reference quarter (0: none), and its home state ("": that of each
    person's main job in the reference quarter)."""

    cohort: str
    reference: int
    home: str = ""


@once_more_if_replaced
def follow(
    person_ids: PersonIds, who: Followed, quarters: Sequence[int], states: Collection[str], shown: Sequence[int] = ()
) -> Iterator[pa.Table]:
    """Rows ``PERSON_ROWS`` of all persons in each of `quarters`, or those `shown`, one table a quarter.

    Reads the named quarters of the named states and nothing else; `since` counts quarters from the reference quarter
    and is null without one. Persons without a record have empty codes. Raises SegmentUnusable.
    """
    return follow_in(open_loads(states, quarters), person_ids, who, shown or quarters)


def follow_in(
    loads: dict[int, list[OpenLoad]], person_ids: PersonIds, who: Followed, shown: Sequence[int]
) -> Iterator[pa.Table]:
    """The same over opened loads by quarter."""
    found, units = histories(list(parts_of_people(loads, person_ids)), list(loads))
    column = {quarter: place for place, quarter in enumerate(found.quarters)}
    reference = column.get(who.reference)
    home = -1 if not who.home else units.states.index(who.home) if who.home in units.states else len(units.states)
    people = People(found, units.facts(), len(person_ids), home, reference)
    with ThreadPoolExecutor(THREADS) as threads:
        yield from threads.map(
            lambda quarter: _table(people.quarter(column[quarter]), units, who, quarter), sorted(shown)
        )


def _table(outcomes: Outcomes, units: Units, who: Followed, quarter: int) -> pa.Table:
    people = len(outcomes.unit)
    since = None if not who.reference else ordinal(quarter) - ordinal(who.reference)
    columns = {
        "quarter": pa.repeat(pa.scalar(quarter, pa.int32()), people),
        "since": pa.repeat(pa.scalar(since, pa.int32()), people),
        "cohort": pa.repeat(pa.scalar(who.cohort), people),
        **{
            name: units.column(name, outcomes.unit) for name in ("state", "area", "industry", "ownership", "enterprise")
        },
        "origin_state": units.column("state", outcomes.origin_unit),
        "origin_industry": units.column("industry", outcomes.origin_unit),
        "tenure": pa.array(TENURES).take(pa.array(outcomes.tenure)),
    }
    for name, values in outcomes.columns.items():
        kind = PERSON_ROWS.field(name).type
        columns[name] = pa.nulls(people, kind) if values is None else pa.array(values).cast(kind)
    return pa.table([columns[name] for name in PERSON_ROWS.names], schema=PERSON_ROWS)


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
