"""The demonstration's world: RI, DE and DC, calibrated to published QCEW of 2016, loaded by the real loader.

Two quarters of 2016 are all most tests need. The sample questions of the request instructions ask for years: those grow
from 2016, and in 2020 retail trade loses a quarter of its jobs, so that a before and after is known beforehand.
"""

import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from django.conf import settings

from config import launch
from matching.core.world import People, Shock, World, build_world, keep_employers, people, write_files
from matching.store import holdings

STATES = ("44", "10", "11")
ASKED = STATES[:2]  # the states of the sample questions; of the third two quarters are held
QUARTERS = (20161, 20162)
YEARS = tuple(year * 10 + 2 for year in range(2012, 2022))  # the second quarter of each of ten years
AROUND_THE_SHOCK = (20192, 20193, 20194, 20201, 20202, 20212)
SHOCKS = tuple(Shock(naics, 20202, 20204, jobs=-0.25) for naics in ("44", "45"))
PERSONS = 96_000
SEED = 2016
QCEW = settings.BASE_DIR / "data" / "qcew_2016"


@dataclass(frozen=True)
class Cohort:
    """People of the world under temporary IDs, in memory only."""

    ids: list[str]
    ssn: list[str]

    def file(self, state: str, quarter: int) -> bytes:
        """The cohort file of the request instructions: header, then temporary ID and SSN."""
        lines = [f"{state},{quarter}", *(f"{id_},{ssn}" for id_, ssn in zip(self.ids, self.ssn, strict=True))]
        return ("\n".join(lines) + "\n").encode()


def load(environment: Mapping[str, str]) -> None:
    """Loads published QCEW, and 2016 generated in a scratch folder, as the loader; nothing where all is held."""
    if missing := _missing(QUARTERS, STATES):
        as_loader(["load_published_qcew", str(QCEW)], environment)
        _load(missing, environment, STATES, every_employer=True)


def load_years(environment: Mapping[str, str]) -> None:
    """Loads what the sample questions ask for, without the many employers nobody of this world works for; nothing where
    all is held."""
    if missing := _missing(sorted({*YEARS, *AROUND_THE_SHOCK} - {*QUARTERS}), ASKED):
        _load(missing, environment, ASKED, every_employer=False)


def _missing(quarters: Sequence[int], states: Sequence[str]) -> list[int]:
    """Those of the quarters of which a file is not held."""
    held = {(holding.state, holding.quarter, holding.kind) for holding in holdings()}
    kinds = ("wage_records", "establishments")
    return [
        quarter for quarter in quarters if not {(state, quarter, kind) for state in states for kind in kinds} <= held
    ]


def _load(
    quarters: Sequence[int], environment: Mapping[str, str], states: Sequence[str], *, every_employer: bool
) -> None:
    with tempfile.TemporaryDirectory(prefix="wage-records-world-") as folder:
        made = write_files(Path(folder), world(), quarters)
        if not every_employer:
            keep_employers(made.files)
        for command, kind in (("load_establishments", "establishments"), ("load_wage_records", "wage_records")):
            files = sorted(str(file.path) for file in made.files if file.kind == kind and file.state_fips in states)
            as_loader([command, *files], environment)


def as_loader(arguments: Sequence[str], environment: Mapping[str, str]) -> None:
    """Runs a loading command with the loader's environment and nothing more."""
    command = launch.management_command(arguments)
    subprocess.run(command, env=launch.management_environment(arguments, environment), check=True, cwd=os.getcwd())


@cache
def world() -> World:
    """The world the files were written from."""
    return build_world(states=STATES, persons=PERSONS, seed=SEED, qcew_dir=QCEW, shocks=SHOCKS)


def cohort(
    industry: str,
    size: int,
    *,
    strangers: int,
    first_id: int,
    seed: int,
    outside: str = "",
    state: str = STATES[0],
    quarter: int = QUARTERS[0],
) -> Cohort:
    """`size` people with a job in `state` and `quarter`, in `industry` and not in `outside` (NAICS prefixes).

    `strangers` more never worked anywhere. Temporary IDs are zero-padded numbers from `first_id` on, in an order
    that says nothing.
    """
    everyone = people(world(), quarter, np.arange(world().persons))
    fits = (everyone.state == state) & np.char.startswith(everyone.naics, industry)
    if outside:
        fits &= ~np.char.startswith(everyone.naics, outside)
    chosen = np.random.default_rng(seed).permutation(np.flatnonzero(fits))[:size]
    # People beyond the world's end: real-looking numbers without a record anywhere.
    never = world().persons + np.arange(first_id, first_id + strangers)
    drawn: People = people(world(), quarter, np.concatenate([chosen, never]))
    ids = [f"{first_id + place:08d}" for place in range(len(drawn))]
    return Cohort(ids, [f"{ssn:09d}" for ssn in drawn.ssn.tolist()])


def together(*parts: Cohort) -> Cohort:
    """People of several kinds in one cohort."""
    return Cohort([id_ for part in parts for id_ in part.ids], [ssn for part in parts for ssn in part.ssn])
