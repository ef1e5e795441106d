"""The package: what is in it, what is not, and that its bytes never differ."""

import csv
import hashlib
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow as pa
import pytest

from disclosure.core.package.codebook import COVERAGE
from disclosure.core.package.zip_file import AggregatePackage, ReleaseRefused, Table, build
from disclosure.core.pattern import Pattern
from disclosure.core.protected_table import ProtectedTable, protect_table
from disclosure.core.qcew.cells import tabulate_qcew
from disclosure.core.qcew.protection import protect_qcew
from disclosure.core.rules.sensitivity import Parameters
from disclosure.core.tabulation.cells import TableDesign, tabulate
from matching.core.qcew.checks.printed import Printed
from matching.core.qcew.published import read_quarterly
from requests_app.views.site.public import TABLE_EXAMPLE
from tests.unit.disclosure.core.wages import employers, followed, random_employers, shuffled

DESIGN = TableDesign("wage_records", ("area", "industry"), ("jobs", "wages", "mean_wages"))
FORM = [("What do you want to know?", "Wages of shops and kitchens")]
GOLDEN_ROWS = [("44003", "722511", "A", 9, 900), ("44003", "441110", "B", 1, 95), ("44007", "441110", "C", 2, 0)]
GOLDEN = """\
quarter,area,industry,jobs,wages,mean_wages,disclosure_code
20161,44000,TOTAL,24,2195,91,
20161,44000,44-45,,,,N
20161,44000,72,,,,N
20161,44003,TOTAL,,,,N
20161,44003,44-45,,,,N
20161,44003,72,,,,N
20161,44007,TOTAL,,,,N
20161,44007,44-45,,,,N
20161,44007,72,,,,N
"""


def protected(seed: int | None = None) -> ProtectedTable:
    """Return one protected table, from rows in any order."""
    table = random_employers(7, 60)
    return protect_table(tabulate(table if seed is None else shuffled(table, seed), DESIGN), Parameters())


def package(table: ProtectedTable) -> AggregatePackage:
    """Return the package of one table."""
    return build([Table("wages", "Wages by county", table)], request="WR-2026-000001", form=FORM, seal="secret")


@pytest.fixture(scope="module")
def built() -> AggregatePackage:
    """Return one package."""
    return package(protected())


def opened(built: AggregatePackage) -> dict[str, bytes]:
    """Return the files of a package."""
    with zipfile.ZipFile(io.BytesIO(built.zip)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_same_inputs_give_the_same_bytes_in_any_order(built: AggregatePackage) -> None:
    again = package(protected(seed=4))
    assert (again.sha256, again.record_sha256) == (built.sha256, built.record_sha256)
    assert hashlib.sha256(built.zip).hexdigest() == built.sha256


def test_example_on_the_public_page_is_written_like_a_table() -> None:
    real = GOLDEN.replace("mean_wages,", "").splitlines()
    header, published, withheld, zero = TABLE_EXAMPLE
    assert header == real[0]
    assert withheld.endswith(",,,N")
    assert GOLDEN.splitlines()[2].endswith(",,,,N")
    assert {line.count(",") for line in (published, zero)} == {header.count(",")}


def test_table_bytes_are_golden() -> None:
    rows = [*GOLDEN_ROWS, *(("44007", "722511", name, 3, 300) for name in "DEFG")]
    table = protect_table(tabulate(employers(rows), DESIGN), Parameters())
    assert opened(package(table))["tables/wages.csv"].decode() == GOLDEN


def test_package_holds_these_files(built: AggregatePackage) -> None:
    assert sorted(opened(built)) == [
        "codebook.csv", "codebook.md", "disclosure_statement.txt", "manifest.json", "request_form.txt", "tables.xlsx",
        "tables/wages.csv",
    ]  # fmt: skip


def test_withheld_cells_are_empty_with_one_marker(built: AggregatePackage) -> None:
    table = protected()
    rows = list(csv.DictReader(io.StringIO(opened(built)["tables/wages.csv"].decode())))
    status = table.pattern.by_key
    for row, key, wages in zip(rows, table.cells.keys, table.cells.values["wages"], strict=True):
        withheld = status[key] != "F"
        assert row["disclosure_code"] == ("N" if withheld else "")
        assert row["wages"] == ("" if withheld else str(wages))
    assert {row["disclosure_code"] for row in rows} == {"N", ""}


def test_workbook_shows_what_the_csv_shows_and_runs_nothing(built: AggregatePackage) -> None:
    files = opened(built)
    sheet = openpyxl.load_workbook(io.BytesIO(files["tables.xlsx"])).worksheets[0]
    shown = [["" if value is None else str(value) for value in row] for row in sheet.iter_rows(values_only=True)]
    assert shown == list(csv.reader(io.StringIO(files["tables/wages.csv"].decode())))
    assert sheet.freeze_panes == "D2"


def test_titles_stand_beside_codes_in_the_workbook_and_in_a_file_of_their_own() -> None:
    names = {("area", "44003"): "Kent County", ("industry", "TOTAL"): "All industries"}
    titles = lambda dimension, code: names.get((dimension, code), code)  # noqa: E731
    table = Table("wages", "Wages by county", protected())
    files = opened(build([table], request="WR-2026-000001", form=FORM, seal="secret", titles=titles))
    sheet = openpyxl.load_workbook(io.BytesIO(files["tables.xlsx"])).worksheets[0]
    header, *rows = sheet.iter_rows(values_only=True)
    assert header[:5] == ("quarter", "area", "industry", "area_title", "industry_title")
    assert {row[3] for row in rows if row[1] == "44003"} == {"Kent County"}
    assert {row[4] for row in rows if row[2] == "TOTAL"} == {"All industries"}
    codes = list(csv.reader(io.StringIO(files["codes.csv"].decode())))
    assert codes[0] == ["table", "column", "code", "title"]
    assert ["wages", "area", "44003", "Kent County"] in codes
    assert "codes.csv" in json.loads(files["manifest.json"])["files"]


def test_manifest_names_every_file_by_its_hash(built: AggregatePackage) -> None:
    files = opened(built)
    manifest = json.loads(files.pop("manifest.json"))
    assert {name: entry["sha256"] for name, entry in manifest["files"].items()} == {
        name: hashlib.sha256(data).hexdigest() for name, data in files.items()
    }
    assert manifest["disclosure_record_sha256"] == hashlib.sha256(built.record).hexdigest()


def test_package_says_nothing_of_rules_or_reasons(built: AggregatePackage) -> None:
    files = opened(built)
    files.pop("tables.xlsx")
    text = b"\n".join(files.values()).decode().lower()
    for word in ("percent", "dominance", "primary", "complementary", "objection", "secret", "enterprises"):
        assert word not in text


def test_coverage_is_in_codebook_and_statement(built: AggregatePackage) -> None:
    files = opened(built)
    assert COVERAGE in files["codebook.md"].decode()
    assert COVERAGE in files["disclosure_statement.txt"].decode()


def test_record_holds_parameters_reasons_and_intervals(built: AggregatePackage) -> None:
    table = json.loads(built.record)["tables"]["wages"]
    withheld = [cell for cell in table["cells"] if cell["status"] != "F"]
    assert table["parameters"]["p_percent"] == 10
    assert all("intervals" in cell for cell in withheld)
    assert all("reasons" in cell for cell in withheld if cell["status"] == "P")


def test_public_rows_are_what_the_csv_holds(built: AggregatePackage) -> None:
    rows = built.public_rows["wages"]
    assert len(rows) == len(built.public[0].rows)
    assert all(row["wages"] is None for row in rows if row["disclosure_code"] == "N")


def test_names_that_look_like_formulas_are_defused() -> None:
    people = followed([("=1+1", "44", name, 20) for name in "ABC"] + [("plain", "44", name, 20) for name in "ABC"])
    table = protect_table(tabulate(people, TableDesign("wage_records", ("cohort",), ("persons",))), Parameters())
    files = opened(package(table))
    assert b"'=1+1" in files["tables/wages.csv"]
    sheet = openpyxl.load_workbook(io.BytesIO(files["tables.xlsx"])).worksheets[0]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}


def test_release_is_refused_unless_its_audit_is_clean_and_its_own() -> None:
    table = protected()
    with pytest.raises(ReleaseRefused, match="not clean"):
        package(replace(table, audit=replace(table.audit, under=1)))
    published = Pattern(table.system.keys, table.pattern.primary, np.zeros(len(table.system), dtype=np.bool_))
    with pytest.raises(ReleaseRefused, match="another pattern"):
        package(replace(table, pattern=published))


def test_table_in_the_layout_of_qcew_brings_files_that_a_reader_of_qcew_reads(tmp_path: Path) -> None:
    year = [20161, 20162, 20163, 20164]
    table = protect_qcew(tabulate_qcew(pa.concat_tables(map(shops, year))), Parameters())
    files = opened(build([Table("shops", "Shops", table)], request="WR-2026-000001", form=FORM, seal="secret"))
    (tmp_path / "shops.csv").write_bytes(files["qcew/shops.csv"])
    rows = read_quarterly([tmp_path / "shops.csv"])
    withheld = [status != "F" for status in table.pattern.statuses]
    assert sorted(set(rows["status"].to_pylist())) == ["N", "published"]
    assert rows["status"].to_pylist().count("N") == sum(withheld)
    (tmp_path / "year.csv").write_bytes(files["qcew/shops_annual.csv"])
    assert len(Printed([tmp_path / "year.csv"])) == rows.num_rows / 4
    assert "size" in files["codebook.csv"].decode()


def shops(quarter: int) -> pa.Table:
    """Return shops of three counties, few or many to an industry, with every amount."""
    draw = np.random.default_rng(5)
    rows = [(county, code, f"{county}{code}{number}", 1, int(draw.lognormal(12, 1)))
            for county in ("44003", "44005", "44007")
            for code, most in (("445110", 9), ("445120", 2), ("448110", 6))
            for number in range(most)]  # fmt: skip
    table = employers(rows, quarter)
    jobs = pa.array([wages // 9_000 + 1 for wages in table["wages"].to_pylist()])
    for name in ("month1", "month2", "month3", "taxable_wages", "contributions"):
        table = table.append_column(name, jobs)
    return table.append_column("establishments", pa.array([1] * table.num_rows))
