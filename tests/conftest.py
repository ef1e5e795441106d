"""Fixtures for all tests. The database is real PostgreSQL, migrated by the owner, with the product's own rules."""

import os

import psycopg
import pytest

from requests_app.demo.cast import make_cast
from requests_app.models import Person

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
