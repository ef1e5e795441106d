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

from matching.core.cohort.id_order import id_order
from matching.core.micro.csv_lines import COLUMNS
from matching.core.micro.employer_text import checked_codes, employer_fields, employer_text
from matching.core.micro.package import MatchSummary, build_micro_package
from matching.core.micro.records import RECORD_SCHEMA, Source, attach_ids


def record(temporary_id: bytes = b"0007", state: str = "10", quarter: int = 1, **changes):
    plain = {
        "temporary_id": temporary_id, "employer": employer(state, 20160 + quarter), "wages": 5, "hours": None,
        "weeks": None, "dominant_naics": b"111110",
    }  # fmt: skip
    return plain | changes


def employer(state: str, quarter: int, uin: str = "0000000001", run: str = "00000", ein: str = "000000002") -> bytes:
    return bytes(employer_text(state, quarter, *(np.array([code], "S") for code in (uin, run, ein)))[0])


def source(quarter: int, rows: list[dict], batch: int = 1000) -> Source:
    """Rows as a match gives them: in order, whole persons to a batch of about so many rows."""
    rows = sorted(rows, key=lambda row: [(row[key] is not None, row[key]) for key in RECORD_SCHEMA.names])
    cuts = [n for n in range(batch, len(rows), batch) if rows[n]["temporary_id"] != rows[n - 1]["temporary_id"]]
    parts = [rows[a:b] for a, b in zip([0, *cuts], [*cuts, len(rows)], strict=True)]
    padded = [[row | {"temporary_id": row["temporary_id"].ljust(20, b"\0")} for row in part] for part in parts]
    return Source(quarter, lambda: iter([pa.Table.from_pylist(part, schema=RECORD_SCHEMA) for part in padded]))


def write(stream, sources: list[Source]):
    summary = [MatchSummary("Trainees", s.quarter, 4, 3, 1, {"10": 1}, {"10": 2}) for s in sources]
    return build_micro_package(stream, sources, request_number="WR-2026-000001", summaries=summary, form_text="Form\n")


def build(tables: dict[int, list[dict]], batch: int = 1000) -> tuple[bytes, object]:
    stream = io.BytesIO()
    manifest = write(stream, [source(quarter, rows, batch) for quarter, rows in tables.items()])
    return stream.getvalue(), manifest


def member(package: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return archive.read(name)


RECORDS = [
    record(b"b"), record(b"a", quarter=1, wages=7), record(b"a", state="44", wages=1, hours=400, weeks=13),
    record(b"a", wages=-3), record(b"a", wages=-3), record(b"B"), record('é,"x"'.encode(), dominant_naics=b"999999"),
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


def test_cut_of_the_input_into_batches_does_not_show():
    second = [record(b"a", quarter=2), record(b"c", quarter=2)]
    whole = build({20161: RECORDS, 20162: second})[0]
    assert build({20161: RECORDS, 20162: second}, batch=1)[0] == whole
    assert build({20161: RECORDS, 20162: second}, batch=2)[0] == whole


def test_person_of_two_cohorts_stands_once():
    first, second = [record(b"a"), record(b"c")], [record(b"a"), record(b"b")]
    stream = io.BytesIO()
    write(stream, [source(20161, first), source(20161, second, batch=1)])
    rows = member(stream.getvalue(), "wage_records.csv").decode().splitlines()[1:]
    assert [row.split(",")[0] for row in rows] == ["a", "b", "c"]


def test_records_out_of_order_are_refused():
    table = pa.Table.from_pylist([record(b"b".ljust(20, b"\0")), record(b"a".ljust(20, b"\0"))], schema=RECORD_SCHEMA)
    with pytest.raises(ValueError, match="order of their temporary IDs"):
        write(io.BytesIO(), [Source(20161, lambda: iter([table]))])
    with pytest.raises(ValueError, match="order of their temporary IDs"):
        write(io.BytesIO(), [Source(20161, lambda: iter([table.slice(0, 1), table.slice(0, 1)]))])


def test_ids_are_ordered_by_their_bytes():
    ids = [b"b", b"a", b"ab", "é".encode(), b"a0123456789012345678", b"a012345", b"a0123456", b"B", b"a01234567"]
    assert [ids[n] for n in id_order(np.array(ids, "S20"))] == sorted(ids)
    short = [b"0010", b"001", b"00100"]
    assert [short[n] for n in id_order(np.array(short, "S20"))] == sorted(short)


def test_summary_is_safe_in_a_spreadsheet_too():
    stream = io.BytesIO()
    summary = [MatchSummary('=1+1, "x"', 20161, 4, 3, 1, {"10": 1}, {"10": 2})]
    build_micro_package(stream, [], request_number="WR-2026-000001", summaries=summary, form_text="")
    lines = member(stream.getvalue(), "match_summary.csv").decode().splitlines()
    assert lines[1:] == ['"\'=1+1, ""x""",20161,all,4,3,1,2', '"\'=1+1, ""x""",20161,10,4,3,1,2']


def test_combined_file_orders_by_person_then_quarter():
    second = [record(b"a", quarter=2), record(b"c", quarter=2)]
    package, _ = build({20162: second, 20161: [record(b"a"), record(b"b")]})
    rows = member(package, "wage_records.csv").decode().splitlines()[1:]
    assert [(r.split(",")[0], r.split(",")[6]) for r in rows] == [("a", "1"), ("a", "2"), ("b", "1"), ("c", "2")]
    assert len(member(package, "wage_records_2016Q2.csv").splitlines()) == 3


def test_short_codes_are_filled_with_zeros():
    assert employer("6", 20164, uin="12", run="1", ein="34") == b"06,0000000012,00001,000000034,2016,4"
    assert checked_codes(np.array([b"11", b"999999"]), 6, "dominant_naics").tolist() == [b"000011", b"999999"]


def test_employers_fields_are_told_apart_again():
    fields = employer_fields(np.array([employer("44", 20164, uin="A1", ein="34")]))
    assert {name: column.tolist() for name, column in fields.items()} == {
        "state": [b"44"], "uin": [b"00000000A1"], "run": [b"00000"], "ein": [b"000000034"], "year": [b"2016"],
        "quarter": [b"4"],
    }  # fmt: skip


@pytest.mark.parametrize("bad", [{"uin": "=1+1"}, {"ein": "0123456789"}, {"run": "-1"}, {"uin": "a"}, {"run": "1,2"}])
def test_what_is_no_code_becomes_no_employer(bad):
    with pytest.raises(ValueError, match="A code in column"):
        employer("44", 20161, **bad)


def test_id_that_a_spreadsheet_would_run_is_never_written():
    with pytest.raises(ValueError, match="temporary ID"):
        build({20161: [record(b"=x")]})


NUMBERS = [0, 7, 9_999, 10_000, 10_001, 99_999_999, 100_000_000, -1, -2_147_483_648, 2_147_483_647]


@pytest.mark.parametrize("upto", range(1, len(NUMBERS) + 1))
def test_numbers_of_every_length_are_written_as_they_are(upto):
    """Also beside each other: which digits are written at a time depends on the longest."""
    rows = [record(b"%02d" % place, wages=wages) for place, wages in enumerate(NUMBERS[:upto])]
    rows += [record(b"x", hours=hours, weeks=weeks) for hours, weeks in ((0, 13), (32_767, None), (None, 9_999))]
    lines = member(build({20161: rows})[0], "wage_records.csv").decode().splitlines()[1:]
    assert [line.split(",")[7] for line in lines[:upto]] == [str(wages) for wages in NUMBERS[:upto]]
    assert {tuple(line.split(",")[8:10]) for line in lines[upto:]} == {("0", "13"), ("32767", ""), ("", "9999")}


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
    with os.fdopen(write_end, "wb") as pipe:
        write(pipe, [source(20161, RECORDS)])
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
    plain = {name: [value, value] for name, value in record().items() if name != "temporary_id"}
    table = pa.table(plain, schema=pa.schema(list(RECORD_SCHEMA)[1:]))
    table = table.append_column("cohort_row", pa.array([1, 0], pa.int32())).append_column(
        "county", pa.array(["a", "b"])
    )
    joined = attach_ids(table, np.array([b"x", b"y"], "S20"))
    assert [value.rstrip(b"\0") for value in joined.column("temporary_id").to_pylist()] == [b"y", b"x"]
    assert "county" not in joined.column_names
