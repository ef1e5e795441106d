"""Fixtures for all tests. The database is real PostgreSQL, migrated by the owner, with the product's own rules."""

import os
from collections.abc import Iterator

import psycopg
import pytest

from config.supervisor import Site
from requests_app.demo.cast import make_cast
from requests_app.models import Person
from tests import sites

os.environ.setdefault("WR_PROCESS", "owner")


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """The owner may make test databases, and switch triggers off to empty them, in the tests' own cluster only."""
    with psycopg.connect(os.environ["SUPERUSER_DATABASE_URL"], autocommit=True) as superuser:
        superuser.execute("ALTER ROLE wr_owner CREATEDB")
        superuser.execute("GRANT SET ON PARAMETER session_replication_role TO wr_owner")


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
