"""A rebuilt package withholds what was objected to and everything an earlier package withheld."""

import json

import numpy as np
import pyarrow as pa
import pytest

from disclosure.services import gathering
from disclosure.services.gathering import Gathered, Lineage
from requests_app.models import DataRequest, Job, PartnerReview, Person
from requests_app.models.jobs import JobState
from requests_app.policies import newest_package
from requests_app.services import files, jobs, packages, workflow
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
    packages.answer_partner_review(
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
