"""A rebuilt package withholds what was objected to and everything an earlier package withheld."""

import json

import numpy as np
import pyarrow as pa
import pytest

from disclosure.services import gathering
from disclosure.services.gathering import Gathered, Lineage
from matching.holdings import pins
from matching.models import Holding, PinnedLoad, PinStep, Status
from requests_app.models import DataRequest, Job, PartnerReview, Person
from requests_app.models.jobs import JobState
from requests_app.policies import newest_package
from requests_app.services.life import jobs, workflow
from requests_app.services.packages import files, packages
from requests_app.services.reviews import answers
from requests_app.states import Kind, State
from tests import factories
from tests.pages import hold_quarters
from tests.unit.disclosure.core.wages import employers

COUNTIES = ("44001", "44003", "44005", "44007")
INDUSTRIES = ("441110", "442110", "443142", "444110", "445110", "448110")


def contributions() -> pa.Table:
    """Retail employers of four counties, few or many to a cell; so drawn that a fresh pattern would differ."""
    random = np.random.default_rng(8)
    rows = [
        (county, industry, f"{county}{industry}{place}", int(jobs), int(jobs) * int(random.integers(4_000, 9_000)))
        for county in COUNTIES
        for industry in INDUSTRIES
        for place, jobs in enumerate(random.lognormal(2.5, 1.0, random.integers(1, 14)).astype(int) + 1)
    ]
    return pa.concat_tables([employers(rows), employers(rows, 20162)])


@pytest.fixture
def built(people: dict[str, Person], monkeypatch: pytest.MonkeyPatch) -> DataRequest:
    """A macro request of Rhode Island and Delaware with its first package under partner review."""
    hold_quarters()
    made = Gathered(contributions(), Lineage(["10", "44"], ["44"], 1))
    monkeypatch.setattr(gathering, "gather", lambda _request, _design: made)
    request = build(factories.approved(people, Kind.MACRO))
    package = newest_package(request)
    assert package is not None
    packages.sign_off(request, actor=people["disclosure_analyst"], package_sha256=package.sha256)
    return workflow.transition(request, "send_to_partners", actor=people["second_disclosure_analyst"])


def build(request: DataRequest) -> DataRequest:
    """The waiting build, done."""
    for job in Job.objects.filter(request=request, kind="build_tables", state=JobState.WAITING):
        jobs.run(job.pk)
    request.refresh_from_db()
    assert request.status is State.DISCLOSURE_REVIEW, [job.error for job in request.jobs.all()]
    return request


def withheld(request: DataRequest, version: int) -> set[tuple[str, ...]]:
    """Which cells a package withholds, as its tables show it."""
    shown = json.loads(b"".join(files.read(request.packages.get(version=version).tables)))
    return {tuple(codes) for table in shown for codes, _, code in table["rows"] if code == "N"}


def test_rebuilt_package_withholds_the_objection_and_all_that_was_withheld(
    built: DataRequest, people: dict[str, Person]
) -> None:
    before = withheld(built, 1)
    shown = json.loads(b"".join(files.read(built.packages.get(version=1).tables)))
    objected = next(codes for codes, _, code in shown[0]["rows"] if code == "" and "TOTAL" not in codes)
    review = PartnerReview.objects.get(package__request=built)
    answers.answer(
        review,
        actor=people["output_reviewer"],
        verdict="objection",
        package_sha256=review.package_sha256,
        reason="One employer can be recognized.",
        cells=[objected],
    )
    workflow.transition(built, "withdraw_cells", actor=people["disclosure_analyst"], reason="As Delaware asks.")
    rebuilt = build(built)
    after = withheld(rebuilt, 2)
    assert before
    assert before | {tuple(objected)} <= after
    assert rebuilt.packages.get(version=2).audit_is_clean


def correct(quarter: int, by: int) -> None:
    """A corrected file of Rhode Island's takes the place of the one in use."""
    old = Holding.objects.get(state="44", quarter=quarter, status=Status.VISIBLE)
    Holding.objects.filter(load_id=old.load_id).update(status=Status.SUPERSEDED)
    old.load_id, old.version, old.status = by, old.version + 1, Status.VISIBLE
    old.save(force_insert=True)


def ends_failed(request: DataRequest) -> str:
    """The waiting build, done; the words with which it failed."""
    for job in Job.objects.filter(request=request, kind="build_tables", state=JobState.WAITING):
        jobs.run(job.pk)
    request.refresh_from_db()
    assert request.status is State.FAILED
    return request.decisions.filter(transition="fail").latest("decided_at").reason


def tables_rest_on(request: DataRequest) -> set[int]:
    """The loads of the newest package."""
    pinned = PinnedLoad.objects.filter(request_number=request.number, step=PinStep.TABLES)
    return {one.load_id for one in pins.newest_run(pinned)}


def test_tables_rest_on_corrected_loads_only_after_somebody_was_told_and_repeated_the_build(
    people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    hold_quarters()
    made = Gathered(contributions(), Lineage(["10", "44"], ["44"], 1))
    monkeypatch.setattr(gathering, "gather", lambda _request, _design: made)
    request = build(factories.approved(people, Kind.MACRO))
    first = tables_rest_on(request)
    correct(20161, 901)
    workflow.transition(request, "redesign", actor=people["disclosure_analyst"], reason="Coarser.")
    told = ends_failed(request)
    assert "Wage records of Rhode Island, 2016 Q1: version 1, now version 2" in told
    correct(20162, 902)  # and once more before anybody answers: who agreed to the first did not agree to this
    workflow.transition(request, "repeat_building", actor=people["program_analyst"])
    told = ends_failed(request)
    assert "2016 Q2: version 1, now version 2" in told
    assert tables_rest_on(request) == first
    workflow.transition(request, "repeat_building", actor=people["program_analyst"])
    assert build(request).packages.count() == 2
    assert {901, 902} <= tables_rest_on(request)
    workflow.transition(request, "redesign", actor=people["disclosure_analyst"], reason="Again.")
    assert build(request).packages.count() == 3  # nothing changed since
