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


def test_database_of_another_line_is_refused_with_what_to_do(empty_database: dict[str, str]) -> None:
    with psycopg.connect(empty_database["DATABASE_URL"], autocommit=True) as owner:
        owner.execute("CREATE TABLE public.django_migrations (id serial, app text, name text, applied timestamptz)")
        owner.execute(
            "INSERT INTO public.django_migrations (app, name, applied) VALUES ('matching', '0003_cohort_files', now())"
        )
    environment = launch.management_environment(["migrate"], empty_database)
    done = subprocess.run(
        launch.management_command(["migrate"]), env=environment, check=False, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "remove the folder .run and start again" in done.stderr
    assert "Traceback" not in done.stderr
