"""The point from which every run starts, made once, and what the requests come to when nothing disturbs them."""

from collections.abc import Iterator

import pytest

from config.launch import Kind
from tests.chaos import runs
from tests.chaos.runs import STAGE, Outcome, Run, Stage


@pytest.fixture(scope="session")
def stage(world: str) -> Iterator[Stage]:
    """One request of each kind with a cohort."""
    with runs.stage_of(world, f"{STAGE}_prepared", "prepare") as made:
        yield made


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
    assert sorted(outcome.opened) == sorted(sha256 for packages in outcome.packages.values() for _, sha256 in packages)
    return outcome
