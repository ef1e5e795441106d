"""The three sample questions answered by Polars from the load files alone: what a package must say, to the unit."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from config.demo import questions
from tests.integration.matching.test_store import read_file

RETAIL, NURSES = questions.RETAIL.design["measures"], questions.NURSES.design["measures"]
World = tuple[pl.DataFrame, pl.DataFrame]  # wage records, establishments
Table = dict[tuple[str, ...], dict[str, str]]


def records_of(path: Path) -> pl.DataFrame:
    """The wage records of a file."""
    frame = read_file(path)
    return frame.select("ssn", "state", "uin", "wage", q=pl.col("year") * 10 + pl.col("quarter"))


def establishments_of(file: Any) -> pl.DataFrame:
    """The establishments of a file of the world, with what decides on an account's industry."""
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
    """To the next whole number."""
    return int(value + 0.5)


def rows_of(text: str, dimensions: int) -> Table:
    """The rows of a tidy table by quarter and codes."""
    rows = list(csv.reader(io.StringIO(text)))
    return {tuple(row[:dimensions]): dict(zip(rows[0][dimensions:], row[dimensions:], strict=True)) for row in rows[1:]}


def check_retail(table: Table, world: World) -> int:
    """Every published cell of retail wages says what the records say; how many cells were compared."""
    retail, compared = with_industry(world).filter(pl.col("naics").str.contains("^4[45]")), 0
    for (quarter, area, industry), row in table.items():
        if row["disclosure_code"] == "N":
            assert {row[name] for name in RETAIL} == {""}
            continue
        codes = ["44", "45"] if industry == "44-45" else [industry]
        mine = retail.filter(
            pl.col("q") == int(quarter),
            pl.lit(area == "TOTAL") | (pl.col("state") == area[:2]),
            pl.col("naics").str.slice(0, len(codes[0])).is_in(codes),
        )["wage"]
        assert (row["jobs"], row["wages"]) == (str(len(mine)), str(mine.sum())), (quarter, area, industry)
        assert row["mean_wages"] == (str(half_up(mine.sum() / len(mine))) if len(mine) else "")
        if row["median_wages"]:  # published medians are rounded
            assert abs(int(row["median_wages"]) - mine.quantile(0.5, "linear")) <= 5.5  # type: ignore[operator]
        compared += 1
    return compared


def check_nurses(table: Table, records: pl.DataFrame, roster: Sequence[str], since: dict[int, str], cohort: str) -> int:
    """Every published cell of people followed, by state and tenure; how many cells were compared."""
    quarters = list(questions.NURSES.quarters)
    theirs = records.filter(pl.col("ssn").is_in(roster), pl.col("q").is_in(quarters))
    jobs = theirs.group_by("ssn", "state", "uin", "q").agg(pl.col("wage").sum())
    main = jobs.sort("wage", "state", "uin", descending=[True, False, False]).group_by("ssn", "q").first()
    paid = jobs.group_by("ssn", "q").agg(earned=pl.col("wage").sum())
    outcome = main.join(tenures(jobs, quarters), on=["ssn", "state", "uin", "q"]).join(paid, on=["ssn", "q"])
    return sum(
        same_outcome(table, outcome.filter(pl.col("q") == quarter), (name, cohort), len(roster), (state, tenure))
        for quarter, name in since.items()
        for state in ("TOTAL", "10", "44", "NONE")
        for tenure in ("TOTAL", "1", "2-3", "4-7", "NONE")
    )


def check_records(text: bytes, records: pl.DataFrame, ids: dict[str, str]) -> int:
    """A micro package has exactly the records of the people, under their temporary IDs; how many there are."""
    package = pl.read_csv(text, infer_schema=False)
    ours = package.select(
        "Temporary ID", "State FIPS Code", "Reference Year", "Reference Quarter",
        pl.col("Unemployment Insurance Number (UIN)"), pl.col("Quarterly Wages"),
    ).rows()  # fmt: skip
    expected = (
        records.join(pl.DataFrame({"ssn": list(ids), "id": list(ids.values())}), on="ssn")
        .select("id", "state", (pl.col("q") // 10).cast(pl.String), (pl.col("q") % 10).cast(pl.String).alias("quarter"),
                "uin", pl.col("wage").cast(pl.String)).rows()
    )  # fmt: skip
    assert sorted(ours) == sorted(expected)
    return len(expected)


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


def same_outcome(table: Table, outcome: pl.DataFrame, of: tuple[str, str], people: int, cell: tuple[str, str]) -> bool:
    """Whether the cell is published; where it is, it says what the records say, to the unit."""
    state, tenure = cell
    row = table.get((*of, state, tenure))
    if row is None or row["disclosure_code"] == "N":
        assert row is None or {row[name] for name in NURSES} == {""}
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
