"""A world at a given number of persons: whose job slots stand at which positions, in every state.

UI wage records hold no federal workers, so only ownerships 2, 3 and 5 have slots. Positions run state by state: first
the slots, establishment by establishment, then people without work.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from matching.core.world.careers import Careers
from matching.core.world.cells import state_cells
from matching.core.world.closings import Closings, closing_places
from matching.core.world.establishments import (
    EstablishmentQuarter,
    Roster,
    establishment_quarter,
    fill_cells,
    make_roster,
)
from matching.core.world.growth import highest_figures
from matching.core.world.randomness import Permutation, stream_key, uniforms
from matching.core.world.shares import share_evenly
from matching.core.world.shocks import Shock, ShockError

Integers = NDArray[np.int64]

COVERED: Final = ("2", "3", "5")
WITHOUT_WORK: Final = 0.08
MOST_PERSONS: Final = 50_000_000  # the other specimen numbers stay free for people who never worked anywhere
_LEAST_PAY: Final = 100


class WorldError(ValueError):
    """A world that cannot be made as asked."""


@dataclass(frozen=True, repr=False)
class StatePopulation:
    """A state's stretch of positions.

    `first` (n + 1,) are the first positions of each establishment of the roster, `first[-1]` the first without work,
    `end` the end of the stretch; `slots` (n,) the capacity; `full_slots` (n,) the capacity at scale 1. Jobs that shocks
    add beyond the slots are held by people of the state without work: `extra_first` (n + 1,) counts them up.
    """

    roster: Roster
    first: Integers
    slots: Integers
    full_slots: Integers
    end: int
    extra_first: Integers
    shocks: tuple[Shock, ...] = ()
    _quarters: dict[int, EstablishmentQuarter] = field(default_factory=dict, repr=False, compare=False)

    @property
    def state_fips(self) -> str:
        return self.roster.cells.state_fips

    @property
    def start(self) -> int:
        return int(self.first[0])

    def establishments(self, quarter: int) -> EstablishmentQuarter:
        """The state's establishments in the quarter (YYYYQ); the last few quarters are kept."""
        if quarter not in self._quarters:
            while len(self._quarters) > 3:
                self._quarters.pop(next(iter(self._quarters)))
            self._quarters[quarter] = establishment_quarter(self.roster, quarter, self.shocks)
        return self._quarters[quarter]

    def jobs(self, quarter: int) -> Integers:
        """Slots in use per establishment (n,): its jobs at scale 1, scaled; the fraction is kept by chance."""
        full = full_jobs(self.roster, self.establishments(quarter))
        key = stream_key(self.roster.seed, "jobs", self.state_fips)
        chance = uniforms(key, np.arange(len(full)))
        scaled = self.slots * (full / np.maximum(self.full_slots, 1))
        return np.minimum(np.floor(scaled + chance).astype(np.int64), self.slots + np.diff(self.extra_first))

    @property
    def resting(self) -> Permutation:
        """Which person without work, counted from `first[-1]`, takes which extra job."""
        return Permutation(self.end - int(self.first[-1]), stream_key(self.roster.seed, "resting", self.state_fips))

    def without_shocks(self) -> "StatePopulation":
        """The same people and places in a quiet world."""
        return replace(self, shocks=(), extra_first=np.zeros_like(self.extra_first), _quarters={})


@dataclass(frozen=True, repr=False)
class World:
    """Persons 0..persons-1 and every state's population; the same for the same files, states, persons and seed."""

    seed: int
    persons: int
    persons_at_scale_one: int
    states: tuple[StatePopulation, ...]
    careers: Careers
    shocks: tuple[Shock, ...] = ()

    @property
    def scale(self) -> float:
        """Jobs here to employment published: 1.0 when `persons` equals `persons_at_scale_one`."""
        return self.persons / self.persons_at_scale_one

    def state(self, state_fips: str) -> StatePopulation:
        found = next((state for state in self.states if state.state_fips == state_fips), None)
        if found is None:
            raise WorldError(f"State {state_fips} is not in this world.")
        return found


def build_world(
    *,
    states: Sequence[str],
    persons: int | None,
    seed: int,
    qcew_dir: Path,
    shocks: Sequence[Shock] = (),
    told: Callable[[str], None] = lambda _state: None,
) -> World:
    """A world of `persons` (None: scale 1, jobs equal to published employment) in the given states (FIPS).

    Reads and completes the published quarters below `qcew_dir`, some seconds a state, and is `told` which comes next.
    Raises WorldError, ShockError or QcewError with the reason.
    """
    _check_states(states)
    if persons is not None:
        _check_persons(persons)
    rosters = []
    for fips in sorted(states):
        told(fips)
        rosters.append(make_roster(seed, state_cells(Path(qcew_dir).resolve(), fips)))
    full = [_full_slots(roster) for roster in rosters]
    at_scale_one = round(sum(int(slots.sum()) for slots in full) * (1.0 + WITHOUT_WORK))
    persons = at_scale_one if persons is None else persons
    _check_persons(persons)
    _check_shocks(rosters, shocks)
    populations = tuple(_shaken(population, tuple(shocks)) for population in _settle(rosters, full, persons))
    edges = [*(population.start for population in populations), persons]
    closings = Closings(seed, [closing_places(each.first, each.slots, each.roster.tenancies) for each in populations])
    careers = Careers(seed, persons, edges, _sector_edges(populations, persons), [closings])
    return World(seed, persons, at_scale_one, populations, careers, tuple(shocks))


def full_jobs(roster: Roster, figures: EstablishmentQuarter) -> Integers:
    """Jobs at scale 1 per establishment (ownerships 2, 3 and 5): its largest month.

    At least one where wages are paid, none where they are not, and no more than the wages give 100 dollars each.
    """
    wages = figures.values[:, 3]
    jobs = np.maximum(np.minimum(figures.values[:, :3].max(axis=1), wages // _LEAST_PAY), 1)
    return np.where((wages > 0) & np.isin(roster.ownership, COVERED), jobs, 0)


def _full_slots(roster: Roster) -> Integers:
    """Jobs of each establishment at the height of any published quarter and of what grows from it."""
    capacity = np.zeros(len(roster.cell), dtype=np.int64)
    for quarter in sorted(roster.cells.published):
        for figures in (roster.cells.published[quarter], highest_figures(roster.cells, quarter)):
            np.maximum(capacity, full_jobs(roster, fill_cells(roster, quarter, figures)), out=capacity)
    return capacity


def _check_states(states: Sequence[str]) -> None:
    if not states or len(set(states)) != len(states):
        raise WorldError("Name at least one state, each once.")
    wrong = [state for state in states if not (len(state) == 2 and state.isascii() and state.isdigit())]
    if wrong:
        raise WorldError(f"States are two-digit FIPS codes, e.g. 44,10; not {', '.join(wrong)}.")


def _check_persons(persons: int) -> None:
    if not 1_000 <= persons <= MOST_PERSONS:
        raise WorldError(f"A world has 1,000 to {MOST_PERSONS:,} persons, not {persons:,}.")


def _check_shocks(rosters: Sequence[Roster], shocks: Sequence[Shock]) -> None:
    for shock in shocks:
        if not any(shock.cells(roster.cells).any() for roster in rosters):
            raise ShockError(f"The shock on industry {shock.naics} from {shock.first} strikes nothing in these states.")


def _shaken(population: StatePopulation, shocks: tuple[Shock, ...]) -> StatePopulation:
    """The population with room for the jobs that shocks add."""
    growth = np.ones(len(population.slots))
    for shock in shocks:
        growth[shock.cells(population.roster.cells)[population.roster.cell]] *= 1.0 + max(shock.jobs, 0.0)
    extra = np.ceil(population.slots * growth).astype(np.int64) - population.slots
    resting = population.end - int(population.first[-1])
    if extra.sum() > resting:
        raise ShockError(
            f"The shocks would add {extra.sum():,} jobs in state {population.state_fips}, but only {resting:,} people "
            "there are without work; add fewer, or in a narrower industry."
        )
    return replace(population, shocks=shocks, extra_first=np.concatenate([[0], np.cumsum(extra)]))


def _settle(rosters: list[Roster], full: list[Integers], persons: int) -> tuple[StatePopulation, ...]:
    """Share the persons out over slots and, state by state, over people without work."""
    all_slots = share_evenly(round(persons / (1.0 + WITHOUT_WORK)), np.concatenate(full))
    slots = np.split(all_slots, np.cumsum([len(part) for part in full])[:-1])
    idle = share_evenly(persons - int(all_slots.sum()), np.array([part.sum() for part in full]))
    populations, start = [], 0
    for roster, capacity, full_capacity, resting in zip(rosters, slots, full, idle, strict=True):
        first = start + np.concatenate([[0], np.cumsum(capacity)])
        end = int(first[-1] + resting)
        populations.append(StatePopulation(roster, first, capacity, full_capacity, end, np.zeros_like(first)))
        start = end
    return tuple(populations)


def _sector_edges(populations: tuple[StatePopulation, ...], persons: int) -> list[int]:
    """First positions of each two-digit industry of each state, of those without work, and the end."""
    edges = {persons}
    for population in populations:
        sectors = population.roster.naics.astype("U2")
        changes = np.flatnonzero(sectors[1:] != sectors[:-1]) + 1
        edges.update(int(position) for position in population.first[[0, *changes, -1]])
    return sorted(edges)
