"""Published QCEW in PostgreSQL comes out as BLS printed it; repeats change nothing, later files replace."""

import csv
import gzip
import io
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from matching.core.qcew.checks.sums import check_quarter
from matching.core.qcew.layout import ANNUAL, CODES, QUARTERLY, Layout, QcewError
from matching.loads.published_qcew import PublishedResult, load_published, published_cells
from matching.models import PublishedFile, PublishedQuarter, PublishedYear
from requests_app.models import Event

pytestmark = pytest.mark.django_db
DELAWARE = settings.BASE_DIR / "data" / "qcew_2016" / "de"
Row = dict[str, str]


def load(path: Path) -> PublishedResult:
    return load_published(path, lambda _done, _known: None)


def printed(path: Path) -> list[Row]:
    """The rows of a real file under the slices' names, without titles."""
    text = gzip.decompress(path.read_bytes()).decode()
    rows = csv.DictReader(io.StringIO(text.replace("_estabs_count", "_estabs")))
    return [{name: row[name] for name in QUARTERLY.columns} for row in rows]


def stored(table: str, layout: Layout) -> list[Row]:
    """The rows of a table as text; an empty value of the file is null there, a code never is."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(f'{name}::text' for name in layout.columns)} FROM summaries.{table}")
        rows = [dict(zip(layout.columns, row, strict=True)) for row in cursor.fetchall()]
    assert not any(row[name] is None for row in rows for name in CODES)
    return [{name: "" if value is None else value for name, value in row.items()} for row in rows]


def in_order(rows: list[Row]) -> list[tuple[str, ...]]:
    return sorted(tuple(row.values()) for row in rows)


def cell(layout: Layout = QUARTERLY, **values: object) -> Row:
    """A plain cell: all its numbers 1."""
    plain = dict.fromkeys(layout.columns, "1") | {
        "area_fips": "44001", "own_code": "5", "industry_code": "10", "agglvl_code": "71", "size_code": "0",
        "year": "2016", "qtr": "A" if layout is ANNUAL else "1", "disclosure_code": "", "lq_disclosure_code": "",
        "oty_disclosure_code": "",
    }  # fmt: skip
    return plain | {name: str(value) for name, value in values.items()}


def file(path: Path, *rows: Row) -> Path:
    with path.open("w", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]), quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(rows)
    return path


def in_force() -> set[tuple[str, str, int]]:
    return set(PublishedQuarter.objects.values_list("area_fips", "industry_code", "month1_emplvl"))


def test_a_real_file_comes_out_as_it_was_printed():
    path = DELAWARE / "2016.q1-q4.10000.csv.gz"
    result = load(path)
    assert (result.rows, result.scope, result.frequency, result.periods) == (
        8_548, "area", "quarterly", ("20161", "20162", "20163", "20164"),
    )  # fmt: skip
    assert in_order(stored("published_quarter", QUARTERLY)) == in_order(printed(path))


def test_withheld_absent_zero_and_empty_stay_apart(tmp_path):
    zero = dict.fromkeys(QUARTERLY.values, "0")
    codes = {"101": "", "102": "N", "1011": "-", "1012": ""}
    rows = [cell(industry_code=industry, disclosure_code=code, **zero) for industry, code in codes.items()]
    rows[3] |= {"month1_emplvl": "", "lq_month1_emplvl": "", "lq_disclosure_code": "N", "oty_month1_emplvl_pct_chg": ""}
    load(file(tmp_path / "a.csv", *rows))
    kept = PublishedQuarter.objects.values_list("industry_code", "disclosure_code", "month1_emplvl")
    assert set(kept) == {("101", "", 0), ("102", "N", 0), ("1011", "-", 0), ("1012", "", None)}
    assert in_order(stored("published_quarter", QUARTERLY)) == in_order(rows)
    cells = published_cells("44", 20161).to_pylist()
    assert {row["industry_code"]: (row["status"], row["month1"]) for row in cells} == {
        "101": ("published", 0), "102": ("N", None), "1011": ("none", 0), "1012": ("published", None),
    }  # fmt: skip


@pytest.mark.parametrize("titled", [False, True])
@pytest.mark.parametrize("layout", [QUARTERLY, ANNUAL], ids=["quarterly", "annual"])
def test_both_frequencies_with_and_without_titles(tmp_path, layout, titled):
    row = cell(layout, **{f"lq_{layout.values[0]}": "1.20", f"oty_{layout.values[0]}_pct_chg": "-0.0"})
    given = {name.replace("_estabs", "_estabs_count") if titled else name: value for name, value in row.items()}
    titles = dict.fromkeys(("area_title", "own_title", "industry_title", "agglvl_title", "size_title"), "Ti, tle")
    path = file(tmp_path / "a.csv", given | (titles if titled else {}))
    assert load(path).frequency == layout.frequency
    table = {QUARTERLY: "published_quarter", ANNUAL: "published_year"}[layout]
    # PostgreSQL's numeric has no minus zero
    assert stored(table, layout) == [row | {f"oty_{layout.values[0]}_pct_chg": "0.0"}]
    assert PublishedYear.objects.count() == (layout is ANNUAL)


def test_the_same_file_again_changes_nothing(tmp_path):
    path = file(tmp_path / "a.csv", cell())
    load(path)
    assert load(path).unchanged
    (packed := tmp_path / "a.csv.gz").write_bytes(gzip.compress(path.read_bytes()))
    assert not load(packed).unchanged
    assert (PublishedFile.objects.count(), PublishedQuarter.objects.count()) == (2, 1)
    assert Event.objects.filter(kind="published_qcew.load").count() == 2


def test_a_later_file_of_an_area_replaces_all_of_its_period_and_nothing_else(tmp_path):
    first = file(tmp_path / "a.csv", cell(), cell(industry_code="101"), cell(qtr=2), cell(size_code=3, agglvl_code=27))
    load(first)
    load(file(tmp_path / "b.csv", cell(area_fips="44003")))
    assert load(file(tmp_path / "c.csv", cell(month1_emplvl=7), cell(industry_code="102"))).replaced == 2
    assert in_force() == {("44001", "10", 7), ("44001", "102", 1), ("44001", "10", 1), ("44003", "10", 1)}
    assert list(PublishedFile.objects.order_by("pk").values_list("rows", "rows_in_force")) == [(4, 2), (1, 1), (2, 2)]
    assert not load(first).unchanged
    assert ("44001", "101", 1) in in_force()


def test_a_file_by_industry_replaces_that_industry_everywhere(tmp_path):
    load(file(tmp_path / "a.csv", *(cell(area_fips=a, industry_code=i) for a in ("44001", "10001") for i in (10, 101))))
    result = load(file(tmp_path / "b.csv", *(cell(area_fips=area, month1_emplvl=5) for area in ("44001", "44003"))))
    assert (result.scope, result.replaced) == ("industry", 2)
    assert in_force() == {("44001", "10", 5), ("44003", "10", 5), ("44001", "101", 1), ("10001", "101", 1)}


def test_a_single_file_replaces_the_areas_in_it(tmp_path):
    load(file(tmp_path / "a.csv", cell(industry_code="101"), cell(area_fips="50001", industry_code="101")))
    both = [cell(area_fips=a, industry_code=i) for a in ("44001", "10001") for i in ("10", "102")]
    assert load(file(tmp_path / "b.csv", *both)).scope == "single"
    assert {(area, industry) for area, industry, _ in in_force()} == {
        ("50001", "101"), ("44001", "10"), ("44001", "102"), ("10001", "10"), ("10001", "102"),
    }  # fmt: skip


REFUSED = {
    "columns": (lambda row: {"area_fips": "44001"}, "missing columns: own_code"),
    "unknown": (lambda row: row | {"surprise": "1"}, "surprise"),
    "letters": (lambda row: row | {"month1_emplvl": "many"}, "not readable as QCEW"),
    "decimal": (lambda row: row | {"lq_month1_emplvl": "1,2"}, "lq_month1_emplvl is '1,2'"),
    "code": (lambda row: row | {"disclosure_code": "S"}, "disclosure_code is 'S'"),
    "annual row": (lambda row: row | {"qtr": "A"}, "qtr is 'A'"),
    "area": (lambda row: row | {"area_fips": "440010"}, "area_fips is '440010'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_published_qcew_is_refused_and_leaves_nothing(tmp_path, case):
    change, message = REFUSED[case]
    with pytest.raises(QcewError, match=message):
        load(file(tmp_path / "a.csv", change(cell())))
    assert not PublishedFile.objects.exists()


def test_damage_twins_and_empty_files_are_refused(tmp_path):
    load(kept := file(tmp_path / "kept.csv", cell()))
    twins = file(tmp_path / "twins.csv", cell(month1_emplvl=2), cell())
    (cut := tmp_path / "cut.csv.gz").write_bytes(gzip.compress(kept.read_bytes() * 2_000)[:-20])
    (bare := tmp_path / "bare.csv").write_text(kept.read_text().splitlines()[0] + "\n")
    for path, message in ((twins, "same cell"), (cut, "not readable"), (bare, "no row|not readable")):
        with pytest.raises(QcewError, match=message):
            load(path)
    assert in_force() == {("44001", "10", 1)}


def test_command_loads_a_folder_and_checks_sums_and_weekly_wages(capsys):
    call_command("load_published_qcew", DELAWARE, "--check")
    said = capsys.readouterr().out
    assert "state 10, 20161: 7,914 cells, 4,364 withheld, 63 without establishment; 6,872 sums, 2,153" in said
    assert said.count("0 counts, 0 sums, 0 parents too small") == 4
    call_command("load_published_qcew", DELAWARE)
    assert capsys.readouterr().out.count("nothing changed") == 5


def test_check_tells_what_contradicts_itself():
    load(DELAWARE / "2016.q1-q4.10000.csv.gz")
    load(DELAWARE / "2016.q1-q4.10001.csv.gz")
    wrong = PublishedQuarter.objects.filter(year=2016, qtr="1", own_code="0", industry_code="10", area_fips="10000")
    assert wrong.update(qtrly_estabs=1, total_qtrly_wages=2) == 1
    found = check_quarter(published_cells("10", 20161), "10", 2016, 1)
    assert (found.counts_broken > 0, found.sums_broken > 0, found.parents_short > 0) == (True, True, True)
    assert (found.weekly_wages_wrong, found.good) == (1, False)


def test_command_names_the_files_it_refuses(tmp_path, capsys):
    file(tmp_path / "good.csv", cell())
    (tmp_path / "titles.csv").write_text("area_fips,area_title\n44001,Bristol\n")
    with pytest.raises(CommandError, match="1 of 2 files"):
        call_command("load_published_qcew", tmp_path)
    assert "titles.csv: not a file of published QCEW" in capsys.readouterr().err
    assert PublishedQuarter.objects.count() == 1
