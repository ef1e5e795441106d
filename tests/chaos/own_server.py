"""A PostgreSQL of one test's own, so that it can be killed, with a copy of the stage's database."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg

from config.embedded import Postgres, ensure_owner, ensure_roles, find_place
from config.embedded.roles import OWNER, WORKING_ROLES
from tests import backups, sites
from tests.chaos.runs import Stage


@contextmanager
def own_server(stage: Stage) -> Iterator[tuple[Postgres, dict[str, str]]]:
    """A server with a copy of the stage's database, and the addresses of its roles."""
    with find_place().scratch() as folder, Postgres(folder / "postgres", throwaway=True) as postgres:
        made = {"SUPERUSER_DATABASE_URL": postgres.url}
        made["DATABASE_URL"] = ensure_owner(postgres.url, "for this test only", for_tests=True)
        addresses = ensure_roles(made["DATABASE_URL"], dict.fromkeys(WORKING_ROLES.values(), "for this test only"))
        made |= {variable: addresses[role] for variable, role in WORKING_ROLES.items()}
        copy_database(stage.database, made, folder / "dump")
        yield postgres, made


def copy_database(name: str, to: Mapping[str, str], dump: Path) -> None:
    """Everything in the database, owners and rights included."""
    with psycopg.connect(to["SUPERUSER_DATABASE_URL"], autocommit=True) as superuser:
        superuser.execute(f"CREATE DATABASE {name} OWNER {OWNER}")
    source, target = (sites.named(urls["SUPERUSER_DATABASE_URL"], name) for urls in (os.environ, to))
    backups.back_up(source, dump)
    backups.restore(dump, target)
    with psycopg.connect(target, autocommit=True) as superuser:
        superuser.execute("ANALYZE")  # a copy comes without what the planner knows
