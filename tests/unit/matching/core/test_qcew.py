"""Published QCEW of Rhode Island and Delaware, 2016: read as printed, and every relation between its cells."""

import gzip
import random
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pytest

from matching.core.qcew.file import QcewFile
from matching.core.qcew.published import (
    VARIABLES,
    QcewError,
    industry_parent,
    read_quarterly,
    relations,
    state_quarter,
    state_quarters,
    with_suppression,
)

QCEW = Path(__file__).parents[4] / "data" / "qcew_2016"
FOLDERS = {"44": "ri", "10": "de"}
QUARTERS = [(state, qtr) for state in FOLDERS for qtr in (1, 2, 3, 4)]
# state, quarter -> rows, relations, withheld cells, relations with a withheld member (counted apart from this code)
KNOWN = {("44", 1): (10_872, 8_730, 5_545, 5_752), ("10", 1): (7_914, 6_872, 4_364, 4_719)}
WITHHELD = {"44": (5_545, 5_474, 5_453, 5_806), "10": (4_364, 4_315, 4_361, 4_462)}


def files(state: str) -> list[Path]:
    return sorted((QCEW / FOLDERS[state]).glob("*.csv.gz"))


@pytest.fixture(scope="module")
def published() -> dict[str, pa.Table]:
    return {state: read_quarterly(files(state)) for state in FOLDERS}


def test_read_quarterly_keeps_withheld_apart_from_zero(published: dict[str, pa.Table]) -> None:
    table = published["44"]
    withheld = table.filter(pc.equal(table["status"], "N"))
    absent = table.filter(pc.equal(table["status"], "none"))

    assert table.num_rows == 43_488
    assert withheld["total_wages"].null_count == withheld.num_rows == sum(WITHHELD["44"])
    assert withheld["establishments"].null_count == 0
    assert pc.min(withheld["establishments"]).as_py() > 0
    assert pc.max(absent["establishments"]).as_py() == 0
    assert absent["month1"].null_count == 0


def test_read_quarterly_keeps_codes_as_text(published: dict[str, pa.Table]) -> None:
    table = published["10"]

    assert set(pc.unique(table["area_fips"]).to_pylist()) == {"10000", "10001", "10003", "10005", "10999"}
    assert {"31-33", "10", "1028"} <= set(pc.unique(table["industry_code"]).to_pylist())
    assert state_quarters(table, "10") == [(2016, 1), (2016, 2), (2016, 3), (2016, 4)]


def test_read_quarterly_reads_the_42_column_layout_alike(tmp_path: Path, published: dict[str, pa.Table]) -> None:
    path = files("10")[0]
    raw = pyarrow.csv.read_csv(path, convert_options=pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(
        ("area_fips", "own_code", "industry_code", "agglvl_code", "size_code", "year", "qtr", "disclosure_code"),
        pa.string(),
    ), strings_can_be_null=False))  # fmt: skip
    slices = raw.drop_columns([name for name in raw.column_names if name.endswith("_title")])
    slices = slices.rename_columns([name.replace("qtrly_estabs_count", "qtrly_estabs") for name in slices.column_names])
    pyarrow.csv.write_csv(slices, tmp_path / "slice.csv")

    assert slices.num_columns == 42
    assert read_quarterly([tmp_path / "slice.csv"]).equals(read_quarterly([path]))


@pytest.mark.parametrize(("state", "qtr"), QUARTERS)
def test_relations_hold_on_what_is_published(published: dict[str, pa.Table], state: str, qtr: int) -> None:
    cells = state_quarter(published[state], state, 2016, qtr)
    system = relations(cells)
    hidden = with_suppression(system, cells.withheld)
    left = system.matrix @ cells.values
    parent_hidden = ((system.matrix > 0) @ cells.withheld.astype(int)) > 0

    assert cells.withheld.sum() == WITHHELD[state][qtr - 1]
    assert not (system.matrix @ cells.establishments).any()
    assert not left[~hidden].any()
    assert (left[~parent_hidden] >= 0).all()
    if (state, qtr) in KNOWN:
        assert (len(cells.area), system.matrix.shape[0], cells.withheld.sum(), hidden.sum()) == KNOWN[state, qtr]


@pytest.mark.parametrize("state", FOLDERS)
def test_average_weekly_wage_follows_from_wages_and_employment(published: dict[str, pa.Table], state: str) -> None:
    rows = published[state].filter(pc.equal(published[state]["status"], "published"))
    employment = sum(rows[month].to_numpy() for month in VARIABLES[:3])
    wages, weekly = rows["total_wages"].to_numpy(), rows["avg_wkly_wage"].to_numpy()
    with_work = employment > 0
    # wages / (13 x employment / 3), rounded half up, in whole numbers
    expected = (6 * wages[with_work] + 13 * employment[with_work]) // (26 * employment[with_work])

    assert with_work.sum() > 10_000
    assert np.array_equal(weekly[with_work], expected)
    assert not weekly[~with_work].any()


@pytest.mark.parametrize(
    ("industry", "parent"),
    [
        ("10", None), ("101", "10"), ("1029", "102"), ("31-33", "1013"), ("99", "1029"), ("44-45", "1021"),
        ("321", "31-33"), ("452", "44-45"), ("493", "48-49"), ("999", "99"), ("2361", "236"), ("238111", "23811"),
    ],
)  # fmt: skip
def test_industry_parent_follows_qcew(industry: str, parent: str | None) -> None:
    assert industry_parent(industry) == parent


def test_read_quarterly_refuses_other_files(tmp_path: Path) -> None:
    header, row = gzip.decompress(files("10")[0].read_bytes()).split(b"\n")[:2]
    cases = {
        "empty.csv": b"",
        "columns.csv": b"area_fips,own_code\n10000,0\n",
        "code.csv": header + b"\n" + row.replace(b'"",', b'"X",') + b"\n",
        "number.csv": header + b"\n" + row.replace(b",13,", b",").rsplit(b",", 1)[0] + b"\n",
        "damaged.csv.gz": b"\x1f\x8b not gzip",
    }
    for name, content in cases.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(QcewError, match=name):
            read_quarterly([tmp_path / name])


def test_read_quarterly_refuses_nothing_at_all() -> None:
    with pytest.raises(QcewError, match="No QCEW files"):
        read_quarterly([])


def test_state_quarter_refuses_what_is_not_published(published: dict[str, pa.Table]) -> None:
    with pytest.raises(QcewError, match="2015 quarter 1"):
        state_quarter(published["44"], "44", 2015, 1)


def test_damaged_files_are_read_or_refused_and_nothing_else(tmp_path: Path) -> None:
    """Bytes changed, cut out or doubled at random: a QcewError that names the file, or rows."""
    chance = random.Random(3)
    whole = b"\n".join(gzip.decompress(files("10")[0].read_bytes()).split(b"\n")[:12]) + b"\n"
    outcomes = Counter(_outcome(tmp_path / "a.csv", _damaged(whole, chance)) for _ in range(250))
    assert set(outcomes) == {"read", "refused"}
    assert min(outcomes.values()) > 10


def _damaged(whole: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(whole))
    end = start + chance.choice([0, 1, 1, 5, 300])
    instead = [b"", bytes([chance.randrange(256)]), b'"', b",", b"\n", b"\0", whole[start:end] * 2]
    damaged = whole[:start] + chance.choice(instead) + whole[end:]
    return gzip.compress(damaged)[: chance.choice([-9, 10**6])] if chance.random() < 0.2 else damaged


def _outcome(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    try:
        file = QcewFile(path)
        rows = sum(batch.num_rows for batch in file.batches())
    except QcewError as error:
        return "refused" if path.name in str(error) else "refused without a name"
    return "read" if rows else "refused"
