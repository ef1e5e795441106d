"""Clean blocks are read by columns, all others line by line: whatever the quick way takes, both read alike."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.core.load_files.rejects import LoadRefused
from matching.core.load_files.wage_layouts import CSV_FIELDS, Block, WageBatch, WageRecordReader
from tests.unit.matching.core.test_wage_layouts import FILES, RECORD, comma, fixed

VALUES = {
    "ssn": ["", " " * 9, "12345", "0" * 9, "9 0010001", '"' + RECORD["ssn"] + '"'],
    "uin": ["12", "A000000012", "         1", "-000000001", '"0000000012"'],
    "run": ["1", "     ", "00x00"], "ein": ["", "         ", "00000003x"],
    "year": ["2017", "20 6"], "quarter": ["2", " "], "state": ["4 ", "10"],
    "wage": ["", "-5", "- 5", "+5", " 5", "5 ", "\t5", "0x10", "0X1", "-0x1", "1e3", "5.0", "2147483648", "-2147483648",
             '"7"', "0000000000"],
    "hours": ["", '""', "-1", "9999", "0x1", " 40", "00040"], "weeks": ["", "15", "014", "\t1"],
    "name_last": ["x0x", "O'Neil", '"Cole, Jr"', "Jos\xe9"],
}  # fmt: skip
change = st.sampled_from([(name, value) for name, values in VALUES.items() for value in values])
lines = st.lists(st.lists(change, max_size=2), min_size=1, max_size=6)


def line_of(changes: list[tuple[str, str]], layout: str) -> str:
    record = dict(changes)
    if layout == "csv":
        return comma(**record)
    coded = {name: len(text) for name, text in RECORD.items() if not name.startswith("name")}
    fitted = {name: value.ljust(coded[name])[: coded[name]] for name, value in record.items() if name in coded}
    return fixed(**fitted)


def opened(path, layout: str) -> WageRecordReader:
    """A reader that has read a plain first line, so that state and quarter are known."""
    path.write_text((",".join(CSV_FIELDS) + "\n" + comma() if layout == "csv" else fixed()) + "\n")
    reader = WageRecordReader(path)
    list(reader)
    return reader


@pytest.fixture(scope="module")
def readers(tmp_path_factory):
    return {layout: opened(tmp_path_factory.mktemp("f") / "f", layout) for layout in ("csv", "fixed")}


@settings(max_examples=300, deadline=None)
@given(lines)
@pytest.mark.parametrize("layout", ["csv", "fixed"])
def test_quick_way_reads_what_the_exact_way_reads(readers, layout, rows):
    body = "".join(line_of(changes, layout) + "\n" for changes in rows).encode("latin-1")
    block = Block(body, 7, body.count(b"\n"))
    if readers[layout]._read_clean(block) is None:
        return
    quick, rejects = readers[layout].read(block)
    exact, exact_rejects = readers[layout]._read_exact(block)
    assert (rejects.counts, exact_rejects.counts) == ({}, {})
    for field in fields(WageBatch):
        assert getattr(quick, field.name).tolist() == getattr(exact, field.name).tolist(), field.name


@pytest.mark.parametrize("layout", ["csv", "fixed"])
def test_plain_lines_are_taken_the_quick_way(readers, layout):
    """Or the test above would compare nothing."""
    body = (
        FILES["csv"].partition("\n")[2] if layout == "csv" else fixed() + "\n" + fixed(hours="    ", weeks="  ")
    ) + "\n"
    assert readers[layout]._read_clean(Block(body.encode(), 1, body.count("\n"))) is not None


def test_trouble_in_a_large_block_is_told_by_its_line(tmp_path):
    """A block is halved until the trouble stands in a small part, and line numbers hold."""
    rows = [comma() for _ in range(40_000)]
    rows[12_345] = comma(wage="x")
    rows[39_999] = comma(wage="-5")
    (tmp_path / "f").write_text("\n".join([",".join(CSV_FIELDS), *rows]) + "\n")
    reader = WageRecordReader(tmp_path / "f")
    (batch,) = list(reader)
    assert reader.rejects.lines == {"wage_not_whole_dollars": [12_347]}
    assert np.array_equal(batch.line, np.delete(np.arange(2, 40_002), 12_345))
    assert batch.wages[-1] == -5


def test_other_quarter_deep_in_a_block_is_refused_by_its_line(tmp_path):
    rows = [comma() for _ in range(20_000)]
    rows[19_000] = comma(quarter="2")
    (tmp_path / "f").write_text("\n".join([",".join(CSV_FIELDS), *rows]) + "\n")
    with pytest.raises(LoadRefused, match="Line 19,002 "):
        list(WageRecordReader(tmp_path / "f"))
