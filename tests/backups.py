"""Real backups of a database, by PostgreSQL's own programs: `pg_dump`, and `pg_restore` into a new database."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from config.embedded import Postgres
from config.embedded.roles import OWNER


def back_up(url: str, dump: Path, *options: str) -> None:
    """The database at `url` as a file; uncompressed, so that it can be searched as it is."""
    _run("pg_dump", "--format=custom", "--compress=0", f"--file={dump}", f"--dbname={url}", *options)


def restore(dump: Path, url: str) -> None:
    """Everything in the file into the empty database at `url`, owners and rights included."""
    _run("pg_restore", "--exit-on-error", f"--dbname={url}", str(dump))


@contextmanager
def database(superuser_url: str, name: str) -> Iterator[None]:
    """An empty database of the owner's, gone afterwards."""
    identifier = sql.Identifier(name)
    with psycopg.connect(superuser_url, autocommit=True) as superuser:
        superuser.execute(sql.SQL("DROP DATABASE IF EXISTS {} (FORCE)").format(identifier))
        superuser.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(identifier, sql.Identifier(OWNER)))
        try:
            yield
        finally:
            superuser.execute(sql.SQL("DROP DATABASE IF EXISTS {} (FORCE)").format(identifier))


def _run(program: str, *arguments: str) -> None:
    path = Postgres(Path("no cluster of its own"))._program(program)
    subprocess.run([path, *arguments], check=True, env={"PATH": os.environ["PATH"]})
