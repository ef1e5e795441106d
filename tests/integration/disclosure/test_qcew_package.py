"""A macro request in the layout of QCEW brings a file that readers of QCEW read, beside the table for people."""

import io
import json
import zipfile
from pathlib import Path

import pytest

from disclosure.selectors.shown_tables import lay_out
from disclosure.services import gathering
from disclosure.services.gathering import Gathered, Lineage
from matching.core.qcew.published import read_quarterly
from requests_app.models import Job, Person
from requests_app.models.jobs import JobState
from requests_app.policies import newest_package
from requests_app.services.life import jobs
from requests_app.services.packages import files
from requests_app.states import Kind, State
from requests_app.wording import QCEW_DESIGN
from tests import factories
from tests.pages import hold_quarters
from tests.unit.disclosure.core.test_aggregate_package import shops


def test_package_in_the_layout_of_qcew(
    people: dict[str, Person], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hold_quarters()
    monkeypatch.setattr(factories, "DESIGN", {"layout": "qcew", **QCEW_DESIGN})
    gathered = Gathered(shops(20161), Lineage(["10", "44"], ["44"], 1))
    monkeypatch.setattr(gathering, "gather", lambda _request, _design: gathered)
    request = factories.approved(people, Kind.MACRO)
    for job in Job.objects.filter(request=request, kind="build_tables", state=JobState.WAITING):
        jobs.run(job.pk)
    request.refresh_from_db()
    package = newest_package(request)
    assert request.status is State.DISCLOSURE_REVIEW, [job.error for job in request.jobs.all()]
    assert package is not None

    with zipfile.ZipFile(io.BytesIO(b"".join(files.read(package.file)))) as archive:
        (tmp_path / "table.csv").write_bytes(archive.read("qcew/table_1.csv"))
    rows = read_quarterly([tmp_path / "table.csv"])
    assert rows["status"].to_pylist().count("N") == package.withheld > 0
    assert {"50", "61", "64", "78"} <= set(rows["agglvl_code"].to_pylist())
    assert package.tables is not None
    shown = lay_out(json.loads(b"".join(files.read(package.tables)))[0], {})
    assert shown.row_heading == "Industry"
    assert shown.groups[0].rows[0].words.startswith("Total, all industries")
