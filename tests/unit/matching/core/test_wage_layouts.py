"""Both wage-record layouts give the same columns; what cannot be read is told by line and code only."""

import gzip

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.core.load_files.establishment_layout import CSV_FIELDS as ESTABLISHMENT_FIELDS
from matching.core.load_files.establishment_layout import EstablishmentReader, quarter_in_name
from matching.core.load_files.rejects import LoadRefused
from matching.core.load_files.wage_layouts import CSV_FIELDS, Layout, WageRecordReader

SSN = str(900) + "010001"
RECORD = {
    "ssn": SSN, "name_first": "Ann", "name_middle": "B", "name_last": "Cole", "state": "44", "uin": "0000000012",
    "run": "00000", "ein": "000000034", "year": "2016", "quarter": "1", "wage": "0000012345", "hours": "0400",
    "weeks": "12",
}  # fmt: skip
_NAMES = {"name_first": 15, "name_middle": 1, "name_last": 20}


def fixed(**changes: str) -> str:
    record = RECORD | changes
    return "".join(record[f].ljust(_NAMES[f]) if f in _NAMES else record[f] for f in CSV_FIELDS)


def comma(**changes: str) -> str:
    return ",".join((RECORD | changes).values())


def read(path, text: str | bytes):
    path.write_bytes(text if isinstance(text, bytes) else text.encode("latin-1"))
    reader = WageRecordReader(path)
    batches = list(reader)
    return reader, {
        name: np.concatenate([getattr(b, name) for b in batches])
        for name in ("line", "ssn", "uin", "wages", "hours", "weeks")
    }


FILES = {
    Layout.FIXED: "\n".join((fixed(), fixed(wage="-000000005", hours="    ", weeks="  "), fixed()[:86])),
    Layout.CSV: "\n".join(
        (",".join(CSV_FIELDS), comma(), comma(wage="-5", hours="", weeks=""), comma(hours="", weeks=""))
    ),
}


@pytest.mark.parametrize("layout", FILES)
@pytest.mark.parametrize("form", ["plain", "crlf", "gz"])
def test_layouts_are_told_apart_and_agree(tmp_path, layout, form):
    text = FILES[layout].replace("\n", "\r\n" if form == "crlf" else "\n").encode()
    reader, columns = read(tmp_path / "f", gzip.compress(text) if form == "gz" else text)
    assert (reader.layout, reader.state, reader.quarter, reader.rejects.total) == (layout, "44", 20161, 0)
    assert columns["ssn"].tolist() == [int(SSN)] * 3
    assert columns["wages"].tolist() == [12345, -5, 12345]
    assert columns["hours"].tolist() == [400, -1, -1]
    assert columns["weeks"].tolist() == [12, -1, -1]
    assert columns["uin"].tolist() == [b"0000000012"] * 3


def test_csv_columns_come_in_any_order_with_quoted_names(tmp_path):
    names = list(reversed(CSV_FIELDS))
    row = ",".join(f'"{RECORD[n]}, Jr"' if n == "name_last" else RECORD[n] for n in names)
    reader, columns = read(tmp_path / "f", ",".join(names).upper() + "\n" + row + "\n")
    assert (reader.rejects.total, columns["wages"].tolist()) == (0, [12345])


BAD_FIELDS = {
    "ssn_not_digits": {"ssn": "90001000A"}, "uin": {"uin": "0000-00012"}, "run": {"run": "0000x"},
    "ein": {"ein": "00000003x"},
    "wage_not_whole_dollars": {"wage": "00001234.5"}, "wage_too_large": {"wage": "2147483648"},
    "hours": {"hours": "9999"},
    "weeks": {"weeks": "15"},
}  # fmt: skip


@pytest.mark.parametrize("code", BAD_FIELDS)
@pytest.mark.parametrize("layout", FILES)
def test_bad_field_rejects_its_line_by_code(tmp_path, code, layout):
    make, head = (fixed, []) if layout is Layout.FIXED else (comma, [",".join(CSV_FIELDS)])
    reader, columns = read(tmp_path / "f", "\n".join([*head, make(), make(**BAD_FIELDS[code]), make()]))
    assert reader.rejects.lines == {code: [len(head) + 2]}
    assert columns["line"].tolist() == [len(head) + 1, len(head) + 3]


def test_impossible_numbers_are_kept_for_the_totals(tmp_path):
    reader, columns = read(tmp_path / "f", "\n".join((fixed(ssn="0" * 9), fixed(ssn=" " * 9), fixed(ssn="12345    "))))
    assert (reader.rejects.total, columns["ssn"].tolist()) == (0, [0, 0, 0])


def test_lines_of_wrong_length_are_rejected(tmp_path):
    reader, columns = read(tmp_path / "f", "\n".join((fixed(), fixed() + "x", fixed()[:50], fixed())))
    assert reader.rejects.lines == {"line_length": [2, 3]}
    assert columns["line"].tolist() == [1, 4]


def test_csv_lines_of_wrong_width_are_rejected_with_true_numbers(tmp_path):
    reader, columns = read(
        tmp_path / "f", "\n".join((",".join(CSV_FIELDS), comma(), "a,b", "", comma(), comma() + ",x", comma())) + "\n\n"
    )
    assert reader.rejects.lines == {"wrong_number_of_columns": [3, 6]}
    assert columns["line"].tolist() == [2, 5, 7]


REFUSED = {
    "two quarters": fixed() + "\n" + fixed(quarter="2"),
    "two states": fixed() + "\n" + fixed(state="10"),
    "no layout": "hello,world\n1,2\n",
    "missing column": "ssn,state\n1,44\n",
    "no record": ",".join(CSV_FIELDS) + "\n",
    "truncated gz": gzip.compress((fixed() + "\n").encode() * 1000)[:-20],
    "non-ASCII header": "ssn,\xe9\n",
    "empty": "",
    "one endless line": "x" * (10 << 20),
}


@pytest.mark.parametrize("case", REFUSED)
def test_file_that_cannot_be_loaded_is_refused_in_plain_words(tmp_path, case):
    with pytest.raises(LoadRefused) as refused:
        read(tmp_path / "f", REFUSED[case])
    assert SSN[:4] not in str(refused.value)
    assert refused.value.__cause__ is None


@settings(max_examples=150, deadline=None)
@given(
    body=st.one_of(
        st.text('0123456789,"\n ax', max_size=300), st.binary(max_size=200).map(lambda b: b.decode("latin-1"))
    )
)
@pytest.mark.parametrize("start", [fixed() + "\n", ",".join(CSV_FIELDS) + "\n" + comma() + "\n"], ids=["fixed", "csv"])
def test_any_content_is_read_or_refused(tmp_path_factory, start, body):
    said = ""
    try:
        read(tmp_path_factory.mktemp("fuzz") / "f", start + body)
    except LoadRefused as refused:
        said = str(refused)
    assert SSN[:4] not in said


UNIT = dict.fromkeys(ESTABLISHMENT_FIELDS, "") | {
    "state_fips": "44", "year": "2016", "quarter": "1", "uin": "12", "run": "0", "ein": "", "naics": "445110",
    "naics_vintage": "2012", "county_fips": "007", "ownership": "5", "meei": "1", "month1": "3", "month1_flag": "R",
    "month2": "4", "month2_flag": "R", "month3": "5", "month3_flag": "E", "total_wages": "1000", "taxable_wages": "900",
    "contributions": "10",
}  # fmt: skip


def units(*changes: dict[str, str], drop: tuple[str, ...] = ()) -> str:
    names = [n for n in ESTABLISHMENT_FIELDS if n not in drop]
    return "\n".join([",".join(names), *(",".join((UNIT | c)[n] for n in names) for c in changes)]) + "\n"


def read_units(path, text: str, quarter: int | None = None):
    path.write_text(text)
    reader = EstablishmentReader(path, quarter)
    return reader, [row for batch in reader for row in batch.to_pylist()]


def test_establishments_are_read_with_zero_filled_codes(tmp_path):
    reader, rows = read_units(tmp_path / "f", units({}))
    assert (reader.state, reader.quarter, reader.rejects.total) == ("44", 20161, 0)
    assert (rows[0]["uin"], rows[0]["ein"], rows[0]["county_fips"], rows[0]["month3"]) == (
        "0000000012",
        "0" * 9,
        "007",
        5,
    )


def test_quarter_of_establishments_may_come_from_the_name_or_the_caller(tmp_path):
    text = units({}, drop=("year", "quarter"))
    assert read_units(tmp_path / "establishments_44_2016Q3.csv", text)[0].quarter == 20163
    assert read_units(tmp_path / "f", text, quarter=20164)[0].quarter == 20164
    with pytest.raises(LoadRefused):
        read_units(tmp_path / "f", text)


@pytest.mark.parametrize(
    ("name", "quarter"), [("ri_20161.csv", 20161), ("2016q4.gz", 20164), ("a_20161_20162", None), ("x", None)]
)
def test_quarter_in_a_file_name(name, quarter):
    assert quarter_in_name(name) == quarter


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("ownership", "4", "ownership"), ("meei", "7", "meei"), ("month2", "-1", "employment"), ("naics", "", "naics"),
        ("county_fips", "4407", "county"), ("total_wages", "1.5", "wages_or_contributions"), ("uin", "", "uin"),
        ("successor_run", "x", "predecessor_or_successor"), ("month1_flag", "!", "employment"),
    ],
)  # fmt: skip
def test_bad_establishment_is_rejected_by_code(tmp_path, field, value, code):
    reader, rows = read_units(tmp_path / "f", units({}, {field: value}, {}))
    assert (reader.rejects.lines, len(rows)) == ({code: [3]}, 2)


@pytest.mark.parametrize("change", [{"quarter": "2"}, {"state_fips": "10"}])
def test_establishments_of_two_periods_or_states_are_refused(tmp_path, change):
    with pytest.raises(LoadRefused):
        read_units(tmp_path / "f", units({}, change))
