"""What a world's shocks did, to the unit: the answer to a before/after question about its files, known beforehand."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.core.qcew.layout import QcewError
from matching.core.world.followed import people_followed
from matching.core.world.jobs import job_chunks
from matching.core.world.population import StatePopulation, World
from matching.core.world.records import reported
from matching.core.world.shocks import Shock
from matching.core.world.writing import CHUNK_SIZE, DIRT

Mask = NDArray[np.bool_]
Counts = dict[str, int]


def shock_facts(world: World, quarters: Sequence[int], dirt: float = DIRT) -> dict[str, Any]:
    """Per shock, state and quarter: what the files hold of the industry struck, and what they would without any shock.

    Ready for JSON. Counts of establishments, employment by month and wages are those of the establishment file (masters
    apart); wage_records and wages_paid those of the wage-record file, dirt included, once for all establishments of
    the industry and once for its single-unit accounts (RUN 00000), whose records tell their industry without doubt.
    `people` are those of the industry followed (`people_followed`), none if the quarter before cannot be made.
    """
    return {
        "seed": world.seed,
        "persons": world.persons,
        "scale": world.scale,
        "shocks": [
            {
                **_described(shock),
                "quarters": [
                    _compared(world, population, shock, quarter, dirt)
                    for population in world.states
                    for quarter in sorted(quarters)
                    if shock.cells(population.roster.cells).any()
                ],
                "people": _people(world, shock, quarters, dirt),
            }
            for shock in world.shocks
        ],
    }


def _people(world: World, shock: Shock, quarters: Sequence[int], dirt: float) -> dict[str, Any] | None:
    try:
        return people_followed(world, shock, quarters, dirt)
    except QcewError:
        return None


def _described(shock: Shock) -> dict[str, Any]:
    return {
        "naics": shock.naics,
        "from": shock.first,
        "to": shock.last,
        "jobs": shock.jobs,
        "pay": shock.pay,
        "state": shock.state,
        "county": shock.county,
    }


def _compared(world: World, population: StatePopulation, shock: Shock, quarter: int, dirt: float) -> dict[str, Any]:
    quiet = population.without_shocks()
    return {
        "state": population.state_fips,
        "quarter": quarter,
        "on": shock.is_on(quarter),
        "without_shocks": _counted(world, quiet, shock, quarter, dirt),
        "with_shocks": _counted(world, population, shock, quarter, dirt),
    }


def _counted(world: World, population: StatePopulation, shock: Shock, quarter: int, dirt: float) -> Counts:
    roster, figures = population.roster, population.establishments(quarter)
    struck = shock.cells(roster.cells)[roster.cell]
    month1, month2, month3, wages, *_ = figures.values[struck].sum(axis=0).tolist()
    return {
        "establishments": int((struck & figures.present).sum()),
        "month1": month1,
        "month2": month2,
        "month3": month3,
        "total_wages": wages,
        **_records(world, population, quarter, struck, dirt),
    }


def _records(world: World, population: StatePopulation, quarter: int, struck: Mask, dirt: float) -> Counts:
    single = population.roster.accounts.run == 0
    found = dict.fromkeys(("wage_records", "wages_paid", "single_unit_wage_records", "single_unit_wages_paid"), 0)
    for jobs in job_chunks(world, population, quarter, CHUNK_SIZE, only=struck):
        records = reported(world, population, quarter, jobs, dirt)
        sure = single[records.establishment]
        found["wage_records"] += len(records)
        found["wages_paid"] += int(records.wage.sum())
        found["single_unit_wage_records"] += int(sure.sum())
        found["single_unit_wages_paid"] += int(records.wage[sure].sum())
    return found
