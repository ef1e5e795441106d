"""Wage records of one state and quarter, made in chunks whose size never changes a record.

The slots of an establishment share its wages exactly (times the scale), with lognormal skew that goes with the person.
A slot that changed hands may pay both its leaver and its newcomer; some slots are second jobs of people at work
elsewhere, mostly in the same state.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from matching.core.qcew import QcewError
from matching.core.world.careers import following
from matching.core.world.population import StatePopulation, World, full_jobs
from matching.core.world.randomness import Permutation, normals, stream_key, uniforms
from matching.core.world.shares import share_out

Integers = NDArray[np.int64]

_BLOCK: Final = 4_096
_SECOND_JOB: Final = 0.05
_SECOND_ACROSS: Final = 0.04
_BOTH_PAID: Final = 0.5
_PERSON_SPREAD: Final = 0.5
_MATCH_SPREAD: Final = 0.25


@dataclass(frozen=True)
class Jobs:
    """Wage records (n,): roster row of the `establishment`, `person` index, `wage` in whole dollars.

    `slot` is the position that pays, `part` the share of the quarter worked (1.0 all of it), `leaver` marks who left.
    """

    establishment: Integers
    person: Integers
    wage: Integers
    slot: Integers
    part: NDArray[np.float64]
    leaver: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.wage)

    def rows(self, index: Integers) -> "Jobs":
        """Some of the records, in the order of the index."""
        return Jobs(
            self.establishment[index],
            self.person[index],
            self.wage[index],
            self.slot[index],
            self.part[index],
            self.leaver[index],
        )


def job_chunks(world: World, population: StatePopulation, quarter: int, chunk_size: int) -> Iterator[Jobs]:
    """All wage records of the state and quarter in order of position, about `chunk_size` slots at a time."""
    jobs = population.jobs(quarter)
    before = _jobs_before(population, quarter, jobs)
    wages = _scaled_wages(population, quarter, jobs)
    for establishment, low, high in _chunks(jobs, chunk_size):
        yield _chunk(world, population, quarter, _Blocks(establishment, low, high, jobs, before, wages))


def records_expected(population: StatePopulation, quarter: int) -> int:
    """Slots in use: the number of records but for leavers (a few percent more), duplicates and unpaid slots."""
    return int(population.jobs(quarter).sum())


@dataclass(frozen=True)
class _Blocks:
    """Runs of slots low..high-1 of an establishment (b,), with its jobs now and before and its scaled wages (n,)."""

    establishment: Integers
    low: Integers
    high: Integers
    jobs: Integers
    before: Integers
    wages: Integers


def _jobs_before(population: StatePopulation, quarter: int, jobs: Integers) -> Integers:
    try:
        return population.jobs(following(quarter, -1))
    except QcewError:
        return jobs


def _scaled_wages(population: StatePopulation, quarter: int, jobs: Integers) -> Integers:
    figures = population.establishments(quarter)
    full = np.maximum(full_jobs(population.roster, figures), 1)
    return np.rint(figures.values[:, 3] * (jobs / full)).astype(np.int64)


def _chunks(jobs: Integers, chunk_size: int) -> Iterator[tuple[Integers, Integers, Integers]]:
    """Cut the slots into blocks that never cross an establishment, then gather blocks into chunks."""
    blocks = -(-jobs // _BLOCK)
    establishment = np.repeat(np.arange(len(jobs)), blocks)
    low = _BLOCK * (np.arange(len(establishment)) - np.repeat(np.cumsum(blocks) - blocks, blocks))
    high = np.minimum(low + _BLOCK, jobs[establishment])
    chunk = (np.cumsum(high - low) - 1) // max(chunk_size, 1)
    edges = np.flatnonzero(np.diff(chunk)) + 1
    yield from zip(*(np.split(column, edges) for column in (establishment, low, high)), strict=True)


def _chunk(world: World, population: StatePopulation, quarter: int, blocks: _Blocks) -> Jobs:
    sizes = blocks.high - blocks.low
    establishment = np.repeat(blocks.establishment, sizes)
    place = np.arange(len(establishment)) - np.repeat(np.cumsum(sizes) - sizes - blocks.low, sizes)
    slot = population.first[establishment] + place
    second = second_jobs(world, slot)
    person = world.careers.persons_at(_holders(world, population, slot, second), quarter)
    wage = share_out(_block_wages(blocks), _relative_pay(world, quarter, slot, person), sizes)
    jobs = Jobs(establishment, person, wage, slot, np.ones(len(slot)), np.zeros(len(slot), dtype=np.bool_))
    left = ~second & (place < blocks.before[establishment]) & _both_paid(world, slot, quarter)
    left &= world.careers.newly_filled(slot, quarter)
    jobs = _with_leavers(world, quarter, jobs, np.flatnonzero(left))
    return jobs.rows(np.flatnonzero(jobs.wage > 0))


def second_jobs(world: World, slot: Integers) -> NDArray[np.bool_]:
    """Which slots are second jobs, held by whoever is at another position."""
    return uniforms(stream_key(world.seed, "second"), slot) < _SECOND_JOB


def _holders(world: World, population: StatePopulation, slot: Integers, second: NDArray[np.bool_]) -> Integers:
    """The position whose person holds each slot: itself, or for second jobs another one, mostly of the state."""
    holder = slot.copy()
    rows = np.flatnonzero(second)
    start, end = population.start, int(population.first[-1])
    inside = Permutation(end - start, stream_key(world.seed, "moonlight", population.state_fips))
    holder[rows] = start + inside.forward(slot[rows] - start)
    rows = rows[uniforms(stream_key(world.seed, "border"), slot[rows]) < _SECOND_ACROSS]
    holder[rows] = Permutation(world.persons, stream_key(world.seed, "moonlight")).forward(slot[rows])
    return holder


def _block_wages(blocks: _Blocks) -> Integers:
    """The establishments' wages by block, cut by slots so that the blocks of one add up to it."""
    wages, jobs = blocks.wages[blocks.establishment], blocks.jobs[blocks.establishment]
    return (np.rint(wages * (blocks.high / jobs)) - np.rint(wages * (blocks.low / jobs))).astype(np.int64)


def _relative_pay(world: World, quarter: int, slot: Integers, person: Integers) -> NDArray[np.float64]:
    able = _PERSON_SPREAD * normals(stream_key(world.seed, "able"), person)
    match = _MATCH_SPREAD * normals(stream_key(world.seed, "match", quarter), slot)
    return np.exp(able + match)


def _both_paid(world: World, slot: Integers, quarter: int) -> NDArray[np.bool_]:
    return uniforms(stream_key(world.seed, "both", quarter), slot) < _BOTH_PAID


def _with_leavers(world: World, quarter: int, jobs: Jobs, left: Integers) -> Jobs:
    """Where a slot changed hands in the quarter: its leaver takes part of the wage, its newcomer the rest."""
    part = 0.1 + 0.8 * uniforms(stream_key(world.seed, "left", quarter), jobs.slot[left])
    leaver = world.careers.persons_at(jobs.slot[left], following(quarter, -1))
    paid = np.rint(jobs.wage[left] * part).astype(np.int64)
    order = np.sort(np.concatenate([np.arange(len(jobs)), left]), kind="stable")
    more = jobs.rows(order)
    gone = np.searchsorted(order, left, side="right") - 1
    more.wage[gone - 1] -= paid
    more.part[gone - 1] = 1.0 - part
    more.person[gone], more.wage[gone], more.part[gone], more.leaver[gone] = leaver, paid, part, True
    return more
