"""What goes wrong with files on their way: each is refused in plain words, or its lines rejected by number and code.

Both wage-record layouts and the establishment file; nothing of the file is ever quoted.
"""

import gzip
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from config.embedded.place import CHECKOUT
from matching.core.load_files.establishment_layout import CSV_FIELDS as ESTABLISHMENT_FIELDS
from matching.core.load_files.establishment_layout import EstablishmentReader
from matching.core.load_files.rejects import LoadRefused
from matching.core.load_files.wage_layouts import CSV_FIELDS, WageRecordReader
from tests.unit.matching.core.test_wage_layouts import SSN, UNIT, comma, fixed

BOM = b"\xef\xbb\xbf"
HEADS = {"fixed": b"", "csv": ",".join(CSV_FIELDS).encode(), "establishments": ",".join(ESTABLISHMENT_FIELDS).encode()}
HEADED = ("csv", "establishments")
LAYOUTS = ("fixed", *HEADED)


def line(layout: str, **changes: str) -> bytes:
    """A line that can be loaded, but for the changes; the changes have the fields' names in wage records."""
    if layout == "establishments":
        of_units = {"state": "state_fips", "wage": "total_wages"}
        changed = UNIT | {of_units.get(name, name): value for name, value in changes.items()}
        return ",".join(changed[name] for name in ESTABLISHMENT_FIELDS).encode("latin-1")
    return (fixed if layout == "fixed" else comma)(**changes).encode("latin-1")


def whole(layout: str, *lines: bytes, end: bytes = b"\n", last: bool = True) -> bytes:
    """A file with its header."""
    return end.join(([HEADS[layout]] if HEADS[layout] else []) + list(lines)) + end * last


def read(layout: str, content: bytes, tmp_path: Path) -> tuple[int, dict[str, list[int]]]:
    """Rows kept, and the lines rejected by code."""
    path = tmp_path / "file"
    path.write_bytes(content)
    reader = EstablishmentReader(path) if layout == "establishments" else WageRecordReader(path)
    rows = sum(batch.num_rows if layout == "establishments" else len(batch) for batch in reader)
    assert reader.rejects.total == sum(map(len, reader.rejects.lines.values()))
    return rows, reader.rejects.lines


def refusal(layout: str, content: bytes, tmp_path: Path) -> str:
    """The words of the refusal, which quote nothing and bring no other error along."""
    with pytest.raises(LoadRefused) as refused:
        read(layout, content, tmp_path)
    words = str(refused.value)
    assert refused.value.__cause__ is None
    assert words.endswith(".")
    assert not [run for run in re.findall(r"\d{3,}", words.replace("2016Q1", "")) if run.encode() in content]
    return words


def at(layout: str, *places: int) -> list[int]:
    """Line numbers of records counted from 1."""
    return [place + bool(HEADS[layout]) for place in places]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("mark", [b"", BOM], ids=["", "BOM"])
@pytest.mark.parametrize("last", [True, False], ids=["", "no last end"])
def test_marks_and_ends_of_lines_change_nothing(
    layout: str, end: bytes, mark: bytes, *, last: bool, tmp_path: Path
) -> None:
    content = mark + whole(layout, line(layout), line(layout, uin="0000-00001"), line(layout), end=end, last=last)
    assert read(layout, content, tmp_path) == (2, {"uin": at(layout, 2)})
    assert read(layout, gzip.compress(content), tmp_path) == (2, {"uin": at(layout, 2)})


@pytest.mark.parametrize("layout", LAYOUTS)
def test_lines_of_wrong_length_or_width_are_rejected(layout: str, tmp_path: Path) -> None:
    good, code = line(layout), "line_length" if layout == "fixed" else "wrong_number_of_columns"
    content = whole(layout, good, good[:40], good + b",x", b"", good, b"x" * 100_000)
    assert read(layout, content, tmp_path) == (2, {code: at(layout, 2, 3, 6)})


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(("field", "value"), [("state", "10"), ("quarter", "2"), ("year", "2017")])
def test_second_state_or_quarter_refuses_the_file_and_names_the_line(
    layout: str, field: str, value: str, tmp_path: Path
) -> None:
    content = whole(layout, line(layout), line(layout), line(layout, **{field: value}))
    assert f"Line {at(layout, 3)[0]} is of another state or quarter" in refusal(layout, content, tmp_path)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(("field", "value"), [("state", "xx"), ("state", "  "), ("quarter", "5"), ("year", "0000")])
def test_state_or_quarter_that_is_none_refuses_the_file(layout: str, field: str, value: str, tmp_path: Path) -> None:
    refusal(layout, whole(layout, line(layout, **{field: value}), line(layout)), tmp_path)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_letters_in_numbers_are_rejected_by_code(layout: str, tmp_path: Path) -> None:
    changes: list[dict[str, str]] = [{"wage": "00000O1234"}, {"ein": "00000001I"}, {"run": "0000S"}]
    codes = ["wage_not_whole_dollars" if layout != "establishments" else "wages_or_contributions", "ein", "run"]
    content = whole(layout, *(line(layout, **change) for change in changes), line(layout))
    expected = {code: [number] for code, number in zip(codes, at(layout, 1, 2, 3), strict=True)}
    assert read(layout, content, tmp_path) == (1, expected)


@pytest.mark.parametrize("layout", ["fixed", "csv"])
@pytest.mark.parametrize("ssn", ["90001-001", "9000I0001", "-90001000", "9 0001000", "90001000.", "+90001000"])
def test_ssn_that_is_not_digits_is_rejected_by_code(layout: str, ssn: str, tmp_path: Path) -> None:
    content = whole(layout, line(layout), line(layout, ssn=ssn))
    assert read(layout, content, tmp_path) == (1, {"ssn_not_digits": at(layout, 2)})


@pytest.mark.parametrize("layout", ["fixed", "csv"])
@pytest.mark.parametrize("name", ["Jos\xe9", "Zo\xeb", "\x85\xa0\xad"])
def test_letters_beyond_ascii_in_names_are_read_past(layout: str, name: str, tmp_path: Path) -> None:
    assert read(layout, whole(layout, line(layout), line(layout, name_first=name)), tmp_path) == (2, {})


def test_fixed_line_shifted_by_letters_of_two_bytes_is_not_read_shifted(tmp_path: Path) -> None:
    shifted = fixed(name_first="Jos\xe9").encode()
    assert "Line 2 is of another state" in refusal("fixed", whole("fixed", line("fixed"), shifted[:92]), tmp_path)
    assert read("fixed", whole("fixed", line("fixed"), shifted), tmp_path) == (1, {"line_length": [2]})


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("value", ["\xb2", "\xbd", "\xe9", "\xa0"])
def test_signs_beyond_ascii_in_codes_are_rejected(layout: str, value: str, tmp_path: Path) -> None:
    content = whole(layout, line(layout), line(layout, uin=f"00000000{value}1"))
    assert read(layout, content, tmp_path) == (1, {"uin": at(layout, 2)})


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("place", [0, 5, 50, -1])
def test_nul_bytes_refuse_the_file(layout: str, place: int, tmp_path: Path) -> None:
    content = bytearray(whole(layout, line(layout), line(layout)))
    content[place:place] = b"\0"
    assert "NUL" in refusal(layout, bytes(content), tmp_path)
    assert "NUL" in refusal(layout, whole(layout, line(layout)).decode("latin-1").encode("utf-16"), tmp_path)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_nothing_and_header_only_are_refused(layout: str, tmp_path: Path) -> None:
    for content in (b"", b"\n", b"\r\n\r\n", BOM, gzip.compress(b"")):
        refusal(layout, content, tmp_path)
    if HEADS[layout]:
        assert "no" in refusal(layout, whole(layout), tmp_path)
        assert "no" in refusal(layout, whole(layout, b"", b"", b"x"), tmp_path)


@pytest.mark.parametrize("layout", HEADED)
def test_header_that_repeats_or_lacks_a_column_is_refused(layout: str, tmp_path: Path) -> None:
    head, row = HEADS[layout], line(layout)
    for content in (head + b",uin\n" + row + b",1\n", head.replace(b"uin", b"uni") + b"\n" + row + b"\n"):
        assert "lacks or repeats columns" in refusal(layout, content, tmp_path)
    refusal(layout, head.replace(b"uin", b"u\xefn") + b"\n" + row, tmp_path)
    refusal(layout, row + b"\n" + row, tmp_path)


@pytest.mark.parametrize("layout", HEADED)
def test_quoted_fields_with_commas_are_read(layout: str, tmp_path: Path) -> None:
    names = HEADS[layout].split(b",")
    quoted = b",".join(b'"%s"' % value for value in line(layout).split(b","))
    assert read(layout, whole(layout, line(layout), quoted, line(layout)), tmp_path) == (2 + 1, {})
    content = HEADS[layout] + b",note\n" + line(layout) + b',"a, ""b"", c"\n' + line(layout) + b",\n"
    assert len(names) > 10
    assert read(layout, content, tmp_path) == (2, {})


@pytest.mark.parametrize("layout", HEADED)
@pytest.mark.parametrize("place", [1, 2, 3])
def test_quotation_mark_nobody_closes_costs_its_own_line_only(layout: str, place: int, tmp_path: Path) -> None:
    rows = [line(layout)] * 4
    rows[place - 1] = b'"' + rows[place - 1]
    assert read(layout, whole(layout, *rows), tmp_path) == (3, {"wrong_number_of_columns": at(layout, place)})
    rows[place] = b'"' + rows[place]
    lines = {"wrong_number_of_columns": at(layout, place, place + 1)}
    assert read(layout, whole(layout, *rows), tmp_path) == (2, lines)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("damage", [lambda d: d[:-4], lambda d: d[: len(d) // 2], lambda d: d[:200] + b"x" + d[201:]])
def test_damaged_gz_is_refused(layout: str, damage: Callable[[bytes], bytes], tmp_path: Path) -> None:
    # varied, so that the compressed file is long enough to be damaged in its middle
    rows = (line(layout, uin=f"{n * 7919 % 1_000_003:010}") for n in range(3_000))
    packed = damage(gzip.compress(whole(layout, *rows)))
    assert "cut short or damaged" in refusal(layout, packed, tmp_path)


def test_other_formats_are_refused(tmp_path: Path) -> None:
    for layout in LAYOUTS:
        for content in (b"PK\x03\x04 xl/workbook.xml", b"%PDF-1.7\n", b"<html>\n", b"{}\n", b'[{"ssn": 1}]\n'):
            refusal(layout, content, tmp_path)


READ = """
import sys
from pathlib import Path
from matching.core.load_files.establishment_layout import EstablishmentReader
from matching.core.load_files.rejects import LoadRefused
from matching.core.load_files.wage_layouts import WageRecordReader

def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // 1024

before = peak()
try:
    for batch in (EstablishmentReader if sys.argv[1] == "establishments" else WageRecordReader)(Path(sys.argv[2])):
        pass
    print("read", peak() - before, "")
except LoadRefused as refused:
    print("refused", peak() - before, refused)
"""
GIGABYTE = 1 << 30


@pytest.mark.parametrize("form", ["plain", "gz"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_line_of_a_gigabyte_is_refused_in_flat_memory(layout: str, form: str, tmp_path: Path) -> None:
    path, sevens = tmp_path / "file", b"7" * (1 << 24)
    start = whole(layout, line(layout))
    if form == "gz":  # members one after the other are one file
        path.write_bytes(gzip.compress(start) + gzip.compress(sevens, 1) * (GIGABYTE >> 24))
    else:
        path.write_bytes(start + sevens)
        with path.open("r+b") as file:
            file.truncate(GIGABYTE)  # a hole, which nobody gets to
    done = subprocess.run(
        [sys.executable, "-c", READ, layout, str(path)], capture_output=True, text=True, check=True, cwd=CHECKOUT
    )
    said, megabytes, words = done.stdout.split(maxsplit=2)
    assert (said, "far too long" in words) == ("refused", True)
    assert int(megabytes) < 120
    assert SSN[:4] not in words
    assert done.stderr == ""


def test_every_layout_is_asked_about(tmp_path: Path) -> None:
    for layout in LAYOUTS:
        rows: Any = read(layout, whole(layout, line(layout)), tmp_path)
        assert rows == (1, {})
