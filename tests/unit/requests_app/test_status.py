"""The status sentence says until when, for every step that has a target."""

from datetime import UTC, datetime

import pytest

from requests_app.models import Agency, DataRequest, Person
from requests_app.selectors.life.status import UNTIL, status_sentence
from requests_app.states import State
from requests_app.targets import DEFAULT_DAYS

SINCE = datetime(2026, 11, 23, 15, tzinfo=UTC)


def detail(state: State, **more: object) -> str:
    request = DataRequest(state=state, state_since=SINCE, agency=Agency(state_name="Rhode Island"), **more)
    return status_sentence(request, Person(agency=request.agency), []).detail


def test_every_step_with_a_target_has_its_words() -> None:
    assert set(UNTIL) == set(DEFAULT_DAYS)


@pytest.mark.parametrize("state", DEFAULT_DAYS)
def test_sentence_names_the_day(state: State) -> None:
    assert " 20" in detail(state)
    assert detail(state).endswith("You need do nothing now.")


def test_thanksgiving_does_not_count() -> None:
    assert detail(State.RECOMMENDED).startswith("A decision is due by 1 December 2026")


def test_suspended_request_is_due_on_no_day() -> None:
    assert detail(State.RECOMMENDED, suspended_reason="An incident.") == "It is suspended: An incident."


def test_step_without_a_target_names_no_day() -> None:
    assert detail(State.MATCHING) == "You need do nothing now."
