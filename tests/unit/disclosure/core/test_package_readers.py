"""Every file of an aggregated package, opened by what its receivers have: Polars, openpyxl, a ZIP and a JSON reader."""

import hashlib
import io
import json
import zipfile

import openpyxl
import polars as pl
import pytest

from disclosure.core.measures import CATALOGUE
from disclosure.core.package.published_table import PublishedTable, Value
from disclosure.core.package.zip_file import AggregatePackage, Table, build
from disclosure.core.protected_table import protect_table
from disclosure.core.qcew.cells import tabulate_qcew
from disclosure.core.qcew.protection import protect_qcew
from disclosure.core.rules.sensitivity import Parameters
from disclosure.core.tabulation.cells import TableDesign, tabulate
from tests.unit.disclosure.core.test_aggregate_package import FORM, shops
from tests.unit.disclosure.core.wages import followed

SHARES = TableDesign("wage_records", ("cohort", "state"), ("persons", "wages", "employed_share"), people=True)
FILES = {
    "tables/people.csv", "tables/shops.csv", "qcew/shops.csv", "tables.xlsx", "codebook.csv", "codebook.md",
    "disclosure_statement.txt", "request_form.txt", "manifest.json",
}  # fmt: skip


@pytest.fixture(scope="module")
def built() -> AggregatePackage:
    """People of two cohorts, with a state whose code begins with 0, and shops in the layout of QCEW."""
    groups = [(cohort, state, f"{state}{number}", 12 + number)
              for cohort in ("Nurses", "Cooks") for state in ("06", "44") for number in range(8)]  # fmt: skip
    people = followed([*groups, ("Nurses", "", "", 30), ("Cooks", "", "", 15), ("Cooks", "10", "alone", 3)])
    employed = [1 if state else 0 for state in people["state"].to_pylist()]
    people = people.append_column("employed", [employed])
    tables = [
        Table("people", "People", protect_table(tabulate(people, SHARES), Parameters())),
        Table("shops", "Shops", protect_qcew(tabulate_qcew(shops(20161)), Parameters())),
    ]
    return build(tables, request="WR-2026-000001", form=FORM, seal="secret")


@pytest.fixture(scope="module")
def files(built: AggregatePackage) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(built.zip)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def text(value: Value) -> str | None:
    return None if value is None else str(value)


def test_package_holds_every_kind_of_file(files: dict[str, bytes]) -> None:
    assert set(files) == FILES


@pytest.mark.parametrize("name", ["people", "shops"])
def test_polars_reads_the_tidy_table_cell_by_cell(name: str, built: AggregatePackage, files: dict[str, bytes]) -> None:
    table = next(one for one in built.public if one.name == name)
    frame = pl.read_csv(files[f"tables/{name}.csv"], infer_schema=False)
    assert tuple(frame.columns) == table.header
    assert frame.rows() == [(*codes, *map(text, values), code or None) for codes, values, code in table.rows]
    withheld = frame.filter(pl.col("disclosure_code") == "N")
    assert 0 < withheld.height < frame.height
    assert withheld.select(table.measures).null_count().row(0) == (withheld.height,) * len(table.measures)


def test_polars_adds_the_cohorts_up_to_their_total(files: dict[str, bytes]) -> None:
    frame = pl.read_csv(files["tables/people.csv"], schema_overrides={"state": pl.String, "cohort": pl.String})
    assert frame.schema["persons"] == pl.Int64
    assert "06" in frame["state"].to_list()
    whole = frame.filter(pl.col("state") == "TOTAL", pl.col("cohort") == "TOTAL")["persons"].item()
    parts = frame.filter(pl.col("state") == "TOTAL", pl.col("cohort") != "TOTAL")
    assert parts["disclosure_code"].null_count() == parts.height == 2
    assert parts["persons"].sum() == whole


def test_polars_reads_the_layout_of_qcew_with_zeros_where_the_table_has_nothing(
    built: AggregatePackage, files: dict[str, bytes]
) -> None:
    frame = pl.read_csv(files["qcew/shops.csv"], infer_schema=False)
    table = next(one for one in built.public if one.name == "shops")
    assert frame.height == len(table.rows)
    withheld = frame.filter(pl.col("disclosure_code") == "N")
    assert withheld.height == table.withheld
    assert set(withheld["month1_emplvl"]) == set(withheld["total_qtrly_wages"]) == {"0"}
    by_key = {codes: values for codes, values, code in table.rows if not code}
    shown = frame.filter(pl.col("disclosure_code").is_null() | (pl.col("disclosure_code") == ""))
    for row in shown.iter_rows(named=True):
        key = (f"{row['year']}{row['qtr']}", row["area_fips"], row["own_code"], row["industry_code"], row["size_code"])
        assert row["total_qtrly_wages"] == str(by_key[key][table.measures.index("wages")])


def test_workbook_has_frozen_headers_filters_decimals_and_notes(
    built: AggregatePackage, files: dict[str, bytes]
) -> None:
    book = openpyxl.load_workbook(io.BytesIO(files["tables.xlsx"]))
    assert book.sheetnames == ["1 people", "2 shops", "Notes"]
    for sheet, table in zip(book.worksheets, built.public, strict=False):
        across = len(table.dimensions)
        assert sheet.freeze_panes == sheet.cell(2, across + 1).coordinate
        assert sheet.auto_filter.ref == f"A1:{sheet.cell(len(table.rows) + 1, len(table.header)).coordinate}"
        assert [cell.value for cell in sheet[1]] == list(table.header)
        rows = sheet.iter_rows(min_row=2, values_only=True)
        assert [tuple(row) for row in rows] == [expected_row(row) for row in table.rows]
    shares = book["1 people"]
    assert {cell.number_format for (cell,) in shares["F2:F20"] if cell.value is not None} == {"#,##0.0"}
    notes = "\n".join(str(cell) for row in book["Notes"].iter_rows(values_only=True) for cell in row if cell)
    assert "The absence of a wage record is not the absence of a job." in notes
    assert CATALOGUE["employed_share"].formula_text in notes


def expected_row(row: tuple[tuple[str, ...], tuple[Value, ...], str]) -> tuple[object, ...]:
    """As a spreadsheet has it."""
    codes, values, code = row
    return (*codes, *values, code)


def test_codebook_explains_every_column_of_every_table(built: AggregatePackage, files: dict[str, bytes]) -> None:
    frame = pl.read_csv(files["codebook.csv"], infer_schema=False)
    for table in built.public:
        ours = frame.filter(pl.col("table") == table.name)
        assert ours["column"].to_list() == list(table.header)
        assert ours["definition"].null_count() == 0
        measures = ours.filter(pl.col("unit") != "code")
        assert measures["formula"].null_count() == measures["population"].null_count() == 0
    assert "Read columns of codes as text" in files["codebook.md"].decode()


def test_manifest_statement_and_form_are_of_this_package(files: dict[str, bytes]) -> None:
    manifest = json.loads(files["manifest.json"])
    assert manifest["request"] == "WR-2026-000001"
    for name in FILES - {"manifest.json"}:
        entry = manifest["files"][name]
        assert (entry["bytes"], entry["sha256"]) == (len(files[name]), hashlib.sha256(files[name]).hexdigest())
    assert "people: " in files["disclosure_statement.txt"].decode()
    assert FORM[0][1] in files["request_form.txt"].decode()


def test_public_tables_are_what_pages_show(built: AggregatePackage) -> None:
    assert all(isinstance(table, PublishedTable) for table in built.public)
    assert built.public_rows["people"][0]["quarter"] == built.public[0].rows[0][0][0]
