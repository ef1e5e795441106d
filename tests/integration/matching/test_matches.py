"""The match of a request: a job per file, results kept one by one, stopped and taken up again, of one version."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from matching import store
from matching.loads.loading import load_wage_records
from matching.models import Holding, Kind, PinnedLoad, Status
from matching.models.cohorts import MatchCount
from matching.services import file_match, match_results
from requests_app.models import DataRequest, Job, Mou, Person
from requests_app.models.jobs import JobState
from requests_app.selectors.life.progress import progress
from requests_app.services.life import jobs, workflow
from requests_app.states import State
from tests import factories, match_office
from tests.integration.matching.test_loads import records, specimen

pytestmark = pytest.mark.django_db
PEOPLE = 30
QUARTERS = (20161, 20162)


@pytest.fixture(autouse=True)
def held(tmp_path: Path, settings: Settings, db: None) -> None:
    """Two quarters of thirty persons in Rhode Island, every third of them in Delaware too."""
    settings.KEY_ROOT = tmp_path
    for quarter in QUARTERS:
        rows: list[dict[str, Any]] = [{"ssn": specimen(n), "wage": n, "uin": n % 4 + 1} for n in range(1, PEOPLE + 1)]
        load_wage_records(records(tmp_path / f"ri{quarter}.csv", *rows, quarter=quarter))
        delaware = [row | {"state": "10"} for row in rows[::3]]
        load_wage_records(records(tmp_path / f"de{quarter}.csv", *delaware, quarter=quarter))


def files_of(*names: str) -> dict[tuple[str, int], list[tuple[str, str]]]:
    """Everybody, and ten people nobody knows, in every file."""
    people = [(f"{n:04d}", specimen(n)) for n in range(1, PEOPLE + 11)]
    return {(name, quarter): people for name in names for quarter in QUARTERS}


@pytest.fixture
def request_(people: dict[str, Person]) -> DataRequest:
    return match_office.matching(people, files_of("Welding"), states=["10", "44"])


def match_jobs(request: DataRequest, *states: JobState) -> list[Job]:
    return list(request.jobs.filter(kind="match", state__in=states or list(JobState)).order_by("created_at"))


def test_every_file_is_a_job_and_its_result_is_kept_when_it_is_whole(request_: DataRequest) -> None:
    first, second = match_jobs(request_, JobState.WAITING)
    jobs.run(first.pk)
    request_.refresh_from_db()
    assert (request_.status, request_.match_results.get().quarter) == (State.MATCHING, 20161)
    jobs.run(second.pk)
    request_.refresh_from_db()
    assert (request_.status, request_.match_results.count()) == (State.BUILDING, 2)
    counts = MatchCount.objects.values_list("state", "persons_sent", "persons_found", "records")
    assert set(counts.filter(quarter=20161)) == {("10", 40, 10, 10), ("44", 40, 30, 30)}


def test_requester_sees_rows_done_of_rows_known(request_: DataRequest, people: dict[str, Person]) -> None:
    coordinator = people["coordinator"]
    before = progress(request_, coordinator)
    jobs.run(match_jobs(request_)[0].pk)
    half = progress(request_, coordinator)
    assert before is not None
    assert half is not None
    assert (before.done, before.total, before.unit) == (0, 80, "row")
    assert (half.done, half.total, half.words) == (40, 80, "Waiting for a free worker (1 of 2 files done)")


def test_result_is_in_the_order_of_ids_whatever_the_chunks(
    request_: DataRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_match, "PERSONS_AT_ONCE", 7)
    monkeypatch.setattr(file_match, "ROWS_AT_ONCE", 3)
    jobs.run(match_jobs(request_)[0].pk)
    result = request_.match_results.get()
    batches = list(match_results.batches(result))
    ids = [value.rstrip(b"\0") for batch in batches for value in batch.column("temporary_id").to_pylist()]
    assert len(batches) > 10
    assert ids == sorted(ids)
    assert (len(ids), result.persons, result.records) == (40, 30, 40)


def test_stopped_at_the_next_chunk_and_taken_up_again(
    request_: DataRequest, people: dict[str, Person], monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    first, second = match_jobs(request_)
    jobs.run(first.pk)
    kept = request_.match_results.get().pk
    chunks: list[int] = []
    match = store.match

    def stopped_meanwhile(person_ids: Any, held: Any) -> Any:
        chunks.append(len(person_ids))
        if len(chunks) == 2:
            workflow.transition(request_, "stop_work", actor=people["coordinator"], reason="The wrong roster.")
        return match(person_ids, held)

    monkeypatch.setattr(file_match, "PERSONS_AT_ONCE", 5)
    monkeypatch.setattr(store, "match", stopped_meanwhile)
    jobs.run(second.pk)
    request_.refresh_from_db()
    second.refresh_from_db()
    assert (request_.status, second.state, len(chunks)) == (State.FAILED, JobState.CANCELLED, 2)
    assert list((Path(settings.VAULT_ROOT) / "incoming").iterdir()) == []
    monkeypatch.setattr(store, "match", match)
    workflow.transition(request_, "repeat_matching", actor=people["program_analyst"])
    assert match_office.do_jobs(request_).status is State.READY_FOR_RELEASE
    assert kept in request_.match_results.values_list("pk", flat=True)


def test_stopped_build_is_repeated_as_a_build(request_: DataRequest, people: dict[str, Person]) -> None:
    for job in match_jobs(request_):
        jobs.run(job.pk)
    workflow.transition(request_, "stop_work", actor=people["program_analyst"], reason="Not tonight.")
    assert not request_.jobs.filter(kind="build_micro").exclude(state=JobState.CANCELLED).exists()
    workflow.transition(request_, "repeat_building", actor=people["program_analyst"])
    assert match_office.do_jobs(request_).status is State.READY_FOR_RELEASE


def test_load_replaced_between_two_files_is_matched_again(request_: DataRequest, tmp_path: Path) -> None:
    first, second = match_jobs(request_)
    jobs.run(first.pk)
    load_wage_records(records(tmp_path / "new.csv", {"ssn": specimen(1), "wage": 777}, quarter=20161))
    jobs.run(second.pk)
    request_.refresh_from_db()
    assert request_.status is State.MATCHING
    assert match_office.do_jobs(request_).status is State.READY_FOR_RELEASE
    assert MatchCount.objects.get(quarter=20161, state="44").persons_found == 1
    visible = Holding.objects.filter(status=Status.VISIBLE, kind=Kind.WAGE_RECORDS).values_list("load_id", flat=True)
    assert set(PinnedLoad.objects.values_list("load_id", flat=True)) == set(visible)


def test_state_whose_mou_lapsed_is_not_searched(request_: DataRequest, people: dict[str, Person]) -> None:
    delaware = people["output_reviewer"].agency
    with factories.behind_the_triggers():
        Mou.objects.filter(agency=delaware).update(ends_on=timezone.localdate() - timedelta(days=1))
    done = match_office.do_jobs(request_)
    package = done.packages.get()
    assert (package.states_searched, package.states_found) == (["44"], ["44"])
    assert not MatchCount.objects.filter(state="10").exists()


def test_two_requests_for_the_same_people_get_the_same_tables(people: dict[str, Person]) -> None:
    packages = []
    for _ in range(2):
        request = match_office.do_jobs(match_office.matching(people, files_of("Welding"), states=["10", "44"]))
        packages.append(match_office.tables_of(request))
    assert packages[0] == packages[1]
