"""Two processes that bring the same database up to date at once: one does it, the other finds it done."""

import os
import subprocess
from collections.abc import Iterator

import psycopg
import pytest

from config import launch
from tests.sites import DATABASE_URLS, named

DATABASE = "wage_records_migrated_twice"


@pytest.fixture
def empty_database() -> Iterator[dict[str, str]]:
    """An environment whose database holds nothing yet."""
    with psycopg.connect(os.environ["SUPERUSER_DATABASE_URL"], autocommit=True) as superuser:
        superuser.execute(f"DROP DATABASE IF EXISTS {DATABASE} (FORCE)")
        superuser.execute(f"CREATE DATABASE {DATABASE} OWNER wr_owner")
        yield dict(os.environ) | {url: named(os.environ[url], DATABASE) for url in DATABASE_URLS}
        superuser.execute(f"DROP DATABASE {DATABASE} (FORCE)")


def test_two_migrations_at_once_both_succeed(empty_database: dict[str, str]) -> None:
    command = launch.management_command(["migrate", "--verbosity", "0"])
    environment = launch.management_environment(["migrate"], empty_database)
    both = [subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate()[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
