"""What tests of the database's rights share, and those of the search for canaries."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from config.canary import Canary
from tests.security.canaries import fresh
from tests.security.database_catalogue import Row
from tests.security.roles import connected


@pytest.fixture(scope="module")
def catalogue(django_db_setup: None, django_db_blocker: Any) -> Iterator[psycopg.Connection[Row]]:
    """The superuser's view, with a partition as a load makes it and a next vault as a rotation makes it."""
    with django_db_blocker.unblock(), connected("wr_loader") as loader:
        loader.execute("SELECT wages.make_partition(2099, 2000000001, 2000000002)")
        loader.execute("SELECT vault.make_next()")
    with django_db_blocker.unblock(), connected("superuser") as superuser:
        yield superuser
        superuser.execute("DROP TABLE wages.wage_record_2099, vault.person_next")


@pytest.fixture
def canary() -> Canary:
    """A new one for every test: what another test planted stays in the write-ahead log."""
    return fresh()
