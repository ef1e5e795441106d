"""Everybody's browser, for one module of tests over one running site."""

from collections.abc import Iterator

import pytest

from tests.story.office import Office, open_office


@pytest.fixture(scope="module")
def office(site: dict[str, str]) -> Iterator[Office]:
    patch = pytest.MonkeyPatch()
    patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with open_office(site) as opened:
        yield opened
    patch.undo()
