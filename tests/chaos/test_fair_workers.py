"""Five requests of two coordinators, two real workers: nobody waits for another's files, and everything ends."""

import os
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from config import launch
from config.embedded import Redis, find_place
from config.launch import Kind
from tests.chaos import runs
from tests.chaos.runs import Run, Stage

NAME = "wage_records_fair"
FILES = 4  # of each request
OF_FIRST, OF_SECOND = 4, 1
STARTED = """
SELECT r.number, r.coordinator_id, j.started_at, j.finished_at, j.attempt
FROM workflow.requests_app_job j JOIN workflow.requests_app_datarequest r ON r.id = j.request_id
WHERE j.kind = 'match' ORDER BY j.started_at
"""


@pytest.fixture
def run(world: str) -> Iterator[tuple[Run, list[str]]]:
    """All five wait for their match, the many of one coordinator first; nobody works yet."""
    with find_place().scratch() as folder, Redis(folder / "redis", place=find_place()) as redis:
        runs.clone_database(os.environ, world, NAME)
        environment = runs.environment_of(os.environ, NAME, folder, redis)
        run = Run(environment, redis, Stage(NAME, folder, {}))
        try:
            worker, _ = run.start(Kind.WORKER, Kind.SCHEDULER)
            numbers = runs.play(environment, "prepare_many", str(OF_FIRST), str(OF_SECOND))
            launch.stop(worker)
            assert runs.play(environment, "begin_all", *numbers) == ["matching"] * len(numbers)
            yield run, numbers
        finally:
            run.stop()
            runs.drop_database(os.environ, NAME)


def test_requests_of_two_coordinators_go_on_side_by_side(run: tuple[Run, list[str]]) -> None:
    site, numbers = run
    site.start(Kind.WORKER, Kind.WORKER)
    site.until(lambda: {row["state"] for row in site.requests()} == {"ready_for_release"}, "The end of all requests")
    begun = site.query(STARTED)
    assert len(begun) == FILES * len(numbers)
    assert {row["attempt"] for row in begun} == {1}
    assert places_of(begun, numbers[-1])[-1] <= 2 * FILES + 2  # every other turn is that of who has one request only
    for number in numbers[:-1]:
        first, *_ = places_of(begun, number)
        assert first <= 2 * len(numbers) + 2  # nobody's first file waits for all of another's
    assert any(later["started_at"] < earlier["finished_at"] for earlier, later in pairwise(begun))
    assert "job crashed" not in site.log()
    assert "deadlock" not in site.log()


def places_of(begun: list[dict[str, Any]], number: str) -> list[int]:
    """In which turns, counted from one, the request's files were begun."""
    return [place for place, row in enumerate(begun, 1) if row["number"] == number]
