"""People followed through a shock: how many of an industry's workers have a wage record later, with it and without."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from matching.core.world.careers import following
from matching.core.world.jobs import job_chunks
from matching.core.world.population import StatePopulation, World
from matching.core.world.records import WageRecords, reported
from matching.core.world.shocks import Shock
from matching.core.world.specimens import specimen_numbers

Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]

_CHUNK: Final = 16_384


def people_followed(world: World, shock: Shock, quarters: Sequence[int], dirt: float) -> dict[str, Any]:
    """Who had a record with a single-unit account of the industry in the quarter before the shock, and has one later.

    Any record of the same number counts, in any state of the world, as a match would find it; `wages` are all their
    wages of the quarter in dollars. Keeps the people's indices in memory, nothing else that grows.
    """
    before = following(shock.first, -1)
    persons = _workers(world, shock, before, dirt)
    quiet = [population.without_shocks() for population in world.states]
    return {
        "quarter_before": before,
        "persons": len(persons),
        "quarters": [
            {
                "quarter": quarter,
                "without_shocks": _found(world, quiet, persons, quarter, dirt),
                "with_shocks": _found(world, world.states, persons, quarter, dirt),
            }
            for quarter in sorted(quarters)
        ],
    }


def _workers(world: World, shock: Shock, quarter: int, dirt: float) -> Integers:
    """Indices of the people, ascending."""
    found = [np.zeros(0, dtype=np.int64)]
    for population in world.states:
        roster = population.roster
        wanted = shock.cells(roster.cells)[roster.cell] & (roster.accounts.run == 0)
        for records in _records(world, population, quarter, dirt, wanted):
            found.append(records.person[_named(world, records)])
    return np.unique(np.concatenate(found))


def _found(
    world: World, states: Sequence[StatePopulation], persons: Integers, quarter: int, dirt: float
) -> dict[str, int]:
    seen, wages = np.zeros(len(persons) + 1, dtype=np.bool_), 0
    for population in states:
        for records in _records(world, population, quarter, dirt, None):
            place = np.searchsorted(persons, records.person)
            known = np.append(persons, -1)[place] == records.person
            known &= _named(world, records)
            seen[place[known]] = True
            wages += int(records.wage[known].sum())
    return {"with_a_record": int(seen.sum()), "wages": wages}


def _records(
    world: World, population: StatePopulation, quarter: int, dirt: float, only: Mask | None
) -> Iterator[WageRecords]:
    for jobs in job_chunks(world, population, quarter, _CHUNK, only=only):
        yield reported(world, population, quarter, jobs, dirt)


def _named(world: World, records: WageRecords) -> Mask:
    """Which records bear the right number."""
    return np.equal(records.ssn, specimen_numbers(world.seed, records.person))
