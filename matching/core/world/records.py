"""Jobs as employers report them: numbers for people, hours where a state asks for them, and the usual dirt."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from matching.core.world.accounts import Accounts
from matching.core.world.jobs import Jobs
from matching.core.world.population import StatePopulation, World
from matching.core.world.randomness import hashes, normals, stream_key, uniforms
from matching.core.world.specimens import specimen_numbers

Integers = NDArray[np.int64]

# What the made-up states report (a choice of this generator, not a fact about the states): share of records with
# hours, with weeks, and share of multi-unit accounts that give the reporting unit.
_HOURS_SHARE: Final = {"44": 0.9, "27": 0.95, "41": 0.95, "53": 0.97, "50": 0.6}
_WEEKS_SHARE: Final = {"44": 0.25, "34": 0.9, "42": 0.8}
_UNIT_SHARE: Final = {"10": 0.25, "27": 0.98}
_UNIT_SHARE_ELSEWHERE: Final = 0.03
MISSING: Final = -1
_NOBODY: Final = 0
_PLACEHOLDER: Final = 999_999_999


@dataclass(frozen=True)
class WageRecords:
    """Reported records (n,): roster row of the `establishment`, `person` index, `ssn` (uint32), `wage` in dollars.

    `hours` and `weeks` are MISSING (-1) where not reported. A dirty record keeps the person it was made for.
    """

    establishment: Integers
    person: Integers
    ssn: NDArray[np.uint32]
    wage: Integers
    hours: Integers
    weeks: Integers

    def __len__(self) -> int:
        return len(self.wage)

    def __repr__(self) -> str:
        return f"WageRecords({len(self)} records)"


def reported(world: World, population: StatePopulation, quarter: int, jobs: Jobs, dirt: float) -> WageRecords:
    """The records an employer sends for these jobs.

    `dirt` is the share of records that are wrong in a known way: a quarter each an SSN of zeros, an ITIN-like number,
    a placeholder of nines, and the whole record sent twice.
    """
    key = stream_key(world.seed, "report", population.state_fips, quarter)
    index = 2 * jobs.slot + jobs.leaver
    fate = uniforms(stream_key(key, "dirt"), index)
    wrong = np.flatnonzero(fate < dirt)
    ssn = specimen_numbers(world.seed, jobs.person)
    ssn[wrong] = _dirty(world, jobs.person[wrong], ssn[wrong], fate[wrong] / max(dirt, 1e-300))
    hours, weeks = _time_worked(key, population, jobs, index)
    records = WageRecords(jobs.establishment, jobs.person, ssn, jobs.wage, hours, weeks)
    twice = wrong[fate[wrong] >= 0.75 * dirt]
    return _repeated(records, twice) if len(twice) else records


def _dirty(world: World, person: Integers, ssn: NDArray[np.uint32], fate: NDArray[np.float64]) -> NDArray[np.uint32]:
    """The wrong numbers of records to be spoilt; fate is uniform in 0..1, its last quarter keeps the number."""
    draw = hashes(stream_key(world.seed, "itin"), person)
    itin = np.uint64(900_700_000) + (draw % np.uint64(100)) * np.uint64(1_000_000)
    itin += (draw >> np.uint64(16)) % np.uint64(180_000)
    ssn = np.where(fate < 0.75, np.uint32(_PLACEHOLDER), ssn)
    ssn = np.where(fate < 0.50, itin.astype(np.uint32), ssn)
    return np.where(fate < 0.25, np.uint32(_NOBODY), ssn)


def _repeated(records: WageRecords, twice: Integers) -> WageRecords:
    """The records, some of them two times in a row."""
    times = np.ones(len(records), dtype=np.int64)
    times[twice] = 2
    rows = np.repeat(np.arange(len(records)), times)
    return WageRecords(
        records.establishment[rows],
        records.person[rows],
        records.ssn[rows],
        records.wage[rows],
        records.hours[rows],
        records.weeks[rows],
    )


def _time_worked(key: int, population: StatePopulation, jobs: Jobs, index: Integers) -> tuple[Integers, Integers]:
    """Hours (up to about 600 a quarter) and weeks (1 to 13), MISSING where the employer does not report them."""
    hours, weeks = (np.full(len(jobs), MISSING, dtype=np.int64) for _ in range(2))
    share = _HOURS_SHARE.get(population.state_fips, 0.0), _WEEKS_SHARE.get(population.state_fips, 0.0)
    if share[0]:
        rows = np.flatnonzero(uniforms(stream_key(key, "hours"), jobs.establishment) < share[0])
        usual = np.clip(430 + 90 * normals(stream_key(key, "usual"), index[rows]), 40, 650)
        hours[rows] = np.maximum(np.rint(usual * jobs.part[rows]), 1)
    if share[1]:
        rows = np.flatnonzero(uniforms(stream_key(key, "weeks"), jobs.establishment) < share[1])
        weeks[rows] = np.clip(np.ceil(13 * jobs.part[rows]), 1, 13)
    return hours, weeks


def reported_units(seed: int, state_fips: str, accounts: Accounts) -> Integers:
    """The reporting unit as it stands in wage records, per establishment: zero for most multi-unit accounts."""
    chance = uniforms(stream_key(seed, "unit", state_fips), accounts.account)
    told = chance < _UNIT_SHARE.get(state_fips, _UNIT_SHARE_ELSEWHERE)
    return np.where(told, accounts.run, 0)
