"""People of a world for a demo cohort, in memory only: nurses of a state, trainees, and some who never worked."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from matching.core.world.digits import digits
from matching.core.world.jobs import second_jobs
from matching.core.world.population import StatePopulation, World, build_world
from matching.core.world.specimens import specimen_numbers

Integers = NDArray[np.int64]
Text = NDArray[np.str_]


@dataclass(frozen=True)
class People:
    """One row per person (n,): `person` index, `ssn` (uint32) and the main job in the quarter.

    `state`, `area` (county FIPS, 5), `naics` (6), `ownership` and `uin` (10) are '' for who has no main job then.
    `in_world` is False for index >= persons: such a person never has a wage record anywhere.
    """

    person: Integers
    ssn: NDArray[np.uint32]
    in_world: NDArray[np.bool_]
    employed: NDArray[np.bool_]
    state: Text
    area: Text
    naics: Text
    ownership: Text
    uin: Text

    def __len__(self) -> int:
        return len(self.person)

    def __repr__(self) -> str:
        return f"People({len(self)} persons)"


def cohort_people(
    *,
    states: Sequence[str],
    persons: int | None,
    seed: int,
    qcew_dir: Path,
    quarter: int,
    start: int = 0,
    stop: int | None = None,
) -> People:
    """Persons start..stop-1 (default: the whole world) of the world `write_world` writes for the same arguments."""
    world = build_world(states=states, persons=persons, seed=seed, qcew_dir=qcew_dir)
    return people(world, quarter, np.arange(start, world.persons if stop is None else stop))


def people(world: World, quarter: int, persons: Integers) -> People:
    """The given person indices (n,) in a quarter (YYYYQ); ask again with another quarter to follow them.

    A dirty record can hide a job that is listed here; a second or a left job may exist where none is listed.
    """
    in_world = persons < world.persons
    positions = np.full(len(persons), -1, dtype=np.int64)
    positions[in_world] = world.careers.positions_of(persons[in_world], quarter)
    columns = {name: np.full(len(persons), "", dtype="U10") for name in ("state", "area", "naics", "ownership", "uin")}
    for population in world.states:
        _place(world, population, quarter, positions, columns)
    employed = columns["state"] != ""
    return People(persons, specimen_numbers(world.seed, persons), in_world, employed, **columns)


def _place(
    world: World, population: StatePopulation, quarter: int, positions: Integers, columns: dict[str, Text]
) -> None:
    """Fill the columns of everyone whose position is a slot in use in this state."""
    rows = np.flatnonzero((positions >= population.start) & (positions < population.end))
    establishment, place = _slot_of(population, positions[rows])
    in_use = place < np.append(population.jobs(quarter), 0)[establishment]
    rows, establishment = rows[in_use], establishment[in_use]
    paid = population.establishments(quarter).values[establishment, 3] > 0
    added = positions[rows] >= population.first[-1]
    main = paid & (added | ~second_jobs(world, positions[rows]))
    rows, establishment = rows[main], establishment[main]
    roster = population.roster
    cell = roster.cell[establishment]
    columns["state"][rows] = population.state_fips
    columns["area"][rows] = roster.cells.area[cell]
    columns["naics"][rows] = roster.cells.naics[cell]
    columns["ownership"][rows] = roster.cells.ownership[cell]
    columns["uin"][rows] = digits(roster.tenants(quarter).uin[establishment], 10).view("S10").ravel()


def _slot_of(population: StatePopulation, positions: Integers) -> tuple[Integers, Integers]:
    """Establishment and place in it of positions of the state; people without work stand at establishment n, place 0.

    Of these, some hold a job that a shock added.
    """
    establishment = np.searchsorted(population.first, positions, side="right") - 1
    at_rest = np.flatnonzero(positions >= population.first[-1])
    establishment[at_rest] = len(population.slots)
    place = positions - population.first[establishment]
    place[at_rest] = 0
    extra = population.resting.backward(positions[at_rest] - population.first[-1])
    hired, extra = at_rest[extra < population.extra_first[-1]], extra[extra < population.extra_first[-1]]
    establishment[hired] = np.searchsorted(population.extra_first, extra, side="right") - 1
    place[hired] = population.slots[establishment[hired]] + extra - population.extra_first[establishment[hired]]
    return establishment, place
