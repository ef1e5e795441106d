"""The site as real processes: each knows its own secrets only, a killed one comes back, and none is left at the end."""

import http.client
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from config import launch
from config.embedded import ServerFailed
from config.launch import Kind
from config.servers import servers_of_test
from config.supervisor import EARLY_SECONDS, SERVICES, Site


def eventually(true: Callable[[], bool], seconds: float = 150) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.1)
    return False


def names_known_to(pid: int) -> set[str]:
    return {entry.partition(b"=")[0].decode() for entry in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")}


def is_ready(port: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=5)
    try:
        connection.request("GET", "/health/ready", headers={"Host": "localhost"})
        return connection.getresponse().status == http.client.OK
    finally:
        connection.close()


def test_site_knows_heals_and_ends() -> None:
    with servers_of_test(os.environ) as environment:
        with Site(environment) as site:
            pids = {kind: site.pid(kind) for kind in SERVICES}
            assert is_ready(environment["PORT"])
            secrets = {name for name in environment if name.endswith(("_URL", "_FILE", "KEY_ROOT"))}
            for kind, pid in pids.items():
                assert names_known_to(pid) & secrets == launch.environment(kind, environment).keys() & secrets

            time.sleep(EARLY_SECONDS)  # a service that dies sooner is taken for broken
            os.kill(pids[Kind.WORKER], 9)
            assert eventually(site.heal)
            assert site.pid(Kind.WORKER) not in {0, pids[Kind.WORKER]}
            pids[Kind.WORKER] = site.pid(Kind.WORKER)

        assert not any(Path(f"/proc/{pid}").exists() for pid in pids.values())


def test_site_that_does_not_start_says_why_and_leaves_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    with servers_of_test(os.environ) as environment:
        broken = environment | {"WEB_DATABASE_URL": "mysql://nowhere/nothing"}
        site = Site(broken)

        with pytest.raises(ServerFailed, match="postgresql://"), site:
            pass

        assert not any(site.pid(kind) for kind in SERVICES)
