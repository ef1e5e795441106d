"""kill -9 of worker, PostgreSQL and Redis at a hundred seeded random moments of matches and package builds.

One site is kept up, with a backlog of requests and two workers, so a kill costs only what was killed its start. A round
takes all requests from “start matching” to their packages; then everything it left must be equal to what nobody
disturbed left (`Outcome`), and the next round begins from the same point. `./run test --long`.
"""

import os
import random
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from config import launch
from config.embedded import Postgres
from config.launch import Kind
from requests_app.services.life.jobs import MAX_ATTEMPTS
from tests.chaos import runs
from tests.chaos.own_server import own_server
from tests.chaos.runs import STAGE, Outcome, Run, Stage

MOMENTS = 100
SEED = int(os.environ.get("WR_SEED", "100"))
WORK = {"match", "build_micro", "build_tables"}
BACKLOG = ("micro", "micro_to_macro", "micro", "micro")
VICTIMS = ("worker", "PostgreSQL", "Redis")
PATIENCE = 600
pytestmark = pytest.mark.skipif(not os.environ.get("WR_LONG"), reason="one of the big counts: ./run test --long")
Workers = list[subprocess.Popen[bytes]]


@dataclass(frozen=True)
class Moment:
    """Who is killed, how long after work is seen, which of the two workers, and how long it stays away."""

    victim: str
    wait: float
    which: int
    away: float


def moments(seed: int) -> list[Moment]:
    """A third of them for each victim, in an order of their own."""
    chance = random.Random(seed)
    drawn = [
        Moment(VICTIMS[number % len(VICTIMS)], chance.uniform(0, 0.8), chance.randrange(2), chance.uniform(0, 0.6))
        for number in range(MOMENTS)
    ]
    chance.shuffle(drawn)
    return drawn


@pytest.fixture(scope="module")
def server(world: str) -> Iterator[tuple[Stage, Postgres, dict[str, str]]]:
    """The backlog on a PostgreSQL that may be killed."""
    with runs.stage_of(world, f"{STAGE}_backlog", "prepare", *BACKLOG) as stage, own_server(stage) as (postgres, given):
        yield stage, postgres, given


def start(run: Run) -> Workers:
    """Two workers, and those who wake them."""
    first, second, *_ = run.start(Kind.WORKER, Kind.WORKER, Kind.INTERACTIVE, Kind.SCHEDULER)
    return [first, second]


def left_undisturbed(stage: Stage, given: dict[str, str]) -> Outcome:
    with runs.run_of(stage, given, name=f"{STAGE}_backlog_quiet") as run:
        start(run)
        outcome = run.wait_for_end(PATIENCE)
        assert {row["attempt"] for row in run.query("SELECT attempt FROM workflow.requests_app_job")} == {1}
    assert [len(packages) for packages in outcome.packages.values()] == [1] * len(BACKLOG)
    assert sorted(outcome.opened) == sorted(sha256 for ((_, sha256),) in outcome.packages.values())
    return outcome


@pytest.mark.timeout(10_800)
def test_hundred_kills_leave_what_nobody_disturbed_leaves(server: tuple[Stage, Postgres, dict[str, str]]) -> None:
    stage, postgres, given = server
    undisturbed = left_undisturbed(stage, given)
    waiting, struck, interrupted = moments(SEED), Counter[tuple[str, str]](), 0
    rounds, began = 0, time.monotonic()
    while waiting:
        with runs.run_of(stage, given) as run:
            workers = start(run)
            while waiting and (kinds := strike(run, postgres, workers, waiting[0])):
                victim = waiting.pop(0).victim
                struck.update((victim, kind) for kind in kinds)
            assert run.wait_for_end(PATIENCE) == undisturbed
            assert len(run.alive()) == len(workers) + 2, run.log()[-6000:]
            attempts = run.query("SELECT sum(attempt - 1)::int AS more FROM workflow.requests_app_job")
            interrupted += attempts[0]["more"]
        rounds += 1
        print(f"round {rounds}, {len(waiting)} moments left, {interrupted} attempts more, {dict(struck)}", flush=True)
    spent = time.monotonic() - began
    print(f"{MOMENTS} moments in {rounds} rounds, {spent:.0f} s; {interrupted} attempts more than jobs; {dict(struck)}")
    assert {victim for victim, _ in struck} == set(VICTIMS)
    assert {kind for _, kind in struck} == WORK
    assert interrupted >= MOMENTS // 4


def strike(run: Run, postgres: Postgres, workers: Workers, moment: Moment) -> list[str]:
    """Kills at this moment of the work and starts again what was killed; the kinds of work under way, none where the
    round has ended."""
    while True:
        run.until(lambda: to_hit(run) != [] or run.ended(), "Work", PATIENCE)
        if run.ended():
            return []
        time.sleep(moment.wait)
        if kinds := to_hit(run):
            break
    if moment.victim == "worker":
        victim = run.current(workers[moment.which])
        launch.kill(victim)
        run.processes.remove(victim)
        time.sleep(moment.away)
        (workers[moment.which],) = run.start(Kind.WORKER)
    else:
        server = postgres if moment.victim == "PostgreSQL" else run.redis
        server.kill()
        time.sleep(moment.away)
        server.start()
    return kinds


def to_hit(run: Run) -> list[str]:
    """The kinds of work under way now; none while any job is at its last attempts, since a job that never comes to its
    end is given up."""
    rows = run.query(
        "SELECT kind, attempt FROM workflow.requests_app_job WHERE state = 'running' AND lease_until > now()"
    )
    if any(row["attempt"] >= MAX_ATTEMPTS - 1 for row in rows):
        return []
    return sorted({row["kind"] for row in rows} & WORK)
