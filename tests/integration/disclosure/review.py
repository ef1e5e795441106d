"""A macro request in disclosure review, built from made-up contributions, and the worker that answers openings."""

from collections.abc import Callable
from typing import Any

import pytest

from disclosure.services import gathering
from disclosure.services.gathering import Gathered, Lineage
from matching.models import Holding
from requests_app.models import DataRequest, Job, Package, Person
from requests_app.models.jobs import JobState
from requests_app.policies import newest_package
from requests_app.services.event_log import openings
from requests_app.services.life import jobs
from requests_app.states import Kind, State
from tests import factories
from tests.integration.disclosure.test_rebuild import contributions
from tests.pages import hold_quarters


def answer_openings(patch: pytest.MonkeyPatch) -> None:
    """The interactive worker, without its queue: every opening is answered at once."""
    ask = openings._ask

    def ask_and_answer(*args: Any) -> Any:
        opening = ask(*args)
        openings.answer(opening.pk)
        return opening

    patch.setattr(openings, "_ask", ask_and_answer)


def use_contributions(patch: pytest.MonkeyPatch, make: Callable[[], Any] = contributions) -> None:
    """Contributions are made up: of Rhode Island, for a request that asks for Delaware too."""
    made = Gathered(make(), Lineage(["10", "44"], ["44"], 1))
    patch.setattr(gathering, "gather", lambda _request, _design: made)


def work_off(request: DataRequest) -> DataRequest:
    """Every waiting job of the request, done; fails with its words where one did not end well."""
    for job in Job.objects.filter(request=request, state=JobState.WAITING):
        jobs.run(job.pk)
    failed = [job.error for job in request.jobs.filter(state=JobState.FAILED)]
    assert failed == []
    request.refresh_from_db()
    return request


def in_disclosure_review(
    people: dict[str, Person], patch: pytest.MonkeyPatch, make: Callable[[], Any] = contributions
) -> tuple[DataRequest, Package]:
    """A macro request of Rhode Island and Delaware with its first package under review."""
    if not Holding.objects.exists():
        hold_quarters()
    use_contributions(patch, make)
    answer_openings(patch)
    request = work_off(factories.approved(people, Kind.MACRO))
    assert request.status is State.DISCLOSURE_REVIEW
    package = newest_package(request)
    assert package is not None
    return request, package
