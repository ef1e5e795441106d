"""The point from which every run starts, made once, and what the requests come to when nothing disturbs them."""

import os
import secrets
import shutil
from collections.abc import Iterator

import psycopg
import pytest

from config import launch
from config.embedded import Redis, find_place
from config.launch import Kind
from tests import sites
from tests.chaos import runs
from tests.chaos.play import KINDS
from tests.chaos.runs import KEPT, STAGE, Outcome, Run, Stage

PREPARED = f"{STAGE}_prepared"


@pytest.fixture(scope="session")
def stage(world: str) -> Iterator[Stage]:
    """Two requests right after “start matching”, and no process that works on them."""
    with find_place().scratch() as folder, Redis(folder / "redis", place=find_place()) as redis:
        runs.clone_database(os.environ, world, PREPARED)
        environment = runs.environment_of(os.environ, PREPARED, folder, redis)
        run = Run(environment, redis, Stage(PREPARED, folder, {}))
        try:
            worker, _, _ = run.start(Kind.WORKER, Kind.INTERACTIVE, Kind.SCHEDULER)
            numbers = runs.play(environment, "prepare")
            launch.stop(worker)
            assert runs.play(environment, "step", "begin_matching", *numbers) == ["matching", "matching"]
            run.stop()
            draw_seals(environment, numbers)
            kept = folder / "kept"
            for variable in KEPT:
                shutil.copytree(environment[variable], kept / variable)
            yield Stage(PREPARED, kept, dict(zip(KINDS, numbers, strict=True)))
        finally:
            run.stop()
            runs.drop_database(os.environ, PREPARED)


def draw_seals(environment: dict[str, str], numbers: list[str]) -> None:
    """A request's release seal is drawn at random by its first build; drawn before, all runs share it."""
    superuser = sites.named(environment["SUPERUSER_DATABASE_URL"], PREPARED)
    with psycopg.connect(superuser, autocommit=True) as connection:
        for number in numbers:
            connection.execute("INSERT INTO ledger.release_seal VALUES (%s, %s)", [number, secrets.token_hex(32)])


@pytest.fixture(scope="session")
def quiet_run(stage: Stage) -> Iterator[tuple[Run, Outcome]]:
    """A run that nothing disturbed, its processes still there, and what it came to."""
    with runs.run_of(stage, name=f"{STAGE}_quiet") as run:
        run.start(Kind.WORKER, Kind.INTERACTIVE, Kind.SCHEDULER)
        yield run, run.wait_for_end()


@pytest.fixture(scope="session")
def undisturbed(quiet_run: tuple[Run, Outcome]) -> Outcome:
    """The outcome all others must be equal to."""
    _, outcome = quiet_run
    assert all(len(packages) == 1 for packages in outcome.packages.values())
    assert outcome.opened == [sha256 for packages in outcome.packages.values() for _, sha256 in packages]
    return outcome
