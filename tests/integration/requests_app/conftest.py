"""The cast, with wage records held for both states in 2016."""

import pytest

from requests_app.models import Person
from tests.pages import hold_quarters


@pytest.fixture
def people(people: dict[str, Person]) -> dict[str, Person]:
    """Everybody, and something to ask for."""
    hold_quarters()
    return people
