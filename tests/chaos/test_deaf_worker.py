"""A worker that hears nothing ends itself; one that merely has nothing to do goes on."""

import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from redis import StrictRedis

from config import deaf_worker, launch
from config.embedded import Redis, find_place
from config.embedded.place import CHECKOUT
from config.embedded.process import spawn
from config.launch import Kind
from tests.sites import log_text

SILENCE = deaf_worker.LOOK_SECONDS * deaf_worker.LOOKS


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A queue of its own and a folder for logs."""
    with find_place().scratch() as folder, Redis(folder / "redis", place=find_place()) as redis:
        yield {**os.environ, "REDIS_URL": redis.url, "LOG_ROOT": str(tmp_path)}


@pytest.fixture
def deaf(environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A worker that was ready and then went deaf."""
    command = [part if part != "config" else "tests.chaos.deaf" for part in launch.command(Kind.WORKER, environment)]
    process = spawn(
        command,
        log=Path(environment["LOG_ROOT"]) / "worker.log",
        environment=launch.environment(Kind.WORKER, environment),
        cwd=CHECKOUT,
    )
    try:
        deadline = time.monotonic() + 200
        while "ready." not in log_text(environment):
            assert time.monotonic() < deadline, log_text(environment)
            assert process.poll() is None, log_text(environment)
            time.sleep(0.1)
        yield process
    finally:
        launch.kill(process)


def test_worker_that_hears_nothing_ends_while_a_message_waits(
    environment: Mapping[str, str], deaf: subprocess.Popen[bytes]
) -> None:
    time.sleep(2)  # two of its looks, at which nothing waits
    assert deaf.poll() is None
    with StrictRedis.from_url(environment["REDIS_URL"]) as queue:
        queue.rpush("work", "nobody reads this")
    assert deaf.wait(timeout=SILENCE + 30) == deaf_worker.EXIT_STATUS
    assert "worker hears nothing" in log_text(environment)
