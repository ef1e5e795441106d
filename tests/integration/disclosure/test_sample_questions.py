"""The three sample questions of the request instructions, from records to package, against Polars over the same files.

Retail wages before and after a shock; people licensed as nurses in one state who work in another; ten years of a
cohort. As the demonstration asks them, with its shock, over a smaller world.
"""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from django.db import connection
from pytest_django import Settings

from config.demo import questions
from config.demo import world as demo
from requests_app.models import DataRequest, Person
from requests_app.states import Kind, State
from tests import emptied, factories, match_office
from tests.sample_answers import (
    Table,
    World,
    check_nurses,
    check_records,
    check_retail,
    establishments_of,
    records_of,
    rows_of,
    with_industry,
)

STATES = ["10", "44"]
QUARTERS = sorted({20122, 20162, *demo.AROUND_THE_SHOCK})
SINCE = {20193: "Q+1", 20194: "Q+2", 20202: "Q+4"}  # quarters after the reference quarter
LICENSED_ONLY = 60  # on the roster, without a job anywhere


@pytest.fixture(scope="module")
def world(tmp_path_factory, django_db_setup, django_db_blocker) -> Iterator[World]:
    """Its wage records and its establishments, as the files have them, loaded once for this module."""
    folder = tmp_path_factory.mktemp("world")
    with django_db_blocker.unblock():
        made = match_office.load_world(folder, STATES, QUARTERS, persons=5_000, seed=5, dirt=0.0, shocks=demo.SHOCKS)
        with factories.behind_the_triggers(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM events.event")  # what the loads told; the cast of each test brings its own
        yield (
            pl.concat([records_of(file.path) for file in made.files if file.kind == "wage_records"]),
            pl.concat([establishments_of(file) for file in made.files if file.kind == "establishments"]),
        )
        emptied.empty()


def table_of(request: DataRequest, dimensions: int) -> Table:
    """The rows of a request's package by quarter and codes."""
    assert request.status is State.DISCLOSURE_REVIEW, [job.error for job in request.jobs.all() if job.error]
    return rows_of(match_office.tables_of(request)["tables/table_1.csv"].decode(), dimensions)


@pytest.fixture(autouse=True)
def keys(tmp_path: Path, settings: Settings) -> None:
    settings.KEY_ROOT = tmp_path


@pytest.mark.django_db
def test_retail_wages_before_and_after_the_shock(
    world: World, people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(factories, "DESIGN", questions.RETAIL.design)
    quarters = list(questions.RETAIL.quarters)
    request = match_office.do_jobs(factories.approved(people, Kind.MACRO, states=STATES, quarters=quarters))
    table = table_of(request, 3)
    assert check_retail(table, world) >= 40
    jobs = {quarter: int(table[str(quarter), "TOTAL", "44-45"]["jobs"]) for quarter in quarters}
    assert jobs[20202] < 0.85 * jobs[20192]  # the shock
    assert jobs[20212] > 0.9 * jobs[20192]  # and its end


@pytest.mark.django_db
def test_nurses_of_one_state_who_work_in_another(
    world: World, people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(factories, "COHORT_DESIGN", questions.NURSES.design)
    quarters = list(questions.NURSES.quarters)
    found = with_industry(world).filter(pl.col("q") == quarters[0], pl.col("naics").str.starts_with("62"))
    here = found.filter(pl.col("state") == "44")["ssn"].unique().sort().to_list()
    there = found.filter(pl.col("state") == "10")["ssn"].unique().sort().to_list()
    roster = sorted({*here, *there[:60], *(f"99949{number:04d}" for number in range(LICENSED_ONLY))})
    rows = [(f"{number:05d}", ssn) for number, ssn in enumerate(roster)]
    files = {("Nurses", quarter): rows for quarter in quarters}
    request = match_office.do_jobs(match_office.matching(people, files, states=STATES, kind=Kind.MICRO_TO_MACRO))
    assert check_nurses(table_of(request, 4), world[0], roster, SINCE, "Nurses") >= 12


@pytest.mark.django_db
def test_ten_years_of_a_cohort(world: World, people: dict[str, Person]) -> None:
    roster = world[0].filter(pl.col("q") == 20122)["ssn"].unique().sort().gather_every(9).to_list()
    rows = [(f"{number:05d}", ssn) for number, ssn in enumerate(roster)]
    request = match_office.do_jobs(
        match_office.matching(people, {("Trainees", quarter): rows for quarter in QUARTERS}, states=STATES)
    )
    assert request.status is State.READY_FOR_RELEASE, [job.error for job in request.jobs.all() if job.error]
    text = match_office.tables_of(request)["wage_records.csv"]
    assert check_records(text, world[0], {ssn: id_ for id_, ssn in rows}) > 1000
