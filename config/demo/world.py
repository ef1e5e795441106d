"""The demonstration's world: RI and DE in 2016, calibrated to published QCEW, loaded by the real loader."""

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
from matching.core.world import People, World, build_world, people, write_world
from matching.store import holdings

STATES = ("44", "10")
QUARTERS = (20161, 20162)
PERSONS = 60_000
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
    """Loads published QCEW, and load files generated in a scratch folder, as the loader; nothing where all is held."""
    held = {(holding.state, holding.quarter, holding.kind) for holding in holdings()}
    wanted = {
        (state, quarter, kind)
        for state in STATES
        for quarter in QUARTERS
        for kind in ("wage_records", "establishments")
    }
    if wanted <= held:
        return
    as_loader(["load_published_qcew", str(QCEW)], environment)
    with tempfile.TemporaryDirectory(prefix="wage-records-world-") as folder:
        write_world(Path(folder), states=STATES, quarters=QUARTERS, persons=PERSONS, seed=SEED, qcew_dir=QCEW)
        for command, pattern in (("load_establishments", "est*.csv"), ("load_wage_records", "wage*")):
            files = sorted(str(path) for path in Path(folder).glob(pattern))
            as_loader([command, *files], environment)


def as_loader(arguments: Sequence[str], environment: Mapping[str, str]) -> None:
    """Runs a loading command with the loader's environment and nothing more."""
    command = launch.management_command(arguments)
    subprocess.run(command, env=launch.management_environment(arguments, environment), check=True, cwd=os.getcwd())


@cache
def world() -> World:
    """The world the files were written from."""
    return build_world(states=STATES, persons=PERSONS, seed=SEED, qcew_dir=QCEW)


def cohort(industry: str, size: int, *, strangers: int, first_id: int, seed: int, outside: str = "") -> Cohort:
    """`size` people with a job in RI in the first quarter, in `industry` and not in `outside` (NAICS prefixes).

    `strangers` more never worked anywhere. Temporary IDs are zero-padded numbers from `first_id` on, in an order
    that says nothing.
    """
    everyone = people(world(), QUARTERS[0], np.arange(world().persons))
    fits = (everyone.state == STATES[0]) & np.char.startswith(everyone.naics, industry)
    if outside:
        fits &= ~np.char.startswith(everyone.naics, outside)
    chosen = np.random.default_rng(seed).permutation(np.flatnonzero(fits))[:size]
    # People beyond the world's end: real-looking numbers without a record anywhere.
    never = world().persons + np.arange(first_id, first_id + strangers)
    drawn: People = people(world(), QUARTERS[0], np.concatenate([chosen, never]))
    ids = [f"{first_id + place:08d}" for place in range(len(drawn))]
    return Cohort(ids, [f"{ssn:09d}" for ssn in drawn.ssn.tolist()])
