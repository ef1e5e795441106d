"""A live server with everybody in it, and a browser; every page is emptied out again, whatever the triggers say."""

from collections.abc import Iterator

import pytest
from django.db import connection, connections, transaction
from django.db.backends.postgresql.operations import DatabaseOperations
from playwright.sync_api import Browser, sync_playwright

from requests_app.database_rules import SCHEMAS
from requests_app.demo.cast import make_cast
from requests_app.models import Person
from tests.browser.axe_check import chromium
from tests.pages import hold_quarters

OTHERS = [schema for schema in SCHEMAS if schema != "workflow"]  # Django's flush sees the search path only
TABLES_OF = "SELECT format('%%I.%%I', schemaname, tablename) FROM pg_tables WHERE schemaname = ANY(%s)"


@pytest.fixture(scope="module", autouse=True)
def emptied_past_the_triggers() -> Iterator[None]:
    """A test database is emptied between tests, every schema of it, though the product's triggers refuse that."""
    patch = pytest.MonkeyPatch()

    def flush(_self: DatabaseOperations, statements: list[str]) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(TABLES_OF, [OTHERS])
            others = [f"TRUNCATE {table} CASCADE" for (table,) in cursor.fetchall()]
            for statement in [*statements, *others]:
                cursor.execute(statement)

    patch.setattr(DatabaseOperations, "execute_sql_flush", flush)
    patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's loop runs in this thread
    yield
    patch.undo()


@pytest.fixture
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright, chromium(playwright) as opened:
        yield opened
        connections.close_all()  # while Playwright's loop runs, Django uses connections of their own


@pytest.fixture
def people(transactional_db: None) -> dict[str, Person]:
    found = make_cast()
    hold_quarters()
    return found
