"""A live server with everybody in it, and a browser."""

from collections.abc import Iterator

import pytest
from django.db import connections
from playwright.sync_api import Browser, sync_playwright

from requests_app.models import Person
from tests import kept_cast
from tests.browser.axe_check import chromium
from tests.pages import hold_quarters


@pytest.fixture(scope="module", autouse=True)
def async_allowed() -> Iterator[None]:
    """Playwright's loop runs in the thread that also asks the database."""
    patch = pytest.MonkeyPatch()
    patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    yield
    patch.undo()


@pytest.fixture
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright, chromium(playwright) as opened:
        yield opened
        connections.close_all()  # while Playwright's loop runs, Django uses connections of their own


@pytest.fixture
def people(transactional_db: None, cast_rows: kept_cast.Rows) -> dict[str, Person]:
    found = kept_cast.put_back(cast_rows)
    hold_quarters()
    return found
