"""Facts are looked up once while a page is read, and never again used for the next request or for what changes."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from requests_app import policies, standing
from requests_app.models import Person
from requests_app.reading import once_a_reading, one_reading
from requests_app.states import Role
from tests import factories
from tests.pages import signed_in


@pytest.fixture
def asked() -> tuple[list[int], Callable[[int], int]]:
    """What was looked up, and the look-up."""
    looked_up: list[int] = []

    @once_a_reading
    def double(number: int) -> int:
        looked_up.append(number)
        return 2 * number

    return looked_up, double


def test_fact_is_looked_up_once_in_a_reading(asked: tuple[list[int], Callable[[int], int]]) -> None:
    looked_up, double = asked
    with one_reading():
        assert [double(1), double(1), double(2)] == [2, 2, 4]
    assert looked_up == [1, 2]
    with one_reading():
        double(1)
    assert looked_up == [1, 2, 1]


def test_outside_a_reading_nothing_is_kept(asked: tuple[list[int], Callable[[int], int]]) -> None:
    looked_up, double = asked
    with pytest.raises(ZeroDivisionError), one_reading():
        double(1 // 0)
    double(1)
    double(1)
    assert looked_up == [1, 1]


def test_another_thread_has_no_part_in_a_reading(asked: tuple[list[int], Callable[[int], int]]) -> None:
    looked_up, double = asked
    with one_reading():
        double(1)
        other = threading.Thread(target=double, args=[1])
        other.start()
        other.join()
    assert looked_up == [1, 1]


def test_person_outside_a_request_is_asked_afresh(people: dict[str, Person]) -> None:
    coordinator = people["coordinator"]
    assert standing.acting_problems(coordinator) == []
    factories.lapse(coordinator.trainings.all(), completed_on=timezone.localdate() - timedelta(days=400))
    [problem] = standing.acting_problems(coordinator)
    assert "training" in problem


def test_lapse_between_two_pages_of_a_session_acts_on_the_second(people: dict[str, Person]) -> None:
    client, path = signed_in(people["coordinator"]), reverse("request_list")
    assert client.get(path).context["start"]["enabled"]
    factories.lapse(people["coordinator"].agreements.all(), ends_on=timezone.localdate() - timedelta(days=1))
    start = client.get(path).context["start"]
    assert not start["enabled"]
    assert "agent agreement" in start["reason"]


def test_what_changes_something_asks_under_its_own_locks(
    people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page has let the coordinator in; the agreement ends; the service asks again and refuses."""
    coordinator, check = people["coordinator"], policies.check_start_draft

    def end_the_agreement_first(person: Person) -> None:
        assert Role.COORDINATOR in standing.roles_of(person)
        assert standing.acting_problems(person) == []
        factories.lapse(person.agreements.all(), ends_on=timezone.localdate() - timedelta(days=1))
        check(person)

    monkeypatch.setattr(policies, "check_start_draft", end_the_agreement_first)
    assert signed_in(coordinator).post(reverse("start_request")).status_code == 403


def test_all_that_can_stop_a_person_is_one_query(people: dict[str, Person]) -> None:
    coordinator = Person.objects.select_related("agency").get(pk=people["coordinator"].pk)
    with one_reading(), CaptureQueriesContext(connection) as captured:
        assert standing.roles_of(coordinator) == {Role.COORDINATOR}
        assert standing.acting_problems(coordinator) == []
        standing.clearance_problems(coordinator, timezone.localdate())
    assert len(captured) == 1
