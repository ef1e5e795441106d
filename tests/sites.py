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


def named(url: str, database: str) -> str:
    """`url` with another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def make_world(environment: Mapping[str, str]) -> str:
    """The database every site is cloned from: migrated, with the cast, their sign-ins and the synthetic world."""
    _superuser(environment, sql.SQL("DROP DATABASE IF EXISTS {} (FORCE)").format(sql.Identifier(WORLD)))
    _superuser(environment, sql.SQL("CREATE DATABASE {} OWNER wr_owner").format(sql.Identifier(WORLD)))
    there = _with_database(environment, WORLD)
    for command in (["migrate", "--verbosity", "0"], ["prepare_demo"]):
        manage(command, there)
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
        _superuser(environment, sql.SQL("DROP DATABASE IF EXISTS {} (FORCE)").format(identifier))
        _superuser(
            environment,
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER wr_owner").format(identifier, sql.Identifier(WORLD)),
        )
        own = _with_database(environment, name) | folders(folder) | site_address(free_port())
        shutil.copytree(environment["SEGMENT_ROOT"], own["SEGMENT_ROOT"], dirs_exist_ok=True)
        try:
            yield own | {"REDIS_URL": redis.url, "JOB_LEASE_SECONDS": "6", "SWEEP_SECONDS": "1"}
        finally:
            _superuser(environment, sql.SQL("DROP DATABASE IF EXISTS {} (FORCE)").format(identifier))


def _with_database(environment: Mapping[str, str], name: str) -> dict[str, str]:
    urls = {variable: named(environment[variable], name) for variable in DATABASE_URLS}
    return {key: value for key, value in {**os.environ, **environment}.items() if key != "WR_PROCESS"} | urls


def _superuser(environment: Mapping[str, str], statement: sql.Composed) -> None:
    with psycopg.connect(environment["SUPERUSER_DATABASE_URL"], autocommit=True) as superuser:
        superuser.execute(statement)


def log_text(environment: Mapping[str, str]) -> str:
    """Everything the site's processes logged."""
    return "\n".join(path.read_text() for path in sorted(Path(environment["LOG_ROOT"]).glob("*.log")))
