"""Synthetic establishments, as written to files, against every published QCEW cell of RI and DE, 2016."""

from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pytest

from matching.core.load_files.establishment_layout import EstablishmentReader
from matching.core.qcew.published import VARIABLES, industry_parent, read_quarterly
from matching.core.world.cells import state_files
from matching.core.world.establishment_file import ESTABLISHMENT_FIELDS
from matching.core.world.writing import WorldSummary, write_world

QCEW = Path(__file__).parents[4] / "data" / "qcew_2016"
QUARTERS = (20161, 20162, 20163, 20164)
STATES = ("44", "10")
CODES = ("state_fips", "uin", "run", "ein", "naics", "county_fips", "ownership", "meei", "year", "quarter")
MASTER = "2"
Key = tuple[str, str, str]
# Published rows with values (and rows without establishment) per state and quarter: all of them must agree.
COMPARED = {
    ("44", 20161): 5_327, ("44", 20162): 5_398, ("44", 20163): 5_419, ("44", 20164): 5_066,
    ("10", 20161): 3_550, ("10", 20162): 3_599, ("10", 20163): 3_553, ("10", 20164): 3_452,
}  # fmt: skip


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> WorldSummary:
    folder = tmp_path_factory.mktemp("world")
    return write_world(folder, states=STATES, quarters=QUARTERS, persons=2_000, seed=7, qcew_dir=QCEW)


def read(summary: WorldSummary, state: str, quarter: int) -> pa.Table:
    path = next(
        file.path
        for file in summary.files
        if (file.kind, file.state_fips, file.quarter) == ("establishments", state, quarter)
    )
    types = dict.fromkeys((*CODES, "naics_vintage"), pa.string())
    return pyarrow.csv.read_csv(path, convert_options=pyarrow.csv.ConvertOptions(column_types=types))


def tabulate(table: pa.Table) -> dict[Key, np.ndarray]:
    """Establishments and the six variables of every cell at every level, straight from the units (no masters)."""
    units = table.filter(pc.not_equal(table["meei"], MASTER))
    values = np.column_stack([np.ones(len(units), np.int64), *(units[name].to_numpy() for name in VARIABLES)])
    finest: dict[Key, np.ndarray] = defaultdict(lambda: np.zeros(7, np.int64))
    keys = zip(*(units[name].to_pylist() for name in ("state_fips", "county_fips", "ownership", "naics")), strict=True)
    for (state, county, ownership, naics), row in zip(keys, values, strict=True):
        finest[state + county, ownership, naics] += row
    cells: dict[Key, np.ndarray] = defaultdict(lambda: np.zeros(7, np.int64))
    for key, row in finest.items():
        for above in cells_above(*key):
            cells[above] += row
    return cells


def cells_above(area: str, ownership: str, naics: str) -> list[Key]:
    industries = [naics]
    while (parent := industry_parent(industries[-1])) is not None:
        industries.append(parent)
    state = area[:2] + "000"
    keys = [(place, ownership, industry) for place in (area, state) for industry in industries]
    keys += [(area, "0", "10"), (state, "0", "10")]
    return keys + ([(state, "8", "10")] if ownership in "123" else [])


@pytest.mark.parametrize("quarter", QUARTERS)
@pytest.mark.parametrize("state", STATES)
def test_establishments_reproduce_every_published_cell(written: WorldSummary, state: str, quarter: int) -> None:
    published = read_quarterly(state_files(QCEW, state))
    published = published.filter(pc.equal(published["qtr"], quarter % 10))
    cells, compared, counted = tabulate(read(written, state, quarter)), 0, 0
    levels: Counter[str] = Counter()

    for row in published.to_pylist():
        found = cells[row["area_fips"], row["own_code"], row["industry_code"]]
        assert found[0] == row["establishments"]
        counted += 1
        if row["status"] != "N":
            assert found[1:].tolist() == [row[name] for name in VARIABLES]
            compared += 1
            levels[row["agglvl_code"]] += 1

    print(f"state {state}, {quarter}: {compared} cells equal, {counted} counts equal, by level {dict(levels)}")
    assert compared == COMPARED[state, quarter]
    assert counted == published.num_rows
    assert set(levels) >= {str(level) for level in (*range(50, 59), *range(70, 79), 96)}


def test_nothing_is_negative_and_taxable_stays_within_wages(written: WorldSummary) -> None:
    for state in STATES:
        table = read(written, state, 20161)
        for name in VARIABLES:
            assert pc.min(table[name]).as_py() >= 0
        beyond = pc.sum(pc.greater(table["taxable_wages"], table["total_wages"])).as_py()
        assert beyond < 0.005 * table.num_rows


def test_masters_repeat_their_units_and_are_not_establishments(written: WorldSummary) -> None:
    table = read(written, "44", 20162)
    masters = table.filter(pc.equal(table["meei"], MASTER))
    units = table.filter(pc.is_in(table["meei"], pa.array(["3", "5"])))
    sums = units.group_by("uin").aggregate([(name, "sum") for name in VARIABLES]).sort_by("uin")

    assert masters.num_rows > 1_000
    assert set(masters["run"].to_pylist()) == {"00000"}
    assert min(units["run"].to_pylist()) == "00001"
    masters = masters.sort_by("uin")
    assert masters["uin"].to_pylist() == sums["uin"].to_pylist()
    for name in VARIABLES:
        assert masters[name].to_pylist() == sums[f"{name}_sum"].to_pylist()


def test_accounts_units_and_enterprises_are_grouped_as_in_life(written: WorldSummary) -> None:
    table = read(written, "44", 20161)
    units = table.filter(pc.not_equal(table["meei"], MASTER))
    keys = list(zip(table["uin"].to_pylist(), table["run"].to_pylist(), strict=True))
    accounts_of_ein = defaultdict(set)
    for uin, ein in zip(units["uin"].to_pylist(), units["ein"].to_pylist(), strict=True):
        accounts_of_ein[ein].add(uin)
    elsewhere = set(read(written, "10", 20161)["ein"].to_pylist())
    single = pc.is_in(units["meei"], pa.array(["1", "4", "6"]))
    in_singles = pc.sum(units.filter(single)["month3"]).as_py() / pc.sum(units["month3"]).as_py()

    assert len(set(keys)) == len(keys)
    assert {len(uin) for uin, _ in keys} == {10}
    assert {len(ein) for ein in accounts_of_ein} == {9}
    assert 0.4 < in_singles < 0.75
    assert sum(len(accounts) > 1 for accounts in accounts_of_ein.values()) > 100
    assert len((set(accounts_of_ein) & elsewhere) - {"000000000"}) > 50
    assert set(table["meei"].to_pylist()) == set("123456")
    assert set(table["ownership"].to_pylist()) == {"1", "2", "3", "5"}


def test_establishments_persist_from_quarter_to_quarter(written: WorldSummary) -> None:
    before, after = read(written, "44", 20161), read(written, "44", 20162)
    both = before.select(["uin", "run", "month3"]).join(
        after.select(["uin", "run", "month1"]), keys=["uin", "run"], join_type="inner", use_threads=False
    )

    assert 0.95 * before.num_rows < both.num_rows < before.num_rows
    assert np.corrcoef(both["month3"].to_numpy(), both["month1"].to_numpy())[0, 1] > 0.98


def test_sizes_are_skewed(written: WorldSummary) -> None:
    table = read(written, "44", 20161)
    sizes = np.sort(table.filter(pc.not_equal(table["meei"], MASTER))["month3"].to_numpy())[::-1]

    assert np.cumsum(sizes)[len(sizes) // 20] > 0.45 * sizes.sum()
    assert np.median(sizes) <= 6


@pytest.mark.parametrize("state", STATES)
def test_files_load_without_a_reject(written: WorldSummary, state: str) -> None:
    file = next(file for file in written.files if file.kind == "establishments" and file.state_fips == state)
    reader = EstablishmentReader(file.path)

    assert sum(batch.num_rows for batch in reader) == file.rows
    assert (reader.state, reader.quarter, reader.rejects.total) == (state, file.quarter, 0)
    assert file.path.read_text().split("\n", 1)[0] == ",".join(ESTABLISHMENT_FIELDS)
