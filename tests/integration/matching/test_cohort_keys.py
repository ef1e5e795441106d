"""The key of a request's cohort files: made on approval, destroyed with the files, made anew after an appeal."""

from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from matching.models.cohorts import CohortKey
from requests_app.demo.reviewers import look_through
from requests_app.models import DataRequest, Job, Person
from requests_app.models.jobs import JobState
from requests_app.services.life import jobs, requests, workflow
from requests_app.services.people import memberships
from requests_app.states import Kind, Role, State
from tests import factories
from tests.pages import hold_quarters


def do_waiting(request: DataRequest) -> DataRequest:
    """A worker does what waits; the request as it stands then."""
    for job in Job.objects.filter(request=request, state=JobState.WAITING):
        jobs.run(job.pk)
    request.refresh_from_db()
    return request


@pytest.fixture
def request_awaiting_cohort(people: dict[str, Person], tmp_path: Path, settings: Settings) -> DataRequest:
    settings.KEY_ROOT = tmp_path
    hold_quarters()
    return do_waiting(factories.approved(people, Kind.MICRO_TO_MACRO))


def test_request_approved_again_after_an_appeal_gets_a_new_key(
    request_awaiting_cohort: DataRequest, people: dict[str, Person]
) -> None:
    request, official, analyst = request_awaiting_cohort, people["approving_official"], people["program_analyst"]
    assert request.status is State.AWAITING_COHORT
    first = bytes(CohortKey.objects.get().public_pem)
    factories.place(request, State.DISCLOSURE_REVIEW)
    workflow.transition(request, "refuse_release", actor=official, reason="Nothing can be published.")
    assert CohortKey.objects.get().destroyed_at is None
    do_waiting(request)
    assert CohortKey.objects.get().destroyed_at is not None
    workflow.transition(request, "appeal", actor=people["coordinator"], reason="We ask for fewer cells.")
    another = people["release_officer"]
    memberships.give_role(another, Role.APPROVING_OFFICIAL, actor=None, starts_on=timezone.localdate())
    look_through(request, another)
    workflow.transition(request, "accept_appeal", actor=another, reason="That can work.")
    request.refresh_from_db()
    look_through(request, analyst)
    requests.answer_viability(request, actor=analyst, enough_data=True, reason="With fewer cells, yes.")
    workflow.transition(request, "recommend", actor=analyst, reason="Sound.")
    request.refresh_from_db()
    look_through(request, official)
    workflow.transition(request, "approve", actor=official)
    assert do_waiting(request).status is State.AWAITING_COHORT
    key = CohortKey.objects.get()
    assert key.destroyed_at is None
    assert bytes(key.public_pem) != first
