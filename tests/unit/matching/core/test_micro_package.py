"""The micro package: exact bytes, exact order, zeros kept, and the same archive every time."""

import hashlib
import io
import json
import os
import runpy
import zipfile

import numpy as np
import pyarrow as pa
import pytest

from matching.core.micro_package import COLUMNS, MatchSummary, attach_ids, build_micro_package

SCHEMA = pa.schema(
    [("temporary_id", pa.binary())]
    + [(name, pa.string()) for name in ("state", "uin", "run", "ein")]
    + [(name, pa.int32()) for name in ("year", "quarter", "wages", "hours", "weeks")]
    + [("dominant_naics", pa.string())]
)


def record(temporary_id: bytes = b"0007", **changes):
    plain = {
        "temporary_id": temporary_id, "state": "10", "uin": "0000000001", "run": "00000", "ein": "000000002",
        "year": 2016, "quarter": 1, "wages": 5, "hours": None, "weeks": None, "dominant_naics": "111110",
    }  # fmt: skip
    return plain | changes


def build(tables: dict[int, list[dict]]) -> tuple[bytes, object]:
    stream = io.BytesIO()
    arrow = {quarter: pa.Table.from_pylist(rows, schema=SCHEMA) for quarter, rows in tables.items()}
    summary = [MatchSummary(q, 3, 3, 1, {"10": 1}, {"10": len(rows)}) for q, rows in tables.items()]
    manifest = build_micro_package(
        stream, arrow, request_number="WR-2026-000001", summaries=summary, form_text="Form\n"
    )
    return stream.getvalue(), manifest


def member(package: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return archive.read(name)


RECORDS = [
    record(b"b"), record(b"a", quarter=1, wages=7), record(b"a", state="44", wages=1, hours=400, weeks=13),
    record(b"a", wages=-3), record(b"a", wages=-3), record(b"B"), record('é,"x"'.encode(), dominant_naics="999999"),
]  # fmt: skip
GOLDEN = '''\
Temporary ID,State FIPS Code,Unemployment Insurance Number (UIN),Reporting Unit Number (RUN),\
Employer Identification Number (EIN),Reference Year,Reference Quarter,Quarterly Wages,Hours Reported,Weeks worked,\
Dominant NAICS code
B,10,0000000001,00000,000000002,2016,1,5,,,111110
a,10,0000000001,00000,000000002,2016,1,-3,,,111110
a,10,0000000001,00000,000000002,2016,1,-3,,,111110
a,10,0000000001,00000,000000002,2016,1,7,,,111110
a,44,0000000001,00000,000000002,2016,1,1,400,13,111110
b,10,0000000001,00000,000000002,2016,1,5,,,111110
"é,""x""",10,0000000001,00000,000000002,2016,1,5,,,999999
'''


def test_records_are_written_exactly_so():
    package, manifest = build({20161: RECORDS})
    assert member(package, "wage_records.csv").decode() == GOLDEN
    assert member(package, "wage_records_2016Q1.csv").decode() == GOLDEN
    assert manifest.rows == len(RECORDS)


def test_row_order_of_the_input_does_not_show():
    assert build({20161: RECORDS})[0] == build({20161: RECORDS[::-1]})[0]


def test_combined_file_orders_by_person_then_quarter():
    second = [record(b"a", quarter=2), record(b"c", quarter=2)]
    package, _ = build({20162: second, 20161: [record(b"a"), record(b"b")]})
    rows = member(package, "wage_records.csv").decode().splitlines()[1:]
    assert [(r.split(",")[0], r.split(",")[6]) for r in rows] == [("a", "1"), ("a", "2"), ("b", "1"), ("c", "2")]
    assert len(member(package, "wage_records_2016Q2.csv").splitlines()) == 3


def test_short_codes_are_filled_with_zeros():
    package, _ = build({20161: [record(state="6", uin="12", run="1", ein="34")]})
    assert b"0007,06,0000000012,00001,000000034,2016," in member(package, "wage_records.csv")


@pytest.mark.parametrize("bad", [{"temporary_id": b"=x"}, {"uin": "=1+1"}, {"ein": "0123456789"}])
def test_what_a_spreadsheet_would_run_is_never_written(bad):
    with pytest.raises(ValueError, match=r"temporary ID|column"):
        build({20161: [record(**bad)]})


def test_manifest_names_the_hash_of_every_other_member():
    package, _ = build({20161: RECORDS})
    files = json.loads(member(package, "manifest.json"))["files"]
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        names = [name for name in archive.namelist() if name != "manifest.json"]
        assert {name: hashlib.sha256(archive.read(name)).hexdigest() for name in names} == {
            name: entry["sha256"] for name, entry in files.items()
        }


def test_package_holds_all_that_explains_it():
    with zipfile.ZipFile(io.BytesIO(build({20161: RECORDS})[0])) as archive:
        assert archive.namelist() == [
            "wage_records.csv", "wage_records_2016Q1.csv", "match_summary.csv", "codebook.txt", "read_records.py",
            "read_records.R", "read_records.sas", "read_records.do", "request_form.txt", "manifest.json",
        ]  # fmt: skip
        assert all(title in archive.read("codebook.txt").decode() for title in COLUMNS)
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_stream_that_cannot_seek_gives_the_same_bytes(tmp_path):
    read_end, write_end = os.pipe()
    table = {20161: pa.Table.from_pylist(RECORDS, schema=SCHEMA)}
    with os.fdopen(write_end, "wb") as pipe:
        build_micro_package(
            pipe, table, request_number="WR-2026-000001", form_text="Form\n",
            summaries=[MatchSummary(20161, 3, 3, 1, {"10": 1}, {"10": len(RECORDS)})],
        )  # fmt: skip
    with os.fdopen(read_end, "rb") as pipe:
        assert pipe.read() == build({20161: RECORDS})[0]


def test_python_script_of_the_package_reads_it_with_its_zeros(tmp_path):
    with zipfile.ZipFile(io.BytesIO(build({20161: RECORDS})[0])) as archive:
        archive.extractall(tmp_path)
    script = runpy.run_path(str(tmp_path / "read_records.py"))
    rows = list(script["read_records"](tmp_path / "wage_records.csv"))
    assert [row["Quarterly Wages"] for row in rows] == [5, -3, -3, 7, 1, 5, 5]
    assert rows[0]["Unemployment Insurance Number (UIN)"] == "0000000001"
    assert (rows[0]["Hours Reported"], rows[4]["Hours Reported"]) == (None, 400)
    assert rows[-1]["Temporary ID"] == 'é,"x"'


def test_package_of_a_quarter_without_records_has_titles_only():
    package, manifest = build({20161: []})
    assert (len(member(package, "wage_records.csv").splitlines()), manifest.rows) == (1, 0)


def test_ids_are_attached_by_cohort_row():
    table = pa.Table.from_pylist([record(), record()], schema=SCHEMA).drop(["temporary_id"])
    table = table.append_column("cohort_row", pa.array([1, 0], pa.int32())).append_column(
        "county", pa.array(["a", "b"])
    )
    joined = attach_ids(table, np.array([b"x", b"y"], "S20"))
    assert joined.column("temporary_id").to_pylist() == [b"y", b"x"]
    assert "county" not in joined.column_names
