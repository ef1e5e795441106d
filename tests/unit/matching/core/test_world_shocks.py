"""Shocks: what was known beforehand is found again in the files, and nothing else changes."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from matching.core.load_files.wage_layouts import WageRecordReader
from matching.core.ssn import SsnWorld, refuse_reason
from matching.core.world import Shock, ShockError, World, build_world, people, read_shock, shock_facts, write_files
from matching.core.world.jobs import job_chunks

QCEW = Path(__file__).parents[4] / "data" / "qcew_2016"
QUARTERS = (20162, 20163, 20172)
LOST = Shock("722", first=20163, jobs=-0.4)
GAINED = Shock("2382", first=20163, last=20164, jobs=0.3, pay=0.1, state="44")
CODES = dict.fromkeys(("uin", "run", "naics", "meei", "county_fips", "ownership", "state_fips"), pl.String)


def make(*shocks: Shock, persons: int = 60_000) -> World:
    return build_world(states=["44", "10"], persons=persons, seed=5, qcew_dir=QCEW, shocks=shocks)


@pytest.fixture(scope="module")
def struck() -> World:
    return make(LOST, GAINED)


@pytest.fixture(scope="module")
def folder(struck: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("struck")
    write_files(folder, struck, QUARTERS, layout="mixed", dirt=0.01)
    return folder


@pytest.fixture(scope="module")
def facts(struck: World) -> list[dict[str, Any]]:
    return list(shock_facts(struck, QUARTERS, dirt=0.01)["shocks"])


def units(folder: Path, state: str, quarter: int) -> pl.DataFrame:
    """Establishments of a file, masters apart."""
    path = folder / f"establishments_{state}_{quarter}.csv"
    return pl.read_csv(path, schema_overrides=CODES).filter(pl.col("meei") != "2")


def records(folder: Path, state: str, quarter: int) -> pl.DataFrame:
    """Wage records of a file as the loader's own reader reads them."""
    path = next(folder.glob(f"wage_records_{state}_{quarter}.*"))
    batches = list(WageRecordReader(path))
    return pl.DataFrame({
        "uin": np.concatenate([batch.uin for batch in batches]).astype(str),
        "wages": np.concatenate([batch.wages for batch in batches]).astype(np.int64),
    })  # fmt: skip


def found_in(folder: Path, state: str, quarter: int, naics: str) -> dict[str, int]:
    """The same figures as the facts, from nothing but the files."""
    industry = units(folder, state, quarter).filter(pl.col("naics").str.starts_with(naics))
    single = industry.filter(pl.col("run") == "00000")["uin"]
    paid = records(folder, state, quarter).filter(pl.col("uin").is_in(single.implode()))
    sums = {name: int(industry[name].sum()) for name in ("month1", "month2", "month3", "total_wages")}
    return {
        "establishments": industry.height,
        **sums,
        "single_unit_wage_records": paid.height,
        "single_unit_wages_paid": int(paid["wages"].sum()),
    }


def test_facts_are_found_again_in_the_files(facts: list[dict[str, Any]], folder: Path) -> None:
    compared = 0
    for shock in facts:
        for row in shock["quarters"]:
            found = found_in(folder, row["state"], row["quarter"], shock["naics"])
            assert found == {name: row["with_shocks"][name] for name in found}
            compared += 1
    assert compared == 3 * 2 + 3


def numbers(folder: Path, quarter: int) -> pl.DataFrame:
    """Possible numbers, accounts and wages of a quarter's records, both states."""
    tables = []
    for state in ("10", "44"):
        batches = list(WageRecordReader(next(folder.glob(f"wage_records_{state}_{quarter}.*"))))
        columns = {name: np.concatenate([getattr(batch, name) for batch in batches]) for name in ("ssn", "wages")}
        uin = np.concatenate([batch.uin for batch in batches]).astype(str)
        tables.append(pl.DataFrame({"state": state, "uin": uin, **columns}))
    found = pl.concat(tables)
    return found.filter(pl.Series(refuse_reason(found["ssn"].to_numpy(), SsnWorld.SPECIMEN) == 0))


def test_people_followed_are_found_again_in_the_files(facts: list[dict[str, Any]], folder: Path) -> None:
    lost = facts[0]["people"]
    accounts = pl.concat([
        units(folder, state, 20162).select("uin", "run", "naics", pl.col("state_fips").alias("state"))
        for state in ("10", "44")
    ])  # fmt: skip
    fed = accounts.filter(pl.col("naics").str.starts_with("722"), pl.col("run") == "00000")
    first = numbers(folder, lost["quarter_before"])
    cohort = first.join(fed, on=["state", "uin"], how="semi").select("ssn").unique()

    assert cohort.height == lost["persons"] > 1_000
    for row in lost["quarters"]:
        later = numbers(folder, row["quarter"]).join(cohort, on="ssn", how="semi")
        assert row["with_shocks"] == {"with_a_record": later["ssn"].n_unique(), "wages": later["wages"].sum()}
    before, during, _ = lost["quarters"]
    assert before["with_shocks"] == before["without_shocks"]
    assert before["with_shocks"]["with_a_record"] == lost["persons"]
    assert during["with_shocks"]["with_a_record"] < 0.75 * during["without_shocks"]["with_a_record"]


def test_a_shock_takes_the_share_it_names(facts: list[dict[str, Any]]) -> None:
    lost, gained = ({row["quarter"]: row for row in shock["quarters"]} for shock in facts)

    def change(row: dict[str, Any], name: str) -> float:
        return float(row["with_shocks"][name] / row["without_shocks"][name] - 1)

    assert [row["on"] for row in lost.values()] == [False, True, True]
    assert [row["on"] for row in gained.values()] == [False, True, False]
    for row in (lost[20163], lost[20172]):
        assert change(row, "month3") == pytest.approx(-0.4, abs=0.01)
        assert change(row, "total_wages") == pytest.approx(-0.4, abs=0.01)
        assert change(row, "wage_records") == pytest.approx(-0.4, abs=0.04)
    assert change(gained[20163], "month2") == pytest.approx(0.3, abs=0.02)
    assert change(gained[20163], "total_wages") == pytest.approx(0.43, abs=0.03)
    assert change(gained[20163], "wage_records") == pytest.approx(0.3, abs=0.08)
    for row in (lost[20162], gained[20162], gained[20172]):
        assert row["with_shocks"] == row["without_shocks"]


def test_a_shock_changes_nothing_else(struck: World, folder: Path, tmp_path: Path) -> None:
    write_files(tmp_path, make(), QUARTERS, layout="mixed", dirt=0.01)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir() if "20162" in path.name}

    assert before == {path.name: path.read_bytes() for path in folder.iterdir() if "20162" in path.name}
    spared = ~pl.col("naics").str.contains("^(722|2382)")
    for state in ("10", "44"):
        quiet, after = (units(place, state, 20163).filter(spared) for place in (tmp_path, folder))
        assert quiet.equals(after)


def test_people_lose_and_find_their_jobs(struck: World) -> None:
    everyone, quiet = (people(world, 20163, np.arange(struck.persons)) for world in (struck, make()))
    fed = np.char.startswith(quiet.naics, "722")
    built = everyone.employed & ~quiet.employed

    assert 0.35 < (fed & ~everyone.employed).sum() / fed.sum() < 0.45
    assert not (quiet.employed & ~everyone.employed & ~fed).any()
    assert np.char.startswith(everyone.naics[built], "2382").all()
    assert set(everyone.state[built]) == {"44"}
    jobs = list(job_chunks(struck, struck.state("44"), 20163, 4_096))
    assert np.isin(everyone.person[built], np.concatenate([chunk.person for chunk in jobs])).all()
    assert built.sum() > 50


def test_an_industry_that_loses_all_its_jobs_closes() -> None:
    world = make(Shock("7211", first=20162, jobs=-1.0, state="44"), persons=5_000)
    roster = world.state("44").roster
    hotels = np.char.startswith(roster.naics, "7211")

    quiet, after = world.state("44").without_shocks().establishments(20162), world.state("44").establishments(20162)
    at_work = hotels & quiet.values.any(axis=1)

    assert at_work.sum() > 50
    assert not after.values[hotels].any()
    assert not after.present[at_work].any()
    assert np.array_equal(after.present[~at_work], quiet.present[~at_work])


def test_read_shock_reads_every_field() -> None:
    read = read_shock("naics=2382, from=20163, to=20164, jobs=0.3, pay=0.1, state=44")

    assert read == GAINED
    assert read_shock("naics=62,from=20161,pay=-.1,county=44007").county == "44007"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("naics=722", "naics and from are needed"),
        ("naics=722,from=20161,jobs=-.4,size=3", "size"),
        ("naics=722,from=2016,jobs=-.4", "YYYYQ"),
        ("naics=722,from=20165,jobs=-.4", "YYYYQ"),
        ("naics=722,from=20163,to=20161,jobs=-.4", "ends"),
        ("naics=x,from=20161,jobs=-.4", "NAICS"),
        ("naics=722,from=20161", "changes jobs"),
        ("naics=722,from=20161,jobs=-1.5", "changes jobs"),
        ("naics=722,from=soon,jobs=-.4", "not a number"),
    ],
)
def test_shocks_that_mean_nothing_are_refused(text: str, message: str) -> None:
    with pytest.raises(ShockError, match=message):
        read_shock(text)


@pytest.mark.parametrize(
    ("shock", "message"),
    [
        (Shock("722", first=20161, jobs=-0.4, state="06"), "strikes nothing"),
        (Shock("62", first=20161, jobs=3.0), "people there are without work"),
    ],
)
def test_shocks_the_world_cannot_take_are_refused(shock: Shock, message: str) -> None:
    with pytest.raises(ShockError, match=message):
        make(shock, persons=5_000)
