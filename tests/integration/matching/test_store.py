"""The store against an independent reference: Polars over the clear-text files of a small synthetic world."""

from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from django.conf import settings

from matching.core.micro.employer_text import employer_fields
from matching.core.ssn import SsnWorld, is_possible
from matching.core.tokens import tokens
from matching.core.world import WorldSummary, write_world
from matching.loads.loading import load_establishments, load_wage_records
from matching.models import Load
from matching.store import MATCH_SCHEMA, contributions_macro, holdings, match, open_quarter, resolve
from matching.vault.persons import ssn_key
from tests import emptied

QUARTERS = [20161, 20162]
STATES = ["10", "44"]
TEXT = dict.fromkeys(("ssn", "state", "uin", "run", "ein"), pl.String)


@pytest.fixture(scope="module")
def world(tmp_path_factory, django_db_setup, django_db_blocker):
    """Two states and quarters, loaded once for this module and taken out again."""
    folder = tmp_path_factory.mktemp("world")
    made = write_world(
        folder, states=STATES, quarters=QUARTERS, persons=4_000, seed=7, layout="mixed", dirt=0.01,
        qcew_dir=settings.BASE_DIR / "data",
    )  # fmt: skip
    with django_db_blocker.unblock():
        for file in made.files:
            (load_wage_records if file.kind == "wage_records" else load_establishments)(file.path)
        yield made
        emptied.empty()


def clear_text(world: WorldSummary) -> pl.DataFrame:
    """Every wage record of the world's files, read by Polars alone."""
    return pl.concat([read_file(f.path) for f in world.files if f.kind == "wage_records"])


def read_file(path: Path) -> pl.DataFrame:
    if path.suffix == ".csv":
        frame = pl.read_csv(path, schema_overrides=TEXT)
    else:
        lines = pl.DataFrame({"line": path.read_bytes().decode("latin-1").splitlines()})
        fields = {
            "ssn": (0, 9), "state": (45, 2), "uin": (47, 10), "run": (57, 5), "ein": (62, 9), "year": (71, 4),
            "quarter": (75, 1), "wage": (76, 10), "hours": (86, 4), "weeks": (90, 2),
        }  # fmt: skip
        frame = lines.select(
            pl.col("line").str.slice(*place).str.strip_chars().alias(name) for name, place in fields.items()
        )
    numbers = ("year", "quarter", "wage", "hours", "weeks")
    return frame.select(*TEXT, *(pl.col(name).cast(pl.String).replace("", None).cast(pl.Int64) for name in numbers))


def loadable(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.filter(pl.col("wage").is_not_null())


def a_cohort(world: WorldSummary) -> list[str]:
    """Some hundred persons of the world, and some whom no file knows."""
    known = (
        clear_text(world).filter(pl.col("ssn").str.starts_with("9"))["ssn"].unique().sort().gather_every(7).to_list()
    )
    known = [ssn for ssn in known if is_possible(np.array([int(ssn)]), SsnWorld.SPECIMEN)[0]]
    return known + [f"99949{n:04d}" for n in range(20)]


def person_ids(ssns: list[str]):
    return resolve(tokens(np.array([int(s) for s in ssns], np.uint32), ssn_key()))


@pytest.mark.django_db
def test_every_record_of_the_files_is_loaded_or_rejected(world):
    made = [f for f in world.files if f.kind == "wage_records"]
    loads = {(x.state, x.quarter): x for x in Load.objects.filter(kind="wage_records", status="visible")}
    for file in made:
        load = loads[file.state_fips, file.quarter]
        assert load.rows + load.rejected == file.rows
    assert sum(x.total_wages for x in loads.values()) == sum(f.wages for f in made) - rejected_wages(world)
    assert sum(x.unmatchable for x in loads.values()) == impossible_records(world) > 0


def rejected_wages(world: WorldSummary) -> int:
    """The synthetic dirt is impossible SSNs and the like; none of it is a line that cannot be read."""
    assert not Load.objects.exclude(rejected=0).exists()
    return 0


def impossible_records(world: WorldSummary) -> int:
    ssn = clear_text(world)["ssn"].cast(pl.UInt32).to_numpy()
    return int(np.count_nonzero(~is_possible(ssn, SsnWorld.SPECIMEN)))


@pytest.mark.django_db
@pytest.mark.parametrize("states", [["44"], STATES])
@pytest.mark.parametrize("quarter", QUARTERS)
def test_match_equals_the_reference(world, quarter, states):
    cohort = a_cohort(world)
    found = match(person_ids(cohort), open_quarter(quarter, states))
    columns = ["cohort_row", "state", "uin", "run", "ein", "year", "quarter", "wages", "hours", "weeks"]
    expected = (
        pl.DataFrame({"ssn": cohort, "cohort_row": np.arange(len(cohort))})
        .join(clear_text(world), on="ssn")
        .filter(pl.col("state").is_in(states), pl.col("year") * 10 + pl.col("quarter") == quarter)
        .rename({"wage": "wages"})
        .sort("cohort_row", "state", "uin", "run", "ein", "wages", "hours", "weeks", nulls_last=False)
    )
    assert len(expected) > 100
    assert told_apart(found.table()).select(columns).rows() == expected.select(columns).rows()
    counted = expected.group_by("state").agg(pl.col("cohort_row").n_unique().alias("persons"), pl.len())
    assert found.by_state() == {state: (persons, records) for state, persons, records in counted.iter_rows()}
    assert found.found() == expected["cohort_row"].n_unique()


def told_apart(table: pa.Table) -> pl.DataFrame:
    """The records of a match with the employer's fields as columns."""
    fields = employer_fields(np.array(table.column("employer").to_pylist()))
    frame = pl.from_arrow(table)
    texts = frame.with_columns(pl.Series(name, codes.astype(str)) for name, codes in fields.items())
    return texts.cast({"cohort_row": pl.Int64, "year": pl.Int64, "quarter": pl.Int64})


@pytest.mark.django_db
def test_unknown_persons_find_nothing(world):
    ids = person_ids([f"99949{n:04d}" for n in range(20)])
    assert set(ids.tolist()) == {-1}
    for states in (STATES, ["44"], []):
        held = open_quarter(20161, states)
        assert match(ids, held).table() == MATCH_SCHEMA.empty_table()
        assert match(np.zeros(3, np.int32), held).table() == MATCH_SCHEMA.empty_table()


@pytest.mark.django_db
def test_contributions_add_up_to_the_files(world):
    table = pl.from_arrow(contributions_macro("wage_records", STATES, QUARTERS))
    text = clear_text(world)
    assert (table["jobs"].sum(), table["wages"].sum()) == (text.height, text["wage"].sum())
    retail = pl.from_arrow(contributions_macro("wage_records", ["44"], [20161], ["44", "45"]))
    expected = table.filter(
        (pl.col("state") == "44") & (pl.col("quarter") == 20161) & pl.col("industry").str.contains("^4[45]")
    )
    assert retail.equals(expected)
    assert 0 < retail.height < table.height


@pytest.mark.django_db
def test_industries_are_digits_only(world):
    with pytest.raises(ValueError, match="prefixes"):
        contributions_macro("wage_records", ["44"], [20161], ["44|.*"])


@pytest.mark.django_db
def test_holdings_list_what_is_visible(world):
    held = {(h.state, h.quarter, h.kind): h.rows for h in holdings()}
    assert held == {(f.state_fips, f.quarter, f.kind): f.rows for f in world.files}
