"""Whose turn it is: by coordinator, then request, then age; what is held, or put back, is nobody's turn."""

from datetime import timedelta

import pytest
from django.utils import timezone

from requests_app.models import DataRequest, Job, Person
from requests_app.models.jobs import JobState
from requests_app.services.life import job_turns, jobs
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def offices(people: dict[str, Person]) -> dict[str, DataRequest]:
    """Three requests of one coordinator, one of another."""
    delaware = people | {"coordinator": people["coordinator_de"]}
    return {name: factories.draft(people) for name in ("a", "b", "c")} | {"d": factories.draft(delaware)}


def wait(request: DataRequest, count: int) -> list[str]:
    return [jobs.enqueue("match", request, {"file": n}).pk for n in range(count)]


def turns(offices: dict[str, DataRequest], count: int, workers: int = 1) -> str:
    """Whose jobs are begun, one after the other, while so many are under way at a time."""
    names = {request.pk: name for name, request in offices.items()}
    begun, held = "", []
    for _ in range(count):
        job = jobs.claim(str(job_turns.next_job(timezone.now())))
        assert job is not None
        held.append(job.pk)
        begun += names[job.request_id]
        if len(held) == workers:
            Job.objects.filter(pk=held.pop(0)).update(state=JobState.DONE, lease_until=None)
    return begun


def test_coordinator_with_one_request_has_every_other_turn(offices: dict[str, DataRequest]) -> None:
    for name in "abcd":
        wait(offices[name], 3)
    assert turns(offices, 12) == "adbdcdabcabc"


def test_many_jobs_of_one_delay_no_other_by_more_than_what_is_under_way(offices: dict[str, DataRequest]) -> None:
    wait(offices["a"], 20)
    assert turns(offices, 4, workers=2) == "aaaa"
    wait(offices["d"], 2)
    wait(offices["b"], 2)
    assert turns(offices, 4, workers=2)[:2] == "db"


def test_what_is_held_or_put_back_is_nobodys_turn(offices: dict[str, DataRequest]) -> None:
    (first,) = wait(offices["a"], 1)
    assert job_turns.next_job(timezone.now()) == first
    jobs.claim(first)
    assert job_turns.next_job(timezone.now()) is None
    assert job_turns.next_job(timezone.now() + timedelta(hours=1)) == first  # its lease has ended
    Job.objects.filter(pk=first).update(state=JobState.WAITING, lease_until=None)
    DataRequest.objects.filter(pk=offices["a"].pk).update(suspended_reason="An incident.")
    assert job_turns.next_job(timezone.now()) is None
