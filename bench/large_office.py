"""A database with an office of many years in it: 53 partner states, thousands of people, requests in every state.

Filled set-based by large_office.sql with the triggers off, because millions of rows through the services would take a
day; so the events' hash chain does not hold in it. The people who sign in are the demonstration's cast.
"""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from tests.sites import DATABASE_URLS, named

FILLING = Path(__file__).with_suffix(".sql")
NAME = "wage_records_bench"


def make_database() -> None:
    """An empty database beside the one given, in the environment from here on; Django is set up with it."""
    with psycopg.connect(os.environ["SUPERUSER_DATABASE_URL"], autocommit=True) as superuser:
        name = sql.Identifier(NAME)
        superuser.execute(sql.SQL("DROP DATABASE IF EXISTS {} (FORCE)").format(name))
        superuser.execute(sql.SQL("CREATE DATABASE {} OWNER wr_owner").format(name))
    os.environ.update({variable: named(os.environ[variable], NAME) for variable in DATABASE_URLS})
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()


def fill(*, requests: int, people: int) -> None:
    """Migrates by the product, makes the cast by its services, then everything else by SQL."""
    from django.core.management import call_command

    from requests_app.demo.cast import make_cast

    say("the product's migrations")
    call_command("migrate", verbosity=0)
    make_cast()
    with psycopg.connect(named(os.environ["SUPERUSER_DATABASE_URL"], NAME), autocommit=True) as superuser:
        superuser.execute("SET session_replication_role = replica")
        fill_rows(superuser.cursor(), requests=requests, people=people)
        superuser.execute("VACUUM ANALYZE")


def fill_rows(cursor: Any, *, requests: int, people: int) -> None:
    """Everything but the cast, by large_office.sql, on a connection that may switch triggers off and has."""
    for name, wanted in (("requests", requests), ("people", people)):
        cursor.execute("SELECT set_config(%s, %s, false)", [f"bench.{name}", str(wanted)])
    for title, statements in _blocks(FILLING.read_text()):
        started = time.monotonic()
        cursor.execute(statements)
        say(f"{title} ({time.monotonic() - started:.1f} s)")


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """The title and the statements of each block of the file."""
    for block in text.split("\n-- # ")[1:]:
        title, _, statements = block.partition("\n")
        yield title, statements


def say(words: str) -> None:
    """Progress, on the error output: the standard output is for the result."""
    print(f"  {words}", file=sys.stderr, flush=True)
