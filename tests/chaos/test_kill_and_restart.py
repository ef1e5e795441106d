"""kill -9 of workers, queue and database in the middle: the same package bytes, nothing lost, nothing doubled.

What is compared is everything a run leaves (`Outcome`): packages as their keys open them, match results and counts,
decisions, events, notices, jobs, files and keys.
"""

import os
import time

import pytest

from config import launch
from config.launch import Kind
from tests.chaos import runs
from tests.chaos.runs import Outcome, Run, Stage

KILLS = 3  # a hundred: test_hundred_kills.py
ALL = (Kind.WORKER, Kind.INTERACTIVE, Kind.SCHEDULER)
BUILDS = ("build_micro", "build_tables")


def test_worker_killed_in_the_middle_of_match_and_of_builds_ends_the_same(stage: Stage, undisturbed: Outcome) -> None:
    with runs.run_of(stage) as run:
        worker, *_ = run.start(*ALL)
        still_to_hit = {"match", *BUILDS}
        while still_to_hit:
            hit = run.freeze(worker, *still_to_hit)["kind"]
            launch.kill(worker)
            assert hit in run.running()
            still_to_hit.remove(hit)
            (worker,) = run.start(Kind.WORKER)
        assert run.wait_for_end() == undisturbed
        assert sum(attempts > 1 for _, _, attempts, *_ in run.jobs()) >= 3, run.jobs()


def test_worker_killed_at_random_moments_ends_the_same(stage: Stage, undisturbed: Outcome) -> None:
    with runs.run_of(stage) as run:
        worker, *_ = run.start(*ALL)
        for seconds in runs.moments(0, KILLS, longest=1.5):
            run.until(lambda: bool(run.running()) or run.ended(), "Work")
            time.sleep(seconds)
            launch.kill(worker)
            (worker,) = run.start(Kind.WORKER)
        assert run.wait_for_end() == undisturbed


def test_queue_killed_and_restarted_empty_ends_the_same(stage: Stage, undisturbed: Outcome) -> None:
    with runs.run_of(stage) as run:
        worker, *_ = run.start(*ALL)
        for kinds in (["match"], BUILDS):
            run.freeze(worker, *kinds)
            lose_queue(run)
            run.resume(worker)
            time.sleep(1)  # the worker sees that it is gone
            run.redis.start()
        assert run.wait_for_end() == undisturbed
        assert len(run.alive()) == len(ALL)


@pytest.mark.skipif(not os.environ.get("WR_LONG"), reason="one of the big counts: ./run test --long")
def test_queue_lost_unseen_ends_the_same(stage: Stage, undisturbed: Outcome) -> None:
    with runs.run_of(stage) as run:
        worker, *_ = run.start(*ALL)
        run.freeze(worker, *BUILDS)
        lose_queue(run)
        run.redis.start()  # the worker never saw it gone
        run.resume(worker)
        assert run.wait_for_end() == undisturbed
        assert len(run.alive()) == len(ALL)


def lose_queue(run: Run) -> None:
    """A queue full of messages is killed, and all of them are lost."""
    run.flood(200)
    assert run.queued() >= 200
    run.redis.kill()


def test_attempt_that_lost_its_lease_does_not_finish(stage: Stage, undisturbed: Outcome) -> None:
    with runs.run_of(stage) as run:
        first, *_ = run.start(*ALL)
        job = run.freeze(first, "match")
        run.start(Kind.WORKER)
        finished = "SELECT 1 FROM workflow.requests_app_job WHERE id = %s AND state = 'done'"
        run.until(lambda: bool(run.query(finished, job["id"])), "The second worker's match")
        run.resume(first)
        run.until(lambda: '"event": "job lost"' in run.log(), "The first worker's loss")
        assert run.wait_for_end() == undisturbed


def test_withdrawn_in_the_middle_of_the_match_builds_nothing_and_shreds(stage: Stage, undisturbed: Outcome) -> None:
    with runs.run_of(stage) as run:
        worker, *_ = run.start(*ALL)
        number = run.freeze(worker, "match")["request_id"]
        (withdrawn,) = [row for row in run.requests() if row["id"] == number]
        assert runs.play(run.environment, "step", "withdraw", withdrawn["number"]) == ["withdrawn"]
        run.resume(worker)
        run.until(run.idle, "The end of all work")
        ended = run.states()
        assert ended == undisturbed.states | {withdrawn["number"]: "withdrawn"}
        work = run.work_of(withdrawn["number"])
        assert work - {("match", "done"), ("shred_match_results", "done")} == {
            ("match", "cancelled"), ("shred_cohort", "done"), ("prove_shredding", "done"),
        }  # fmt: skip
        assert run.remains_of(withdrawn["number"]) == []
        (other,) = set(ended) - {withdrawn["number"]}
        assert run.outcome().packages == {withdrawn["number"]: [], other: undisturbed.packages[other]}
        assert "job crashed" not in run.log()


def test_button_pressed_by_many_at_once_moves_the_request_once(quiet_run: tuple[Run, Outcome]) -> None:
    run, before = quiet_run
    number = run.stage.of_kind("micro")
    told = runs.play(run.environment, "press_together", "release", number, "release_officer", "8")
    assert sorted(told) == ["conflict"] * 7 + ["released"]
    run.until(lambda: run.states()[number] == "in_use", "The delivery")
    after = run.outcome()
    steps = [name for request, name in after.decisions if (request, name) not in before.decisions]
    assert sorted(steps) == ["begin_use", "release"]
    happened = list(after.events)
    for event in before.events:
        happened.remove(event)
    kinds = sorted(kind for _, kind, _ in happened if not kind.startswith("file."))
    assert kinds == ["package.deliver", "request.begin_use", "request.release"]
    assert after.notices == before.notices + 1
