"""Faults of one job, in one process: what becomes of the job and of the request that waits for it."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from requests_app import hooks
from requests_app.models import DataRequest, Event, Job, Person
from requests_app.models.jobs import JobState
from requests_app.services.life import jobs, workflow
from requests_app.services.life.jobs import JobFailed
from requests_app.states import State
from tests import factories
from tests.pages import hold_quarters

Runner = Callable[[Job, jobs.Progress], Callable[[], None]]


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The jobs that workers were woken for."""
    calls: list[str] = []
    monkeypatch.setattr(jobs, "wake", lambda job_id, **_: calls.append(job_id))
    return calls


@pytest.fixture
def request_(people: dict[str, Person]) -> DataRequest:
    """A request that stands in “matching”."""
    hold_quarters()
    request = factories.draft(people)
    factories.place(request, State.MATCHING)
    return request


def match_of(request: DataRequest, monkeypatch: pytest.MonkeyPatch, does: Runner, kind: str = "match") -> Job:
    """A job that waits, and does what the test says."""
    monkeypatch.setitem(hooks.runners, kind, does)
    return jobs.enqueue(kind, request, {"request": request.number})


def raising(error: Exception) -> Runner:
    def does(_job: Job, _progress: jobs.Progress) -> Callable[[], None]:
        raise error

    return does


def finishing(job: Job, _progress: jobs.Progress) -> Callable[[], None]:
    return lambda: workflow.transition(job.request, "finish_matching", actor=None) and None


def lease_ends(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_job_whose_database_went_away_is_taken_up_again(
    request_: DataRequest, woken: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = match_of(request_, monkeypatch, raising(OperationalError("the connection is closed")))
    jobs.run(job.pk)
    lease_ends(job)
    monkeypatch.setitem(hooks.runners, "match", finishing)
    monkeypatch.setitem(hooks.effects, "finish_matching", [])
    assert jobs.sweep() == 1
    assert woken == [job.pk]
    jobs.run(job.pk)
    job.refresh_from_db()
    request_.refresh_from_db()
    assert (job.state, job.attempt, request_.status) == (JobState.DONE, 2, State.BUILDING)


def test_job_that_never_ends_is_given_up_and_the_request_says_so(
    request_: DataRequest, woken: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = match_of(request_, monkeypatch, raising(OperationalError("no space left")))
    for _ in range(jobs.MAX_ATTEMPTS + 1):
        jobs.run(job.pk)
        lease_ends(job)
    job.refresh_from_db()
    request_.refresh_from_db()
    assert (job.state, request_.status) == (JobState.FAILED, State.FAILED)
    assert "Given up after 5 attempts" in job.error


def test_repeated_job_is_not_held_by_an_attempt_of_its_first_round(
    request_: DataRequest, woken: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = match_of(request_, monkeypatch, raising(JobFailed("It cannot be matched.")))
    stale = jobs.claim(job.pk)
    assert stale
    lease_ends(job)
    jobs.run(job.pk)  # the second attempt fails, and somebody repeats the match
    jobs.enqueue("match", request_, {"request": request_.number})
    now = jobs.claim(job.pk)
    assert now
    assert now.attempt == stale.attempt
    with pytest.raises(jobs.LostLease):
        jobs.Progress(stale).report(1)
    with pytest.raises(jobs.LostLease):
        jobs.finish(stale, lambda: None)
    jobs.Progress(now).report(1)


def test_job_of_a_suspended_request_waits_until_it_may_move(
    request_: DataRequest, woken: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = match_of(request_, monkeypatch, finishing)
    monkeypatch.setitem(hooks.effects, "finish_matching", [])
    Job.objects.filter(pk=job.pk).update(created_at=timezone.now() - timedelta(minutes=1))
    DataRequest.objects.filter(pk=request_.pk).update(suspended_reason="The MOU lapsed.")
    jobs.run(job.pk)
    assert jobs.sweep() == 0
    DataRequest.objects.filter(pk=request_.pk).update(suspended_reason="")
    assert jobs.sweep() == 1
    jobs.run(job.pk)
    request_.refresh_from_db()
    assert request_.status is State.BUILDING


def test_failed_shredding_fails_no_request_that_waits_for_something_else(
    request_: DataRequest, woken: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = match_of(request_, monkeypatch, raising(PermissionError()), kind="shred_cohort")
    jobs.run(job.pk)
    request_.refresh_from_db()
    assert request_.status is State.MATCHING
    assert Event.objects.filter(kind="job.shred_cohort", outcome="failed", subject=job.pk).count() == 1


@pytest.mark.parametrize(("kind", "again"), [("shred_cohort", 1), ("make_cohort_key", 1), ("match", 0)])
def test_failed_work_nobody_repeats_is_tried_again_after_an_hour(
    kind: str, again: int, request_: DataRequest, woken: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = match_of(request_, monkeypatch, raising(JobFailed("No.")), kind=kind)
    jobs.run(job.pk)
    Job.objects.update(created_at=timezone.now() - timedelta(hours=2))
    assert jobs.sweep() == 0
    Job.objects.update(finished_at=timezone.now() - jobs.REVIVED_AFTER - timedelta(seconds=1))
    assert jobs.sweep() == again
    assert woken == [job.pk] * again


def test_withdrawn_request_has_no_open_job_but_its_shredding(
    request_: DataRequest, people: dict[str, Person], woken: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = match_of(request_, monkeypatch, finishing)
    shredding = jobs.enqueue("shred_cohort", request_, {"request": request_.number})

    def order_shredding(request: DataRequest, _actor: Person | None, _now: datetime) -> None:
        jobs.enqueue("shred_cohort", request, {"request": request.number})

    monkeypatch.setitem(hooks.effects, "withdraw", [*hooks.effects["withdraw"], order_shredding])
    held = jobs.claim(job.pk)
    assert held
    workflow.transition(request_, "withdraw", actor=people["coordinator"], reason="Not needed.")
    with pytest.raises(jobs.LostLease):
        jobs.finish(held, lambda: None)
    states = dict(request_.jobs.values_list("pk", "state"))
    assert states == {job.pk: JobState.CANCELLED, shredding.pk: JobState.WAITING}
