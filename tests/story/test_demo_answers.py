"""The demonstration itself: its packages say of the three sample questions what its own load files say, to the unit."""

import json
import os
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from config import launch
from config.demo import questions, world
from config.embedded import find_place
from matching.core.world import keep_employers, write_files
from tests import sample_answers, sites

pytestmark = pytest.mark.skipif(not os.environ.get("WR_LONG"), reason="one of the big counts: ./run test --long")
SINCE = {20193: "Q+1", 20194: "Q+2", 20202: "Q+4"}


@pytest.fixture(scope="module")
def packages(site: dict[str, str]) -> Iterator[list[zipfile.ZipFile]]:
    """The three packages as the coordinator received them."""
    sites.manage(["prepare_demo", "--years"], site)
    with find_place().scratch() as folder:
        report = Path(folder) / "report.json"
        command = launch.management_command(["play_requests", str(folder), str(report), "--years"])
        done = subprocess.run(command, env=launch.environment("web", site), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        yield [zipfile.ZipFile(one["package"]) for one in json.loads(report.read_text())]


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> sample_answers.World:
    """The files of the demonstration's world, written once more."""
    quarters = sorted({*world.YEARS, *world.AROUND_THE_SHOCK} - {*world.QUARTERS})
    found = []
    for name, some in (("2016", list(world.QUARTERS)), ("years", quarters)):
        made = write_files(tmp_path_factory.mktemp(name), world.world(), some)
        if name == "years":
            keep_employers(made.files)
        found += made.files
    return (
        pl.concat([sample_answers.records_of(file.path) for file in found if file.kind == "wage_records"]),
        pl.concat([sample_answers.establishments_of(file) for file in found if file.kind == "establishments"]),
    )


def test_retail(packages: list[zipfile.ZipFile], records: sample_answers.World) -> None:
    table = sample_answers.rows_of(packages[0].read("tables/table_1.csv").decode(), 3)
    assert sample_answers.check_retail(table, records) > 200
    jobs = [int(table[str(quarter), "TOTAL", "44-45"]["jobs"]) for quarter in (20192, 20202, 20212)]
    assert jobs[1] < 0.8 * jobs[0] < 0.9 * jobs[2]


def test_nurses(packages: list[zipfile.ZipFile], records: sample_answers.World) -> None:
    ((name, cohort),) = questions.NURSES.cohorts().items()
    table = sample_answers.rows_of(packages[1].read("tables/table_1.csv").decode(), 4)
    assert sample_answers.check_nurses(table, records[0], cohort.ssn, SINCE, name) > 30


def test_ten_years(packages: list[zipfile.ZipFile], records: sample_answers.World) -> None:
    (cohort,) = questions.SNAP.cohorts().values()
    of_years = records[0].filter(pl.col("q").is_in(world.YEARS))
    ids = dict(zip(cohort.ssn, cohort.ids, strict=True))
    assert sample_answers.check_records(packages[2].read("wage_records.csv"), of_years, ids) > 5000
