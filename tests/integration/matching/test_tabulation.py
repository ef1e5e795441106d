"""What tables are counted from, against Polars over the clear-text files of a small synthetic world of six quarters."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from django.db.models import Sum

from matching import store
from matching.core.tokens import tokens
from matching.models import Establishment
from matching.store import Followed
from matching.tabulation.people import FOUND_IN
from matching.vault.persons import ssn_key
from tests import emptied, match_office
from tests.integration.matching.test_store import read_file

STATES = ["10", "44"]
QUARTERS = [20161, 20162, 20163, 20164, 20171, 20172]
TEXT = dict.fromkeys(("ssn", "state", "uin", "run", "ein"), pl.String)
KEY = ("ssn", "state", "uin")


@pytest.fixture(scope="module")
def records(tmp_path_factory, django_db_setup, django_db_blocker) -> Iterator[pl.DataFrame]:
    """The world, loaded once for this module; its records of people who can be matched, as the files have them."""
    folder = tmp_path_factory.mktemp("world")
    with django_db_blocker.unblock():
        made = match_office.load_world(folder, STATES, QUARTERS, persons=2_500, seed=11, dirt=0.0)
        yield pl.concat([_read(file.path) for file in made.files if file.kind == "wage_records"])
        emptied.empty()


def _read(path: Path) -> pl.DataFrame:
    frame = read_file(path)
    return frame.select(*TEXT, (pl.col("year") * 10 + pl.col("quarter")).alias("quarter"), "wage")


def jobs(records: pl.DataFrame) -> pl.DataFrame:
    """One row per person, account and quarter, with the place of the quarter in the row."""
    place = {quarter: number for number, quarter in enumerate(QUARTERS)}
    return records.group_by(*KEY, "quarter").agg(pl.col("wage").sum(), pl.len().alias("records")).with_columns(
        t=pl.col("quarter").replace_strict(place).cast(pl.Int64)
    )  # fmt: skip


def held(jobs: pl.DataFrame, back: int) -> pl.Series:
    """Whether each job was held so many quarters before its row."""
    other = jobs.select(*KEY, (pl.col("t") + back).alias("t"), pl.lit(value=True).alias("was"))
    return jobs.join(other, on=[*KEY, "t"], how="left", maintain_order="left")["was"].fill_null(value=False)


@pytest.mark.django_db
def test_flows_of_the_universe_equal_the_reference(records: pl.DataFrame) -> None:
    table, values = store.job_contributions(STATES, QUARTERS, with_flows=True, with_values=True)
    found = pl.from_arrow(table).filter(pl.col("quarter") == 20171)
    assert isinstance(found, pl.DataFrame)
    frame = jobs(records)
    now, before, after = frame["quarter"] == 20171, held(frame, 1), held(frame, -1)
    earlier = held(frame, 2) | held(frame, 3) | held(frame, 4)
    expected = {
        "emp_total": now, "emp_beginning": now & before, "emp_end": now & after, "emp_full": now & before & after,
        "accessions": now & ~before, "recalls": now & ~before & earlier, "new_hires": now & ~before & ~earlier,
        "separations": now & ~after,
    }  # fmt: skip
    assert {name: found[name].sum() for name in expected} == {name: mask.sum() for name, mask in expected.items()}
    assert found["recalls"].sum() > 0
    assert found["full_quarter_wages"].sum() == frame.filter(now & before & after)["wage"].sum()
    assert values is not None
    assert values.wages.sum() == table["wages"].to_numpy().sum() == records["wage"].sum()


@pytest.mark.django_db
def test_flows_by_state_equal_the_reference(records: pl.DataFrame) -> None:
    table, _ = store.job_contributions(STATES, QUARTERS, with_flows=True, with_values=False)
    found = pl.from_arrow(table)
    assert isinstance(found, pl.DataFrame)
    for state in STATES:
        ours = found.filter((pl.col("quarter") == 20164) & (pl.col("state") == state))
        frame = jobs(records).filter(pl.col("state") == state)
        now = frame["quarter"] == 20164
        assert ours["separations"].sum() == (now & ~held(frame, -1)).sum()
    assert found.filter(pl.col("quarter") == 20161)["accessions"].null_count() > 0


@pytest.mark.django_db
def test_people_followed_name_every_state_with_a_record_of_them(records: pl.DataFrame) -> None:
    first = pl.col("quarter") == 20162
    of_person = jobs(records).filter(first).sort("wage", "state", "uin", descending=[True, False, False])
    both = of_person.group_by("ssn", maintain_order=True).agg(
        pl.col("state").unique(), pl.col("state").first().alias("main")
    )
    second = both.filter(pl.col("state").list.len() == 2)["ssn"].to_list()
    only = both.filter(pl.col("state").list.len() == 1, pl.col("main") == "44")["ssn"].to_list()
    assert second
    assert only
    for cohort, states in ((second[:1], b"10,44"), (only, b"44")):
        ids = store.resolve(tokens(np.array([int(ssn) for ssn in cohort], np.uint32), ssn_key()))
        (table,) = store.follow(ids, Followed("c", 20162, "44"), [20162], STATES, wanted=["employed", "earnings"])
        assert table.schema.metadata[FOUND_IN] == states
        assert {"employed", "earnings"} < set(table.column_names)
        assert not {"retained", "jobs"} & set(table.column_names)


@pytest.mark.django_db
def test_people_followed_equal_the_reference(records: pl.DataFrame) -> None:
    cohort = records["ssn"].unique().sort().gather_every(5).to_list() + [f"99949{number:04d}" for number in range(20)]
    ids = store.resolve(tokens(np.array([int(ssn) for ssn in cohort], np.uint32), ssn_key()))
    rows = pl.concat(
        [pl.from_arrow(table) for table in store.follow(ids, Followed("c", 20162, "44"), QUARTERS, STATES)]
    )
    assert isinstance(rows, pl.DataFrame)
    assert rows.height == len(cohort) * len(QUARTERS)
    last = rows.filter(pl.col("since") == 4)
    mine = jobs(records).filter(pl.col("ssn").is_in(cohort))
    main = mine.sort("wage", "state", "uin", descending=[True, False, False]).group_by("ssn", "quarter").first()
    now, then = (main.filter(pl.col("quarter") == quarter) for quarter in (20172, 20162))
    assert last["employed"].sum() == now.height
    assert last["earnings"].sum() == mine.filter(pl.col("quarter") == 20172)["wage"].sum()
    assert last["wages"].sum() == now["wage"].sum()
    assert last["in_same_state"].sum() == now.filter(pl.col("state") == "44").height
    stayed = then
    for quarter in QUARTERS[2:]:
        stayed = stayed.join(mine.filter(pl.col("quarter") == quarter).select(*KEY), on=list(KEY), how="semi")
    assert 0 < last["retained"].sum() == stayed.height
    assert rows["state"].null_count() == 0


@pytest.mark.django_db
def test_moves_equal_the_reference(records: pl.DataFrame) -> None:
    """Moves within 2016 Q4, by the definition, from one main job to another."""
    found = pl.from_arrow(store.main_job_moves(STATES, QUARTERS))
    assert isinstance(found, pl.DataFrame)
    frame = jobs(records)

    def beginning(quarter: int) -> pl.DataFrame:
        """The main job of each person at the beginning of a quarter."""
        place = QUARTERS.index(quarter)
        both = frame.filter(pl.col("t") == place).join(
            frame.filter(pl.col("t") == place - 1).select(*KEY, before="wage"), on=list(KEY)
        )
        both = both.with_columns(together=pl.col("wage") + pl.col("before"))
        return both.sort("together", "state", "uin", descending=[True, False, False]).group_by("ssn").first()

    old, new = beginning(20164), beginning(20171)
    old = old.join(frame.filter(pl.col("quarter") == 20171), on=list(KEY), how="anti")
    new = new.join(frame.filter(pl.col("quarter") == 20163), on=list(KEY), how="anti")
    moved = old.select("ssn", origin="state").join(new.select("ssn", "state"), on="ssn")
    ours = found.filter((pl.col("quarter") == 20164) & (pl.col("moves_within") == 1))
    by_state = ["origin_state", "state"]
    assert ours.group_by(by_state).len().sort(by_state).rows() == (
        moved.group_by("origin", "state").len().sort("origin", "state").rows()
    )
    assert ours.height > 10


@pytest.mark.django_db
def test_people_found_are_those_of_the_industry(records: pl.DataFrame) -> None:
    here = records.filter(pl.col("quarter") == 20162, pl.col("state") == "10")
    retail = store.people_found(["10"], 20162, ["44", "45"])
    assert 0 < len(retail) < len(store.people_found(["10"], 20162)) == here["ssn"].n_unique()


@pytest.mark.django_db
def test_dynamics_add_up_to_the_change_of_employment(records: pl.DataFrame) -> None:
    table = pl.from_arrow(store.dynamics(STATES, QUARTERS))
    assert isinstance(table, pl.DataFrame)
    now = table.filter(pl.col("quarter") == 20162).sum().to_dicts()[0]
    net = now["openings"] + now["expansions"] - now["closings"] - now["contractions"]
    assert net == now["employment_after"] - now["employment_before"] != 0
    employed = Establishment.objects.exclude(meei="2").exclude(naics__startswith="814").filter(ownership="5")
    sums = dict(employed.values_list("quarter").annotate(Sum("month3")))
    assert (now["employment_before"], now["employment_after"]) == (sums[20161], sums[20162])
    assert table.filter(pl.col("quarter") == 20161)["openings"].null_count() > 0
