"""Statistics of a match for BLS before anything is released; who sees them; what is kept of persons for them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.urls import reverse
from pytest_django import Settings

from matching.core.cohort import signs as cohort_signs
from matching.loads.loading import load_wage_records
from matching.match_report import statistics as match_statistics
from matching.models.matches import CohortOverlap, CohortPersons, PersonSet
from matching.services import cohort_persons
from requests_app.models import DataRequest, Job, Person
from requests_app.models.jobs import JobState
from requests_app.policies import Denied
from requests_app.services.life import workflow
from requests_app.states import State
from tests import match_office
from tests.integration.matching.test_loads import records, specimen
from tests.pages import signed_in

PEOPLE = 150
ANALYSTS = ("program_analyst", "approving_official", "disclosure_analyst", "release_officer")
OTHERS = ("coordinator", "agent", "administrator", "auditor", "data_steward", "output_reviewer")


@pytest.fixture
def held(tmp_path: Path, settings: Settings, db: None) -> None:
    settings.KEY_ROOT = tmp_path
    rows: list[dict[str, Any]] = [{"ssn": specimen(n), "wage": n} for n in range(1, PEOPLE + 1)]
    load_wage_records(records(tmp_path / "a.csv", *rows))


def request_for(people: dict[str, Person], first: int, last: int) -> DataRequest:
    """A matched request for these persons in the first quarter."""
    rows = [(f"{n:04d}", specimen(n)) for n in range(first, last + 1)]
    return match_office.do_jobs(match_office.matching(people, {("Welding", 20161): rows}, states=["44"]))


@pytest.mark.usefixtures("held")
def test_overlap_with_an_earlier_cohort_is_told_in_counts(people: dict[str, Person]) -> None:
    first, second = request_for(people, 1, 120), request_for(people, 4, 140)
    overlap = CohortOverlap.objects.get(request_number=second.number)
    assert (overlap.other_number, overlap.persons, overlap.other_persons, overlap.shared) == (
        first.number, 137, 120, 117,
    )  # fmt: skip
    assert not CohortOverlap.objects.filter(request_number=first.number).exists()
    (sign,) = match_statistics.statistics(second).signs
    assert sign.startswith(f"Welding, 2016 Q1, and Welding of {first.number}: Differs by fewer than 10 people")


@pytest.mark.usefixtures("held")
def test_fingerprints_name_nobody_without_their_key(people: dict[str, Person], settings: Settings) -> None:
    request_for(people, 1, 120)
    kept = PersonSet.objects.get()
    assert (kept.persons, len(bytes(kept.fingerprints))) == (120, 8 * 120)
    found = cohort_persons.of_set(kept.digest)
    assert sorted(found) == list(found)
    with connection.cursor() as cursor:
        cursor.execute("SELECT person_id FROM vault.person")
        numbers = [number for (number,) in cursor.fetchall()]
    assert not set(numbers) & set(found.tolist())
    key = Path(settings.KEY_ROOT) / cohort_persons.KEY_FILE
    assert (key.stat().st_mode & 0o777, len(key.read_bytes())) == (0o600, 32)
    key.write_bytes(bytes(32))
    again = cohort_persons.fingerprints(np.array(numbers, np.int32))
    assert not set(again.tolist()) & set(found.tolist())


@pytest.mark.usefixtures("held")
def test_request_that_ends_unreleased_leaves_no_fingerprints(people: dict[str, Person]) -> None:
    request = request_for(people, 1, 120)
    workflow.transition(request, "withdraw", actor=people["coordinator"], reason="Not needed.")
    match_office.do_jobs(request)
    assert (CohortPersons.objects.count(), PersonSet.objects.count()) == (0, 0)


@pytest.mark.usefixtures("held")
def test_nothing_is_released_before_the_statistics_are_made(people: dict[str, Person]) -> None:
    request = request_for(people, 1, 120)
    assert request.status is State.READY_FOR_RELEASE
    Job.objects.filter(request=request, kind="match_statistics").update(state=JobState.WAITING)
    with pytest.raises(Denied, match="statistics of the match are still being made"):
        workflow.transition(request, "release", actor=people["release_officer"])
    match_office.do_jobs(request)
    assert workflow.transition(request, "release", actor=people["release_officer"]).status is State.RELEASED


@pytest.mark.usefixtures("held")
def test_report_is_for_the_analysts_and_officials_of_bls(people: dict[str, Person]) -> None:
    request = request_for(people, 41, 200)
    address, hub = (reverse(name, args=[request.number]) for name in ("match_report", "request"))
    for key in ANALYSTS:
        client = signed_in(people[key])
        page = client.get(address).content.decode()
        assert "Rhode Island" in page
        assert "68.8%" in page  # 110 of 160
        assert "What the match found" in client.get(hub).content.decode()
    for key in OTHERS:
        assert signed_in(people[key]).get(address).status_code in {403, 404}, key
    team = signed_in(people["coordinator"]).get(hub).content.decode()
    assert "160 people" in team
    assert "110" not in team
    assert "What the match found" not in team


@pytest.mark.parametrize(
    ("counts", "sign"),
    [
        ((200, 200, 200), "The same people."),
        ((200, 200, 195), "Differs by fewer than 10 people"),
        ((200, 5000, 198), "Differs by fewer than 10 people"),
        ((200, 5000, 185), "Nearly all people of the smaller one"),
        ((200, 200, 50), ""),
        ((200, 200, 9), ""),
        ((5, 5000, 5), "Nearly all people of the smaller one"),
    ],
)
def test_signs_of_overlaps(counts: tuple[int, int, int], sign: str) -> None:
    found = cohort_signs.of_overlap(*counts)
    assert found.startswith(sign)
    assert bool(found) == bool(sign)


def test_signs_of_sizes_and_rates() -> None:
    assert [len(cohort_signs.of_size(*counts)) for counts in ((99, 9), (100, 9), (99, 10), (100, 10))] == [2, 1, 1, 0]
    assert "other quarters" in cohort_signs.of_rate(0.1, [0.6, 0.7], [])
    assert "other quarters" in cohort_signs.of_rate(0.1, [0.6], [])
    assert cohort_signs.of_rate(0.5, [0.6], []) == ""
    earlier = [0.60, 0.61, 0.62, 0.63, 0.64, 0.65, 0.66, 0.67]
    assert cohort_signs.of_rate(0.70, [], earlier) == ""
    assert cohort_signs.of_rate(0.40, [], earlier) == "Unusual: earlier requests found 55% to 72% here."
    assert cohort_signs.of_rate(0.40, [], earlier[:7]) == ""
