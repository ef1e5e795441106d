"""Fixtures for all tests. The database is real PostgreSQL, migrated by the owner, with the product's own rules."""

import os
from collections.abc import Iterator

import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.backends.postgresql.operations import DatabaseOperations
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from config.supervisor import Site
from requests_app.database_rules import SCHEMAS
from requests_app.demo.cast import make_cast
from requests_app.models import Person
from tests import sites, wage_store

os.environ.setdefault("WR_PROCESS", "owner")
TABLES_OF = "SELECT format('%%I.%%I', schemaname, tablename) FROM pg_tables WHERE schemaname = ANY(%s)"


class WholeSitesTogether(LoadScopeScheduling):
    """Of two test processes one has all that needs whole running sites, in order: their databases have fixed names."""

    def _split_scope(self, nodeid: str) -> str:
        return "sites" if nodeid.startswith(("tests/chaos/", "tests/story/")) else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> WholeSitesTogether:
    """Every other test goes to whichever process is free."""
    return WholeSitesTogether(config, log)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """The owner may make test databases, and switch triggers off to empty them, in the tests' own cluster only."""
    with psycopg.connect(os.environ["SUPERUSER_DATABASE_URL"], autocommit=True) as superuser:
        superuser.execute("SELECT pg_advisory_lock(1)")  # test processes one after the other
        superuser.execute("ALTER ROLE wr_owner CREATEDB")
        superuser.execute("GRANT SET ON PARAMETER session_replication_role TO wr_owner")


@pytest.fixture(scope="session", autouse=True)
def emptied_past_the_triggers() -> Iterator[None]:
    """After a transactional test every schema is emptied, though the product's triggers refuse that."""
    others = [schema for schema in SCHEMAS if schema != "workflow"]  # Django's flush sees the search path only

    def flush(_self: DatabaseOperations, statements: list[str]) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            wage_store.drop_partitions()
            cursor.execute(TABLES_OF, [others])
            for statement in [*statements, *(f"TRUNCATE {table} CASCADE" for (table,) in cursor.fetchall())]:
                cursor.execute(statement)

    patch = pytest.MonkeyPatch()
    patch.setattr(DatabaseOperations, "execute_sql_flush", flush)
    yield
    patch.undo()


@pytest.fixture(scope="session", autouse=True)
def own_segments(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Each test process has a database of its own, so it has files of its own that the match reads."""
    settings.SEGMENT_ROOT = tmp_path_factory.mktemp("segments")


@pytest.fixture
def people(db: None) -> dict[str, Person]:
    """Everybody of the demonstration's cast, by key: every role, two states and BLS."""
    return make_cast()


@pytest.fixture(scope="session")
def world() -> str:
    """The database with the synthetic world that sites are cloned from; made once."""
    return sites.make_world(os.environ)


@pytest.fixture(scope="session")
def site(world: str) -> Iterator[dict[str, str]]:
    """A whole running site: web, worker, interactive worker, scheduler; its environment."""
    with sites.site_environment(os.environ, "wage_records_site") as environment, Site(environment):
        yield environment
