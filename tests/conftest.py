"""Fixtures for all tests. The database is real PostgreSQL, migrated by the owner, with the product's own rules."""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import hypothesis
import psycopg
import pytest
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db.backends.postgresql.operations import DatabaseOperations
from pytest_django import DjangoDbBlocker
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from config.supervisor import Site
from matching.services import cohort_keys
from requests_app.models import Person
from tests import emptied, kept_cast, sites

os.environ.setdefault("WR_PROCESS", "owner")
# The same examples in every run, so that a change is judged by what it changed; new ones each time under --long.
hypothesis.settings.register_profile("ordinary", derandomize=True)
hypothesis.settings.load_profile("default" if os.environ.get("WR_LONG") else "ordinary")


class WhatIsSharedTogether(LoadScopeScheduling):
    """One test process has all that needs whole running sites, in order: their databases have fixed names; and all
    tests of a module that makes something once for them, a world of records for instance."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith("tests/security/test_canary_search"):
            return "canaries"  # they plant in the one Redis of all test processes, and search it
        if nodeid.startswith(("tests/chaos/", "tests/story/")):
            return "sites"
        if nodeid.startswith(("tests/unit/matching/core/test_world_", "tests/unit/matching/core/test_completion")):
            return "worlds"  # every one of them grows from the same completed cells
        module = nodeid.partition("::")[0]
        return module if makes_once(self.config.rootpath / module) else nodeid


@cache
def makes_once(module: Path) -> bool:
    """Whether a module has a fixture that is made once for all of its tests."""
    return 'scope="module"' in module.read_text()


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> WhatIsSharedTogether:
    """Every other test goes to whichever process is free."""
    return WhatIsSharedTogether(config, log)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """The owner may make test databases, and switch triggers off to empty them, in the tests' own cluster only. They
    are copies of one that is migrated once."""
    with psycopg.connect(os.environ["SUPERUSER_DATABASE_URL"], autocommit=True) as superuser:
        superuser.execute("SELECT pg_advisory_lock(1)")  # test processes one after the other
        superuser.execute("ALTER ROLE wr_owner CREATEDB")
        superuser.execute("GRANT SET ON PARAMETER session_replication_role TO wr_owner")
        settings.DATABASES["default"]["TEST"]["TEMPLATE"] = sites.make_migrated(os.environ)


@pytest.fixture(scope="session", autouse=True)
def emptied_past_the_triggers() -> Iterator[None]:
    """After a transactional test every table of every schema is empty, though the product's triggers refuse that."""

    def flush(_self: DatabaseOperations, _statements: list[str]) -> None:  # Django's see the search path only
        emptied.empty()

    patch = pytest.MonkeyPatch()
    patch.setattr(DatabaseOperations, "execute_sql_flush", flush)
    patch.setattr("django.core.management.commands.flush.emit_post_migrate_signal", lambda *_args: None)
    yield
    patch.undo()


@pytest.fixture(scope="session", autouse=True)
def quick_keys_and_passwords() -> Iterator[None]:
    """In the tests' own processes: cohort keys of 2,048 bits, as one of 3,072 takes far longer to make and to read, and
    passwords that Argon2 does not take long over. Processes of whole sites have both as the product has them."""
    patch = pytest.MonkeyPatch()
    patch.setattr(cohort_keys, "KEY_BITS", 2048)
    patch.setattr(Argon2PasswordHasher, "time_cost", 1)
    patch.setattr(Argon2PasswordHasher, "memory_cost", 64)
    yield
    patch.undo()


@pytest.fixture(scope="session", autouse=True)
def own_segments(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Each test process has a database of its own, so it has files of its own that the match reads."""
    settings.SEGMENT_ROOT = tmp_path_factory.mktemp("segments")
    settings.KEY_ROOT = settings.KEY_ROOT or tmp_path_factory.mktemp("keys")


@pytest.fixture(scope="session")
def cast_rows(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> kept_cast.Rows:
    """The demonstration's cast as rows, made by the services once."""
    with django_db_blocker.unblock():
        return kept_cast.take()


@pytest.fixture
def people(db: None, cast_rows: kept_cast.Rows) -> dict[str, Person]:
    """Everybody of the demonstration's cast, by key: every role, two states and BLS."""
    return kept_cast.put_back(cast_rows)


@pytest.fixture(scope="session")
def world(django_db_modify_db_settings: None) -> str:
    """The database with the synthetic world that sites are cloned from; made once."""
    return sites.make_world(os.environ)


@pytest.fixture(scope="session")
def site(world: str) -> Iterator[dict[str, str]]:
    """A whole running site: web, worker, interactive worker, scheduler; its environment."""
    with sites.site_environment(os.environ, "wage_records_site") as environment, Site(environment):
        yield environment
