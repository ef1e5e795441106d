"""PostgreSQL killed in the middle of a job and started again: the same package bytes. It has a server of its own."""

import os
import time

import pytest

from config.launch import Kind
from tests.chaos import runs
from tests.chaos.own_server import own_server
from tests.chaos.runs import Outcome, Stage


@pytest.mark.skipif(not os.environ.get("WR_LONG"), reason="one of the big counts: ./run test --long")
def test_database_killed_and_started_again_ends_the_same(stage: Stage, undisturbed: Outcome) -> None:
    with own_server(stage) as (postgres, given), runs.run_of(stage, given) as run:
        processes = run.start(Kind.WORKER, Kind.INTERACTIVE, Kind.SCHEDULER)
        for kinds in (("match",), ("build_micro", "build_tables")):
            run.freeze(processes[0], *kinds)
            postgres.kill()
            run.resume(processes[0])
            time.sleep(1)
            postgres.start()
        assert run.wait_for_end() == undisturbed
        assert [process.poll() for process in processes] == [None, None, None]
