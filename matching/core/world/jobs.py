"""Wage records of one state and quarter, made in chunks whose size never changes a record.

The slots of an establishment share its wages exactly (times the scale), with lognormal skew that goes with the person.
A slot that changed hands may pay both its leaver and its newcomer; some slots are second jobs of people at work
elsewhere, mostly in the same state; slots that a shock adds are held by people who had no work.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from matching.core.qcew.layout import QcewError
from matching.core.world.careers import following
from matching.core.world.population import StatePopulation, World, full_jobs
from matching.core.world.randomness import Permutation, lognormal_table, lognormals, stream_key, uniforms
from matching.core.world.shares import share_out

Integers = NDArray[np.int64]

_BLOCK: Final = 4_096
_SECOND_JOB: Final = 0.05
_SECOND_ACROSS: Final = 0.04
_BOTH_PAID: Final = 0.5
_ABLE: Final = lognormal_table(0.5)
_MATCH: Final = lognormal_table(0.25)


@dataclass(frozen=True)
class Jobs:
    """Wage records (n,): roster row of the `establishment`, `person` index, `wage` in whole dollars.

    `slot` is the position that pays (beyond the world's persons: one that a shock added), `part` the share of the
    quarter worked (1.0 all of it), `leaver` marks who left.
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


def job_chunks(
    world: World, population: StatePopulation, quarter: int, chunk_size: int, only: NDArray[np.bool_] | None = None
) -> Iterator[Jobs]:
    """All wage records of the state and quarter in order of position, about `chunk_size` slots at a time.

    `only` (n,) names establishments of the roster; the records of the others are left out, these do not change.
    """
    jobs = population.jobs(quarter)
    before = _jobs_before(population, quarter, jobs)
    wages = _scaled_wages(population, quarter, jobs)
    is_new = population.roster.tenancies.is_new(quarter)
    wanted = jobs if only is None else np.where(only, jobs, 0)
    for establishment, low, high in _chunks(wanted, chunk_size):
        yield _chunk(world, population, quarter, _Blocks(establishment, low, high, jobs, before, wages, is_new))


def records_expected(population: StatePopulation, quarter: int) -> int:
    """Slots in use: the number of records but for leavers (a few percent more), duplicates and unpaid slots."""
    return int(population.jobs(quarter).sum())


@dataclass(frozen=True)
class _Blocks:
    """Runs of slots low..high-1 of an establishment (b,); per place (n,) jobs now and before, wages, new firm?"""

    establishment: Integers
    low: Integers
    high: Integers
    jobs: Integers
    before: Integers
    wages: Integers
    is_new: NDArray[np.bool_]


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
    slot, holder = _slots(world, population, establishment, place)
    person, news = world.careers.persons_and_news(holder, quarter)
    wage = share_out(_block_wages(blocks), _relative_pay(world, quarter, slot, person), sizes)
    left = news & (holder == slot) & (place < blocks.before[establishment]) & ~blocks.is_new[establishment]
    rows = np.flatnonzero(left)
    rows = rows[_both_paid(world, slot[rows], quarter)]
    leaver = world.careers.persons_at(slot[rows], following(quarter, -1))
    other = leaver != person[rows]
    jobs = Jobs(establishment, person, wage, slot, np.ones(len(slot)), np.zeros(len(slot), dtype=np.bool_))
    return _with_leavers(world, quarter, jobs, rows[other], leaver[other])


def second_jobs(world: World, slot: Integers) -> NDArray[np.bool_]:
    """Which slots are second jobs, held by whoever is at another position."""
    return uniforms(stream_key(world.seed, "second"), slot) < _SECOND_JOB


def _slots(
    world: World, population: StatePopulation, establishment: Integers, place: Integers
) -> tuple[Integers, Integers]:
    """The slots at places of establishments, and the position whose person holds each.

    That is the slot itself; for second jobs another position, mostly of the state; for jobs that a shock added that of
    a person without work.
    """
    slot = population.first[establishment] + place
    start, end = population.start, int(population.first[-1])
    added = np.flatnonzero(place >= population.slots[establishment])
    slot[added] = start  # until they get a number of their own below
    holder = slot.copy()
    rows = np.flatnonzero(second_jobs(world, slot))
    inside = Permutation(end - start, stream_key(world.seed, "moonlight", population.state_fips))
    holder[rows] = start + inside.forward(slot[rows] - start)
    rows = rows[uniforms(stream_key(world.seed, "border"), slot[rows]) < _SECOND_ACROSS]
    holder[rows] = Permutation(world.persons, stream_key(world.seed, "moonlight")).forward(slot[rows])
    if len(added):
        at = establishment[added]
        extra = population.extra_first[at] + place[added] - population.slots[at]
        slot[added] = world.persons + extra
        holder[added] = end + population.resting.forward(extra)
    return slot, holder


def _block_wages(blocks: _Blocks) -> Integers:
    """The establishments' wages by block, cut by slots so that the blocks of one add up to it."""
    wages, jobs = blocks.wages[blocks.establishment], blocks.jobs[blocks.establishment]
    return (np.rint(wages * (blocks.high / jobs)) - np.rint(wages * (blocks.low / jobs))).astype(np.int64)


def _relative_pay(world: World, quarter: int, slot: Integers, person: Integers) -> NDArray[np.float64]:
    able = lognormals(_ABLE, stream_key(world.seed, "able"), person)
    return able * lognormals(_MATCH, stream_key(world.seed, "match", quarter), slot)


def _both_paid(world: World, slot: Integers, quarter: int) -> NDArray[np.bool_]:
    return uniforms(stream_key(world.seed, "both", quarter), slot) < _BOTH_PAID


def _with_leavers(world: World, quarter: int, jobs: Jobs, left: Integers, leaver: Integers) -> Jobs:
    """Where a slot changed hands in the quarter: its leaver takes part of the wage, its newcomer the rest.

    Who gets nothing has no record.
    """
    part = 0.1 + 0.8 * uniforms(stream_key(world.seed, "left", quarter), jobs.slot[left])
    paid = np.rint(jobs.wage[left] * part).astype(np.int64)
    times = np.ones(len(jobs), dtype=np.int64)
    times[left] = 2
    more = jobs.rows(np.repeat(np.arange(len(jobs)), times))
    gone = left + np.arange(1, len(left) + 1)
    more.wage[gone - 1] -= paid
    more.part[gone - 1] = 1.0 - part
    more.person[gone], more.wage[gone], more.part[gone], more.leaver[gone] = leaver, paid, part, True
    unpaid = np.flatnonzero(more.wage == 0)
    return more.rows(np.flatnonzero(more.wage)) if len(unpaid) else more
