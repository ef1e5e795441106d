"""QCEW-layout files: the writer prints the real file again, and a reader reads what it prints."""

import csv
import gzip
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from disclosure.core.qcew.figures import Figures, annual, of_rows, together
from disclosure.core.qcew.files import NATION, annual_csv, quarterly_csv
from matching.core.qcew.checks.printed import Printed
from matching.core.qcew.checks.quotients import check_quotients
from matching.core.qcew.layout import QUARTERLY
from matching.core.qcew.published import read_quarterly

FOLDER = Path(__file__).parents[4] / "data" / "qcew_2016" / "ri"
FILES = [FOLDER / f"2016.q1-q4.{area}.csv.gz" for area in ("44000", "44001", "44999")]
CELL = ("area_fips", "own_code", "industry_code", "size_code")
MANY = 10**15


@pytest.fixture(scope="module")
def rows() -> pa.Table:
    """Return published rows of the first quarter."""
    table = read_quarterly(FILES)
    return table.filter(pc.equal(table["qtr"], 1))


@pytest.fixture(scope="module")
def printed() -> Printed:
    """Return the same rows as printed."""
    read = Printed(FILES)
    read.table = read.table.filter(pc.equal(read.table["qtr"], "1"))
    return read


def as_printed() -> list[list[str]]:
    """Return the real lines of the quarter with the columns of the slices."""
    found = []
    for path in FILES:
        for row in csv.DictReader(gzip.decompress(path.read_bytes()).decode().splitlines()):
            if row["qtr"] == "1":
                found.append([row[name.replace("qtrly_estabs", "qtrly_estabs_count")] for name in QUARTERLY.printed])
    return found


def year_ago(printed: Printed) -> Figures:
    """Return the year before as the changes tell it; a series is new where BLS prints no decimal of its change."""
    before = [printed.whole(name) - printed.whole(f"oty_{name}_chg") for name in QUARTERLY.values]
    withheld = printed.codes("oty_disclosure_code") == "N"
    is_new = (printed.codes("oty_qtrly_estabs_pct_chg") == "0") & (printed.codes("disclosure_code") == "-")
    rows = np.flatnonzero(~is_new)
    codes = np.where(withheld, "N", np.where(before[0] == 0, "-", ""))[rows]
    keys = tuple(("20151", *key) for key in printed.keys(rows, CELL))
    return Figures(keys, tuple(codes.tolist()), np.column_stack(before)[rows])


def nation(printed: Printed) -> Figures:
    """Return national figures that the quotients allow: the middle of what all areas say of each share."""
    keys = printed.keys(np.arange(len(printed)), CELL)
    total = {key[0]: row for row, key in enumerate(keys) if key[1:3] == ("0", "10")}
    top = np.array([total[key[0]] for key in keys])
    names = sorted({key[1:] for key in keys})
    group = np.array([names.index(key[1:]) for key in keys])
    told = np.bincount(group[printed.codes("lq_disclosure_code") == ""], minlength=len(names)) > 0
    columns = []
    for name in QUARTERLY.values:
        value, quotient = printed.whole(name), printed.decimal(f"lq_{name}", 100)
        rows = np.flatnonzero((quotient > 0) & (value > 0))
        share = value[rows] / value[top[rows]]
        low, high = np.zeros(len(names)), np.full(len(names), np.inf)
        np.maximum.at(low, group[rows], 100 * share / (quotient[rows] + 0.5))
        np.minimum.at(high, group[rows], 100 * share / (quotient[rows] - 0.5))
        middle = np.where(low > 0, (low + np.where(np.isfinite(high), high, low)) / 2, 1e3)
        columns.append(np.rint(MANY * middle).astype(np.int64))
    values = np.column_stack(columns)
    values[names.index(("0", "10", "0"))] = MANY
    return Figures(tuple(("20161", NATION, *name) for name in names),
                   tuple("" if one else "N" for one in told), values)  # fmt: skip


def test_real_file_is_printed_again_to_the_last_character(rows: pa.Table, printed: Printed) -> None:
    written = quarterly_csv(of_rows(rows), earlier=year_ago(printed), nation=nation(printed)).decode()
    lines = list(csv.reader(written.splitlines()))
    assert lines[0] == list(QUARTERLY.printed)
    assert len(lines) == 4_455
    differ = [(mine, real) for mine, real in zip(lines[1:], as_printed(), strict=True) if mine != real]
    assert differ == []


def test_file_is_read_as_published_qcew(tmp_path: Path, rows: pa.Table) -> None:
    (tmp_path / "ri.csv").write_bytes(quarterly_csv(of_rows(rows)))
    assert read_quarterly([tmp_path / "ri.csv"]).equals(rows)
    assert gzip.decompress(FILES[0].read_bytes()).endswith(b"\r\n")
    assert quarterly_csv(of_rows(rows)).splitlines()[1].startswith(b'"44000","0","10","50","0","2016","1","",36506,')


def test_without_bases_quotients_and_changes_are_not_told(rows: pa.Table) -> None:
    lines = list(csv.DictReader(quarterly_csv(of_rows(rows)).decode().splitlines()))
    assert {line["lq_disclosure_code"] for line in lines} == {line["oty_disclosure_code"] for line in lines} == {"N"}
    assert {line["lq_month1_emplvl"] for line in lines} == {line["oty_qtrly_estabs_chg"] for line in lines} == {"0"}


def figures(*cells: tuple[str, str, tuple[int, ...]]) -> Figures:
    """Return figures of one county: period, code, values."""
    keys = tuple((period, "44003", "5", "722", "0") for period, _, _ in cells)
    return Figures(keys, tuple(code for _, code, _ in cells), np.array([values for _, _, values in cells]))


def quarters(*codes: str) -> Figures:
    """Return four quarters of a year with these codes."""
    values = (3, 10, 20, 31, 100_000, 50_000, 1_000, 377)
    hidden = (3, 0, 0, 0, 0, 0, 0, 0)
    return figures(*((f"2016{qtr}", code, hidden if code == "N" else (qtr, *values[1:]))
                     for qtr, code in enumerate(codes, start=1)))  # fmt: skip


def test_annual_averages_are_made_of_four_quarters() -> None:
    year = annual(quarters("", "", "", ""))
    # 10 / 4 establishments, 244 / 12 employees, 400,000 dollars / (52 x 20.33) and / 20.33
    assert year.keys == (("2016", "44003", "5", "722", "0"),)
    assert year.values.tolist() == [[3, 20, 400_000, 200_000, 4_000, 378, 19_672]]


def test_year_with_a_withheld_quarter_is_withheld() -> None:
    year = annual(quarters("", "N", "", ""))
    assert year.codes == ("N",)
    assert year.values[0, 1:].tolist() == [0] * 6
    assert b'"A","N",3,0,0,0,0,0,0,' in annual_csv(year)


def test_year_with_a_quarter_missing_is_no_year() -> None:
    three = quarters("", "", "", "")
    assert annual(Figures(three.keys[:3], three.codes[:3], three.values[:3])).keys == ()


def test_change_needs_both_years_published() -> None:
    now = (5, 12, 20, 31, 1_200, 0, 0, 0)
    before = (4, 10, 20, 30, 1_000, 0, 0, 0)
    told = quarterly_csv(figures(("20161", "", now)), earlier=figures(("20151", "", before))).decode()
    assert '"",1,25.0,2,20.0,0,0.0,1,3.3,200,20.0,' in told
    hidden = quarterly_csv(figures(("20161", "", now)), earlier=figures(("20151", "N", (4, *[0] * 7)))).decode()
    assert '"N",1,25.0,0,0,0,0,0,0,0,0,' in hidden


def test_figures_of_two_sources_count_once() -> None:
    first, second = figures(("20161", "", (1,) * 8)), figures(("20161", "", (2,) * 8), ("20162", "", (3,) * 8))
    assert together([first, second]).values[:, 0].tolist() == [1, 3]


def test_quotients_of_the_file_agree_on_the_nation(tmp_path: Path, rows: pa.Table, printed: Printed) -> None:
    (tmp_path / "ri.csv").write_bytes(quarterly_csv(of_rows(rows), nation=nation(printed)))
    assert check_quotients(Printed([tmp_path / "ri.csv"])).good
