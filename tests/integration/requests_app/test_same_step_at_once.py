"""Two people press the same button at once: one wins, the other is told so; one event, one set of notices."""

import threading
from collections.abc import Callable

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from requests_app.models import DataRequest, Event, Notice, Person
from requests_app.services.life import workflow
from requests_app.services.people import memberships
from requests_app.states import Role, State
from tests import factories
from tests.pages import signed_in

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls: Callable[[], object]) -> list[object]:
    """What the calls answered or raised, each made in a thread of its own with a connection of its own."""
    start, outcomes = threading.Barrier(len(calls)), list[object]()

    def run(call: Callable[[], object]) -> None:
        try:
            start.wait(10)
            outcomes.append(call())
        except Exception as problem:  # noqa: BLE001  an outcome, judged by the test
            outcomes.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return outcomes


@pytest.fixture
def analysts(people: dict[str, Person]) -> list[Person]:
    """Two people who may take a Program Analyst's steps."""
    second = people["approving_official"]
    memberships.give_role(second, Role.PROGRAM_ANALYST, actor=None, starts_on=timezone.localdate())
    return [people["program_analyst"], second]


@pytest.fixture
def request_(people: dict[str, Person], analysts: list[Person]) -> DataRequest:
    """A request whose review can start."""
    return factories.submitted(people)


def told_of_start(request: DataRequest) -> int:
    """How many notices say that the review has started."""
    return Notice.objects.filter(request=request, text__contains="Start review").count()


def check_taken_once(request: DataRequest) -> None:
    """The request moved once: one event done, one decision, one notice to its one coordinator."""
    request.refresh_from_db()
    assert request.status is State.IN_REVIEW
    done = Event.objects.filter(request_number=request.number, kind="request.start_review")
    assert [event.outcome for event in done] == ["done"]
    assert request.decisions.filter(transition="start_review").count() == 1
    assert told_of_start(request) == 1


def test_two_threads_taking_the_same_step_one_wins_the_other_gets_a_conflict(
    request_: DataRequest, analysts: list[Person]
) -> None:
    outcomes = at_once(
        *(lambda who=who: workflow.transition(request_, "start_review", actor=who) for who in analysts)  # type: ignore[misc]
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "DataRequest"]
    [conflict] = [outcome for outcome in outcomes if isinstance(outcome, workflow.Conflict)]
    assert str(conflict) == (f"{request_.number} is “In review” now, so “Start review” no longer applies. Reload.")
    check_taken_once(request_)


def test_two_clients_sending_the_same_step_one_is_done_the_other_is_told(
    request_: DataRequest, analysts: list[Person]
) -> None:
    path = reverse("step", args=[request_.number, "start_review"])
    clients = [signed_in(person) for person in analysts]
    for client in clients:
        assert client.get(path).status_code == 200  # both have the page open
    answers = at_once(*(lambda client=client: client.post(path) for client in clients))  # type: ignore[misc]
    said = sorted(message_of(answer) for answer in answers)
    assert said[0].startswith("Done: Start review.")
    assert "no longer applies" in said[1]
    assert sorted(answer.url for answer in answers) == [  # type: ignore[attr-defined]
        reverse("request", args=[request_.number]),
        reverse("review", args=[request_.number]),
    ]
    check_taken_once(request_)


def message_of(answer: object) -> str:
    """The one sentence the person is told on the page they are sent to."""
    assert isinstance(answer, HttpResponse), answer
    [message] = get_messages(answer.wsgi_request)  # type: ignore[attr-defined]
    return str(message)


def test_who_is_late_reads_the_conflict_on_the_page_of_the_request(
    request_: DataRequest, analysts: list[Person]
) -> None:
    first, late = map(signed_in, analysts)
    path = reverse("step", args=[request_.number, "start_review"])
    assert late.get(path).status_code == 200
    first.post(path)
    page = late.post(path, follow=True)
    assert page.redirect_chain == [(reverse("request", args=[request_.number]), 302)]
    words = f"{request_.number} is now “In review”, so “Start review” no longer applies."
    assert words in page.content.decode()
    check_taken_once(request_)
