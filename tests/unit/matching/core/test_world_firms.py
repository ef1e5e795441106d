"""Firms come and go, are sold, and stand in several states, as the files show it; so do their people."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from matching.core.load_files.establishment_layout import EstablishmentReader
from matching.core.load_files.wage_layouts import WageRecordReader
from matching.core.world import write_world

QCEW = Path(__file__).parents[4] / "data" / "qcew_2016"
QUARTERS = (20164, 20171, 20172)
NOBODY, NO_ACCOUNT = "000000000", "0000000000"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("firms")
    write_world(
        folder, states=["44", "10"], quarters=QUARTERS, persons=250_000, seed=13, qcew_dir=QCEW, dirt=0.0
    )  # fmt: skip
    return folder


def units(folder: Path, quarter: int, state: str = "44") -> pl.DataFrame:
    """Establishments of a file, as the loader's own reader reads them, masters apart."""
    reader = EstablishmentReader(folder / f"establishments_{state}_{quarter}.csv")
    found = pl.concat([pl.DataFrame(pl.from_arrow(batch)) for batch in reader])
    assert reader.rejects.total == 0
    return found.filter(pl.col("meei").cast(pl.String) != "2").with_columns(
        pl.col("uin", "run", "ein", "predecessor_uin", "successor_uin").cast(pl.String)
    )


def workers(folder: Path, quarter: int, state: str = "44") -> pl.DataFrame:
    """Person and account of every wage record."""
    batches = list(WageRecordReader(folder / f"wage_records_{state}_{quarter}.csv"))
    ssn, uin = (np.concatenate([getattr(batch, name) for batch in batches]) for name in ("ssn", "uin"))
    return pl.DataFrame({"ssn": ssn, "uin": uin.astype(str)})


def single_private(table: pl.DataFrame) -> pl.DataFrame:
    return table.filter((pl.col("run") == "00000") & (pl.col("ownership").cast(pl.String) == "5"))


def test_firms_open_and_close_every_quarter(folder: Path) -> None:
    before, after = (single_private(units(folder, quarter)) for quarter in QUARTERS[1:])
    opened = after.join(before, on="uin", how="anti")
    closed = before.join(after, on="uin", how="anti")

    assert 0.01 < opened.height / after.height < 0.05
    assert 0.01 < closed.height / before.height < 0.05
    assert opened["ein"].is_in(before["ein"].implode()).mean() < 0.1
    assert len(set(after["uin"])) == after.height


def test_sales_are_linked_both_ways(folder: Path) -> None:
    before, after = (units(folder, quarter) for quarter in QUARTERS[1:])
    sold = before.filter(pl.col("successor_uin") != NO_ACCOUNT)
    bought = after.filter(pl.col("predecessor_uin") != NO_ACCOUNT)

    assert sold.height > 30
    assert sorted(sold["uin"]) == sorted(bought["predecessor_uin"])
    assert sorted(sold["successor_uin"]) == sorted(bought["uin"])
    assert not set(sold["uin"]) & set(after["uin"])
    linked = sold.join(bought, left_on="uin", right_on="predecessor_uin", suffix="_after")
    assert linked["naics"].equals(linked["naics_after"])
    assert linked["county_fips"].equals(linked["county_fips_after"])


def stayed_together(folder: Path, firms: pl.DataFrame) -> float:
    """Share of the people of these firms of 2017 Q1 who are all with one and the same account in Q2."""
    then, now = (workers(folder, quarter) for quarter in QUARTERS[1:])
    people = then.filter(pl.col("uin").is_in(firms["uin"].implode()))
    moved = people.join(now, on="ssn", suffix="_now").group_by("uin", "uin_now").len()
    return float(moved.group_by("uin").agg(pl.col("len").max())["len"].sum() / people.height)


def test_people_stay_when_a_firm_is_sold_and_part_when_it_closes(folder: Path) -> None:
    then, now = (workers(folder, quarter) for quarter in QUARTERS[1:])
    before, after = (units(folder, quarter) for quarter in QUARTERS[1:])
    gone = single_private(before).join(after, on="uin", how="anti")
    sold = gone.filter(pl.col("successor_uin") != NO_ACCOUNT)
    large = then.group_by("uin").len().filter(pl.col("len") >= 6)["uin"]
    closed = gone.filter((pl.col("successor_uin") == NO_ACCOUNT) & pl.col("uin").is_in(large.implode()))

    assert stayed_together(folder, sold) > 0.75
    assert closed.height > 10
    assert stayed_together(folder, closed) < 0.4
    known = set(now["uin"])
    assert not known & set(gone["uin"])


def test_enterprises_stand_in_several_states(folder: Path) -> None:
    here, there = (units(folder, 20164, state) for state in ("44", "10"))
    shared = (set(here["ein"]) & set(there["ein"])) - {NOBODY}
    employees = here.filter(pl.col("ein").is_in(list(shared)))["month3"].sum() / here["month3"].sum()

    assert len(shared) > 50
    assert 0.02 < employees < 0.4


def test_people_move_between_states_and_work_in_two(folder: Path) -> None:
    first = {state: set(workers(folder, 20164, state)["ssn"]) for state in ("44", "10")}
    last = {state: set(workers(folder, 20172, state)["ssn"]) for state in ("44", "10")}
    moved = (first["44"] - first["10"]) & (last["10"] - last["44"])

    assert 0.001 < len(moved) / len(first["44"]) < 0.05
    assert 0.001 < len(first["44"] & first["10"]) / len(first["44"]) < 0.05
