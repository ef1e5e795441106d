"""The three sample questions of the request instructions, from records to package, against Polars over the same files.

Retail wages before and after a shock; people licensed as nurses in one state who work in another; ten years of a
cohort. As the demonstration asks them, with its shock, over a smaller world.
"""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.db import connection
from pytest_django import Settings

from config.demo import questions
from config.demo import world as demo
from requests_app.models import DataRequest, Person
from requests_app.states import Kind, State
from tests import factories, match_office, wage_store
from tests.integration.matching.test_store import read_file

STATES = ["10", "44"]
QUARTERS = sorted({20122, 20162, *demo.AROUND_THE_SHOCK})
SINCE = {20193: "Q+1", 20194: "Q+2", 20202: "Q+4"}  # quarters after the reference quarter
LICENSED_ONLY = 60  # on the roster, without a job anywhere
RETAIL, NURSES = questions.RETAIL.design, questions.NURSES.design
World = tuple[pl.DataFrame, pl.DataFrame]
Table = dict[tuple[str, ...], dict[str, str]]


@pytest.fixture(scope="module")
def world(tmp_path_factory, django_db_setup, django_db_blocker) -> Iterator[World]:
    """Its wage records and its establishments, as the files have them, loaded once for this module."""
    folder = tmp_path_factory.mktemp("world")
    with django_db_blocker.unblock():
        made = match_office.load_world(folder, STATES, QUARTERS, persons=5_000, seed=5, dirt=0.0, shocks=demo.SHOCKS)
        with factories.behind_the_triggers(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM events.event")  # what the loads told; the cast of each test brings its own
        yield (
            pl.concat([_records(file.path) for file in made.files if file.kind == "wage_records"]),
            pl.concat([_establishments(file) for file in made.files if file.kind == "establishments"]),
        )
        wage_store.empty()


def _records(path: Path) -> pl.DataFrame:
    frame = read_file(path)
    return frame.select("ssn", "state", "uin", "wage", q=pl.col("year") * 10 + pl.col("quarter"))


def _establishments(file: Any) -> pl.DataFrame:
    frame = pl.read_csv(file.path, infer_schema=False)
    months = pl.sum_horizontal(pl.col(f"month{number}").cast(pl.Int64) for number in (1, 2, 3))
    return frame.filter(pl.col("meei") != "2").select(
        "uin", "naics", months=months, total=pl.col("total_wages").cast(pl.Int64), state=pl.lit(file.state_fips),
        q=pl.lit(file.quarter).cast(pl.Int64),
    )  # fmt: skip


def with_industry(world: World) -> pl.DataFrame:
    """Every record with its account's dominant NAICS: most employment, then most wages, then the lowest code."""
    by_code = world[1].group_by("state", "q", "uin", "naics").agg(pl.col("months", "total").sum())
    order = by_code.sort("months", "total", "naics", descending=[True, True, False])
    dominant = order.group_by("state", "q", "uin", maintain_order=True).first().select("state", "q", "uin", "naics")
    return world[0].join(dominant, on=["state", "q", "uin"])


def half_up(value: float) -> int:
    return int(value + 0.5)


def table_of(request: DataRequest, dimensions: int) -> Table:
    """The rows of a request's package by quarter and codes."""
    text = match_office.tables_of(request)["tables/table_1.csv"].decode()
    rows = list(csv.reader(io.StringIO(text)))
    return {tuple(row[:dimensions]): dict(zip(rows[0][dimensions:], row[dimensions:], strict=True)) for row in rows[1:]}


@pytest.fixture(autouse=True)
def keys(tmp_path: Path, settings: Settings) -> None:
    settings.KEY_ROOT = tmp_path


@pytest.mark.django_db
def test_retail_wages_before_and_after_the_shock(
    world: World, people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(factories, "DESIGN", RETAIL)
    request = match_office.do_jobs(
        factories.approved(people, Kind.MACRO, states=STATES, quarters=list(questions.RETAIL.quarters))
    )
    assert request.status is State.DISCLOSURE_REVIEW, [job.error for job in request.jobs.all() if job.error]
    table = table_of(request, 3)
    retail = with_industry(world).filter(pl.col("naics").str.contains("^4[45]"))
    compared = 0
    for (quarter, area, industry), row in table.items():
        codes = ["44", "45"] if industry == "44-45" else [industry]
        mine = retail.filter(
            pl.col("q") == int(quarter),
            pl.col("state").is_in(STATES if area == "TOTAL" else [area[:2]]),
            pl.col("naics").str.slice(0, len(codes[0])).is_in(codes),
        )["wage"]
        if row["disclosure_code"] == "N":
            assert {row[name] for name in RETAIL["measures"]} == {""}
            continue
        assert (row["jobs"], row["wages"]) == (str(len(mine)), str(mine.sum()))
        assert row["mean_wages"] == (str(half_up(mine.sum() / len(mine))) if len(mine) else "")
        if row["median_wages"]:
            assert abs(int(row["median_wages"]) - mine.quantile(0.5, "linear")) <= 5.5  # type: ignore[operator]
        compared += 1
    assert compared >= 40
    jobs = {quarter: int(table[str(quarter), "TOTAL", "44-45"]["jobs"]) for quarter in questions.RETAIL.quarters}
    assert jobs[20202] < 0.85 * jobs[20192]  # the shock
    assert jobs[20212] > 0.9 * jobs[20192]  # and its end


def tenures(jobs: pl.DataFrame, quarters: list[int]) -> pl.DataFrame:
    """For every job and quarter, how many quarters without a gap it has lasted, in the table's classes."""
    place = {quarter: number for number, quarter in enumerate(quarters)}
    held = jobs.select("ssn", "state", "uin", pl.col("q").replace_strict(place).alias("n")).unique()
    lasted = held.with_columns(lasted=pl.lit(1), unbroken=pl.lit(value=True))
    for back in range(1, len(quarters)):
        before = held.with_columns(pl.col("n") + back, there=pl.lit(value=True))
        lasted = lasted.join(before, on=["ssn", "state", "uin", "n"], how="left").with_columns(
            unbroken=pl.col("unbroken") & pl.col("there").fill_null(value=False)
        )
        lasted = lasted.with_columns(lasted=pl.col("lasted") + pl.col("unbroken").cast(pl.Int32)).drop("there")
    named = pl.when(pl.col("lasted") == 1).then(pl.lit("1")).when(pl.col("lasted") < 4).then(pl.lit("2-3"))
    classes = named.when(pl.col("lasted") < 8).then(pl.lit("4-7")).otherwise(pl.lit("8+"))
    back_again = {number: quarter for quarter, number in place.items()}
    return lasted.select("ssn", "state", "uin", pl.col("n").replace_strict(back_again).alias("q"), tenure=classes)


@pytest.mark.django_db
def test_nurses_of_one_state_who_work_in_another(
    world: World, people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(factories, "COHORT_DESIGN", NURSES)
    quarters = list(questions.NURSES.quarters)
    found = with_industry(world).filter(pl.col("q") == quarters[0], pl.col("naics").str.starts_with("62"))
    here = found.filter(pl.col("state") == "44")["ssn"].unique().sort().to_list()
    there = found.filter(pl.col("state") == "10")["ssn"].unique().sort().to_list()
    roster = sorted({*here, *there[:60], *(f"99949{number:04d}" for number in range(LICENSED_ONLY))})
    rows = [(f"{number:05d}", ssn) for number, ssn in enumerate(roster)]
    files = {("Nurses", quarter): rows for quarter in quarters}
    request = match_office.do_jobs(match_office.matching(people, files, states=STATES, kind=Kind.MICRO_TO_MACRO))
    assert request.status is State.DISCLOSURE_REVIEW, [job.error for job in request.jobs.all() if job.error]
    table = table_of(request, 4)
    theirs = world[0].filter(pl.col("ssn").is_in(roster), pl.col("q").is_in(quarters))
    jobs = theirs.group_by("ssn", "state", "uin", "q").agg(pl.col("wage").sum())
    main = jobs.sort("wage", "state", "uin", descending=[True, False, False]).group_by("ssn", "q").first()
    paid = jobs.group_by("ssn", "q").agg(earned=pl.col("wage").sum())
    outcome = main.join(tenures(jobs, quarters), on=["ssn", "state", "uin", "q"]).join(paid, on=["ssn", "q"])
    compared = [
        same_outcome(table, outcome.filter(pl.col("q") == quarter), since, len(roster), state, tenure)
        for quarter, since in SINCE.items()
        for state in ("TOTAL", *STATES, "NONE")
        for tenure in ("TOTAL", "1", "2-3", "4-7", "NONE")
    ]
    assert sum(compared) >= 12


def same_outcome(table: Table, outcome: pl.DataFrame, since: str, people: int, state: str, tenure: str) -> bool:
    """Whether the cell is published; where it is, it says what the records say, to the unit."""
    row = table.get((since, "Nurses", state, tenure))
    if row is None or row["disclosure_code"] == "N":
        assert row is None or {row[name] for name in NURSES["measures"]} == {""}
        return False
    nobody, everybody = "NONE" in (state, tenure), (state, tenure) == ("TOTAL", "TOTAL")
    mine = outcome.filter(
        pl.lit(value=not nobody),
        pl.lit(state == "TOTAL") | (pl.col("state") == state),
        pl.lit(tenure == "TOTAL") | (pl.col("tenure") == tenure),
    )
    expected = people if everybody else people - outcome.height if nobody else mine.height
    assert (row["persons"], row["earnings"]) == (str(expected), str(mine["earned"].sum()))
    if row["median_earnings"]:  # published medians are rounded
        assert abs(int(row["median_earnings"]) - mine["earned"].quantile(0.5, "linear")) <= 5.5  # type: ignore[operator]
    return True


@pytest.mark.django_db
def test_ten_years_of_a_cohort(world: World, people: dict[str, Person]) -> None:
    roster = world[0].filter(pl.col("q") == 20122)["ssn"].unique().sort().gather_every(9).to_list()
    rows = [(f"{number:05d}", ssn) for number, ssn in enumerate(roster)]
    request = match_office.do_jobs(
        match_office.matching(people, {("Trainees", quarter): rows for quarter in QUARTERS}, states=STATES)
    )
    assert request.status is State.READY_FOR_RELEASE, [job.error for job in request.jobs.all() if job.error]
    text = match_office.tables_of(request)["wage_records.csv"]
    package = pl.read_csv(text, infer_schema=False)
    ours = package.select(
        "Temporary ID", "State FIPS Code", "Reference Year", "Reference Quarter",
        pl.col("Unemployment Insurance Number (UIN)"), pl.col("Quarterly Wages"),
    ).rows()  # fmt: skip
    expected = (
        world[0].join(pl.DataFrame({"id": [id_ for id_, _ in rows], "ssn": roster}), on="ssn")
        .select("id", "state", (pl.col("q") // 10).cast(pl.String), (pl.col("q") % 10).cast(pl.String).alias("quarter"),
                "uin", pl.col("wage").cast(pl.String)).rows()
    )  # fmt: skip
    assert sorted(ours) == sorted(expected)
    assert len(expected) > 1000
