"""The check in the worker: strict and exclude, the coordinator's confirmation, the other files of the request."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from pytest_django.fixtures import Settings

from matching.models.cohorts import CohortFile, CohortFileState, CohortPolicy
from matching.services import cohort_checks, cohort_files, cohort_terms
from requests_app.models import DataRequest, Event, Job, Person
from requests_app.models.ids import new_ulid
from requests_app.models.jobs import JobState
from requests_app.policies import Denied
from requests_app.services.life import jobs
from requests_app.services.life.jobs import Progress
from requests_app.states import Kind, State
from tests import factories
from tests.cohort_corpus import specimen
from tests.pages import hold_quarters, signed_in

RECEIVED, TO_CONFIRM, ACCEPTED, REFUSED = "received", "to_confirm", "accepted", "refused"


def do_waiting(request: DataRequest) -> None:
    """A worker does what waits."""
    for job in Job.objects.filter(request=request, state=JobState.WAITING):
        jobs.run(job.pk)


@pytest.fixture
def awaiting(people: dict[str, Person], tmp_path: Path, settings: Settings) -> DataRequest:
    """A request with a real key, waiting for its files."""
    settings.KEY_ROOT, settings.VAULT_ROOT = tmp_path / "keys", tmp_path / "vault"
    settings.KEY_ROOT.mkdir()
    hold_quarters()
    request = factories.approved(people, Kind.MICRO)
    do_waiting(request)
    request.refresh_from_db()
    assert request.status is State.AWAITING_COHORT
    return request


def receive(request: DataRequest, people: dict[str, Person], quarter: int, *rows: str) -> CohortFile:
    """A file of the request, sent but not checked."""
    data = "\n".join((f"44,{quarter}", *rows, "")).encode()
    with cohort_files.sealer_for(request, new_ulid()) as sealer:
        sealer.write(data)
        return cohort_files.receive(request, "Trainees", quarter, sealer.finish(), actor=people["coordinator"])


def sent(request: DataRequest, people: dict[str, Person], quarter: int, *rows: str) -> CohortFile:
    """The same, and checked."""
    row = receive(request, people, quarter, *rows)
    do_waiting(request)
    row.refresh_from_db()
    return row


def leave_out(request: DataRequest, people: dict[str, Person]) -> None:
    cohort_terms.set_policy(request, CohortPolicy.EXCLUDE, actor=people["program_analyst"])


MIXED = (f"a,{specimen(1)}", f"b,{specimen(2)[1:]}", f"c,{specimen(3)}")


def test_strict_refuses_and_shreds(people: dict[str, Person], awaiting: DataRequest) -> None:
    row = sent(awaiting, people, 20161, *MIXED)
    assert (row.state, row.policy, row.rows) == (REFUSED, "strict", 3)
    assert [(p["kind"], p["lines"]) for p in row.problems] == [("ssn_lost_leading_zero", [3])]
    assert row.file.shredded_at is not None


def test_exclude_waits_for_the_coordinator(people: dict[str, Person], awaiting: DataRequest) -> None:
    leave_out(awaiting, people)
    row = sent(awaiting, people, 20161, *MIXED)
    assert (row.state, row.rows, row.excluded, row.file.shredded_at) == (TO_CONFIRM, 3, 1, None)
    assert "waiting for you to confirm" in cohort_files.cohort_complete(awaiting, None)[0]
    page = signed_in(people["coordinator"]).get(reverse("cohort_file", args=[awaiting.number, 1, 20161]))
    assert "Leave these lines out" in page.content.decode()
    answer = signed_in(people["coordinator"]).post(reverse("confirm_file", args=[awaiting.number, row.pk]))
    row.refresh_from_db()
    assert (answer.status_code, row.state, row.confirmed_by) == (302, ACCEPTED, people["coordinator"])
    assert cohort_files.parse(row).cohort.temporary_ids.tolist() == [b"a", b"c"]  # type: ignore[union-attr]
    event = Event.objects.get(kind="cohort.confirm")
    assert event.detail == {"quarter": 20161, "rows": 3, "excluded": 1}
    with pytest.raises(Denied, match="does not wait"):
        cohort_files.confirm(row, actor=people["coordinator"])


def test_confirmation_is_the_coordinators(people: dict[str, Person], awaiting: DataRequest) -> None:
    leave_out(awaiting, people)
    row = sent(awaiting, people, 20161, *MIXED)
    with pytest.raises(Denied):
        cohort_files.confirm(row, actor=people["program_analyst"])


def test_file_judged_before_stays_as_it_was_judged(people: dict[str, Person], awaiting: DataRequest) -> None:
    leave_out(awaiting, people)
    row = sent(awaiting, people, 20161, *MIXED)
    cohort_terms.set_policy(awaiting, CohortPolicy.STRICT, actor=people["approving_official"])
    assert cohort_files.parse(row).ok
    assert sent(awaiting, people, 20162, *MIXED).state == REFUSED


def test_policy_is_set_by_bls_before_the_match(people: dict[str, Person], awaiting: DataRequest) -> None:
    page = reverse("cohort_policy", args=[awaiting.number])
    client = signed_in(people["program_analyst"])
    assert client.post(page, {}).status_code == 422
    assert client.post(page, {"policy": "exclude"}).status_code == 302
    assert cohort_terms.policy_of(awaiting) is CohortPolicy.EXCLUDE
    assert signed_in(people["coordinator"]).post(page, {"policy": "strict"}).status_code == 403
    factories.place(awaiting, State.MATCHING)
    with pytest.raises(Denied, match="its match"):
        leave_out(awaiting, people)


def test_file_that_contradicts_another_is_refused_under_both(people: dict[str, Person], awaiting: DataRequest) -> None:
    leave_out(awaiting, people)
    assert sent(awaiting, people, 20161, f"a,{specimen(1)}", f"b,{specimen(2)}").state == ACCEPTED
    row = sent(awaiting, people, 20162, f"x,{specimen(9)}", f"a,{specimen(2)}")
    assert row.state == REFUSED
    assert {p["kind"]: (p["lines"], p["file"]) for p in row.problems} == {
        "across_files_id_with_other_ssn": ([3], "Trainees, 2016 Q1"),
        "across_files_ssn_with_other_id": ([3], "Trainees, 2016 Q1"),
    }


def test_file_that_takes_the_place_of_another_is_not_compared_with_it(
    people: dict[str, Person], awaiting: DataRequest
) -> None:
    first = sent(awaiting, people, 20161, f"a,{specimen(1)}")
    second = sent(awaiting, people, 20161, f"a,{specimen(2)}")
    first.refresh_from_db()
    assert (first.state, second.state) == ("replaced", ACCEPTED)
    page = signed_in(people["coordinator"]).get(reverse("cohort_file", args=[awaiting.number, 1, 20161]))
    assert "Replaced" in page.content.decode()


class Silent(Progress):
    """A progress nobody looks at."""

    def report(self, *_args: Any) -> None:
        """Nothing."""


def test_two_workers_check_two_files_that_contradict(people: dict[str, Person], awaiting: DataRequest) -> None:
    """Neither sees the other's file accepted while it reads; whoever decides second looks again."""
    rows = [receive(awaiting, people, 20161, f"a,{specimen(1)}"), receive(awaiting, people, 20162, f"a,{specimen(2)}")]
    found = [Job.objects.get(subject=row.pk) for row in rows]
    switches = [cohort_checks.check_file(job, Silent(job)) for job in found]
    Job.objects.filter(pk__in=[job.pk for job in found]).update(state=JobState.DONE)
    for switch in switches:
        switch()
    states = [CohortFile.objects.get(pk=row.pk).state for row in rows]
    assert states == [ACCEPTED, RECEIVED]
    do_waiting(awaiting)
    assert CohortFile.objects.get(pk=rows[1].pk).state == CohortFileState.REFUSED


def test_report_is_downloaded_line_by_line(people: dict[str, Person], awaiting: DataRequest) -> None:
    row = sent(awaiting, people, 20161, *(f"p{n}," for n in range(1200)), f"a,{specimen(1)}", f"b,{specimen(1)}")
    answer = signed_in(people["coordinator"]).get(reverse("cohort_report", args=[awaiting.number, row.pk]))
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    lines = list(csv.reader(io.StringIO(text)))
    assert answer["Content-Disposition"].startswith("attachment")
    assert lines[0] == ["kind", "line", "hint"]
    assert [line[1] for line in lines if line[0] == "ssn_missing"] == [*map(str, range(2, 1002)), ""]
    assert ["ssn_with_other_id", "1202"] in [line[:2] for line in lines]
    assert specimen(1)[:4] not in text
