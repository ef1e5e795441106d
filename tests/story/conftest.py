"""Everybody's browser, for one module of tests over one running site."""

from collections.abc import Iterator

import pytest

from config.embedded import find_place
from tests.story.leavings import Leavings
from tests.story.office import Office, open_office


@pytest.fixture(scope="module")
def office(site: dict[str, str]) -> Iterator[Office]:
    patch = pytest.MonkeyPatch()
    patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with open_office(site) as opened:
        yield opened
    patch.undo()


@pytest.fixture(scope="module")
def leavings(site: dict[str, str]) -> Iterator[Leavings]:
    """What the requests of one module of tests could leave behind on that site."""
    with find_place().scratch() as folder:
        yield Leavings(site, "wage_records_site", folder)
