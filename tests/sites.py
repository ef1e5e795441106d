"""Whole running sites for tests: a database with the synthetic world, cloned for each site, and its real processes."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from config import launch
from config.embedded import Redis, find_place
from config.embedded.process import free_port
from config.servers import folders, site_address

DATABASE_URLS = ("DATABASE_URL", "WEB_DATABASE_URL", "WORKER_DATABASE_URL", "LOADER_DATABASE_URL")
WORLD = "wage_records_world"
MIGRATED = "wage_records_migrated"
MADE_IN = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"  # which test run


def named(url: str, database: str) -> str:
    """`url` with another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def make_migrated(environment: Mapping[str, str]) -> str:
    """The empty, migrated database that every other is cloned from. The first process of a test run makes it; they have
    to ask one after the other."""
    run = environment.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    with psycopg.connect(environment["SUPERUSER_DATABASE_URL"], autocommit=True) as superuser:
        found = superuser.execute(MADE_IN, [MIGRATED]).fetchone()
    if found != (run,):
        _clone(environment, "template1", MIGRATED)
        manage(["migrate", "--verbosity", "0"], _with_database(environment, MIGRATED))
        _superuser(environment, sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(MIGRATED), run))
    return MIGRATED


def make_world(environment: Mapping[str, str]) -> str:
    """The database every site is cloned from: migrated, with the cast, their sign-ins and the synthetic world."""
    _clone(environment, MIGRATED, WORLD)
    manage(["prepare_demo"], _with_database(environment, WORLD))
    return WORLD


def manage(arguments: list[str], environment: Mapping[str, str]) -> str:
    """Runs a management command as the owner; what it printed."""
    command = launch.management_command(arguments)
    done = subprocess.run(
        command, env=launch.management_environment(arguments, environment), check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def site_environment(environment: Mapping[str, str], name: str) -> Iterator[dict[str, str]]:
    """An environment of its own: a clone of the world, an own queue, own files, own port. All gone afterwards."""
    identifier = sql.Identifier(name)
    with find_place().scratch() as folder, Redis(folder / "redis", place=find_place()) as redis:
        _clone(environment, WORLD, name)
        own = _with_database(environment, name) | folders(folder) | site_address(free_port())
        shutil.copytree(environment["SEGMENT_ROOT"], own["SEGMENT_ROOT"], dirs_exist_ok=True)
        try:
            yield own | {"REDIS_URL": redis.url, "JOB_LEASE_SECONDS": "6", "SWEEP_SECONDS": "1"}
        finally:
            _superuser(environment, sql.SQL("DROP DATABASE IF EXISTS {} (FORCE)").format(identifier))


def _with_database(environment: Mapping[str, str], name: str) -> dict[str, str]:
    urls = {variable: named(environment[variable], name) for variable in DATABASE_URLS}
    return {key: value for key, value in {**os.environ, **environment}.items() if key != "WR_PROCESS"} | urls


def _clone(environment: Mapping[str, str], template: str, name: str) -> None:
    """`name` becomes a copy of `template`, whatever it was before."""
    copy = sql.Identifier(name)
    _superuser(environment, sql.SQL("DROP DATABASE IF EXISTS {} (FORCE)").format(copy))
    made = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER wr_owner")
    _superuser(environment, made.format(copy, sql.Identifier(template)))


def _superuser(environment: Mapping[str, str], statement: sql.Composed) -> None:
    with psycopg.connect(environment["SUPERUSER_DATABASE_URL"], autocommit=True) as superuser:
        superuser.execute(statement)


def log_text(environment: Mapping[str, str]) -> str:
    """Everything the site's processes logged."""
    return "\n".join(path.read_text() for path in sorted(Path(environment["LOG_ROOT"]).glob("*.log")))
