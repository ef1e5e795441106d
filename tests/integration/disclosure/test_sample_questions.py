"""The three sample questions of the request instructions, from records to package, against Polars over the same files.

Retail wages before and after a shock; people licensed as nurses in one state who work in another; ten years of a
cohort. A small world whose retail loses four jobs in ten from the second quarter of 2020 on.
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

from matching.core.world import Shock
from requests_app.models import DataRequest, Person
from requests_app.states import Kind, State
from tests import factories, match_office, wage_store
from tests.integration.matching.test_store import read_file

STATES = ["10", "44"]
YEARS = [20122, 20152, 20182, 20192, 20202, 20212]
SHOCK = Shock("44", 20202, jobs=-0.4)
SINCE = {20192: "Q+4", 20202: "Q+8", 20212: "Q+12"}  # quarters after the reference quarter
LICENSED_ONLY = 60  # on the roster, without a job anywhere
RETAIL = {
    "source": "wage_records", "dimensions": ["area", "industry"], "area_level": "state", "industry_level": 3,
    "industries": ["44-45"], "measures": ["jobs", "wages", "mean_wages", "median_wages"],
}  # fmt: skip
NURSES = {
    "source": "wage_records", "dimensions": ["cohort", "state"], "time": "since", "after": ["4", "8", "12"],
    "measures": ["persons", "employed_share", "earnings", "median_earnings"],
}  # fmt: skip
World = tuple[pl.DataFrame, pl.DataFrame]
Table = dict[tuple[str, ...], dict[str, str]]


@pytest.fixture(scope="module")
def world(tmp_path_factory, django_db_setup, django_db_blocker) -> Iterator[World]:
    """Its wage records and its establishments, as the files have them, loaded once for this module."""
    folder = tmp_path_factory.mktemp("world")
    with django_db_blocker.unblock():
        made = match_office.load_world(folder, STATES, YEARS, persons=5_000, seed=5, dirt=0.0, shocks=[SHOCK])
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
    request = match_office.do_jobs(factories.approved(people, Kind.MACRO, states=STATES, quarters=YEARS[3:]))
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
    assert compared >= 9
    jobs = [int(table[str(quarter), "TOTAL", "44-45"]["jobs"]) for quarter in YEARS[3:]]
    assert jobs[1] < 0.8 * jobs[0]  # the shock


@pytest.mark.django_db
def test_nurses_of_one_state_who_work_in_another(
    world: World, people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(factories, "COHORT_DESIGN", NURSES)
    found = with_industry(world).filter(pl.col("q") == 20182, pl.col("naics").str.starts_with("62"))
    roster = found.filter(pl.col("state") == "44")["ssn"].unique().sort().to_list()
    roster += [f"99949{number:04d}" for number in range(LICENSED_ONLY)]
    rows = [(f"{number:05d}", ssn) for number, ssn in enumerate(roster)]
    files = {("Nurses", quarter): rows for quarter in (20182, *SINCE)}
    request = match_office.do_jobs(match_office.matching(people, files, states=STATES, kind=Kind.MICRO_TO_MACRO))
    assert request.status is State.DISCLOSURE_REVIEW, [job.error for job in request.jobs.all() if job.error]
    table = table_of(request, 3)
    jobs = world[0].filter(pl.col("ssn").is_in(roster)).group_by("ssn", "state", "uin", "q").agg(pl.col("wage").sum())
    main = jobs.sort("wage", "state", "uin", descending=[True, False, False]).group_by("ssn", "q").first()
    compared = 0
    for quarter, since in SINCE.items():
        here = main.filter(pl.col("q") == quarter)
        paid = jobs.filter(pl.col("q") == quarter).group_by("ssn").agg(pl.col("wage").sum())
        whole = table[since, "Nurses", "TOTAL"]
        assert (whole["disclosure_code"] == "N") == (whole["persons"] == "")
        if whole["disclosure_code"] == "N":
            continue
        assert (whole["persons"], whole["earnings"]) == (str(len(roster)), str(paid["wage"].sum()))
        assert float(whole["employed_share"]) == half_up(1000 * len(here) / len(roster)) / 10
        assert abs(int(whole["median_earnings"]) - paid["wage"].quantile(0.5, "linear")) <= 5.5  # type: ignore[operator]
        for state in STATES:
            row = table[since, "Nurses", state]
            if row["disclosure_code"] == "":
                compared += 1
                assert row["persons"] == str(here.filter(pl.col("state") == state).height)
    assert compared > 0


@pytest.mark.django_db
def test_ten_years_of_a_cohort(world: World, people: dict[str, Person]) -> None:
    roster = world[0].filter(pl.col("q") == 20122)["ssn"].unique().sort().gather_every(9).to_list()
    rows = [(f"{number:05d}", ssn) for number, ssn in enumerate(roster)]
    request = match_office.do_jobs(
        match_office.matching(people, {("Trainees", quarter): rows for quarter in YEARS}, states=STATES)
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
