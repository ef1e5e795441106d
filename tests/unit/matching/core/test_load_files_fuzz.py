"""Damaged load files by the thousand: nothing but LoadRefused is raised, no message holds a piece of an SSN, and what
is kept of every line is what a reader line by line keeps.

Seeded: the number of a file that fails is in the message. 100,000 files under `./run test --long`.
"""

import gzip
import os
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from matching.core.load_files.establishment_layout import EstablishmentReader
from matching.core.load_files.rejects import LoadRefused
from matching.core.load_files.wage_layouts import WageRecordReader
from tests.unit.matching.core import load_file_reading as reading

FILES = 100_000 if os.environ.get("WR_LONG") else 2_000
PARTS = 4
DIGITS = re.compile(r"\d{4,}")
NAMES = (b"ANN", b"Jos\xe9", b"O'Neil", b"", b"Zo\xc3\xab", b"LEE JR.", b"X" * 15)


def specimen(draw: random.Random) -> bytes:
    """A number that was never issued, or one of the impossible things that wage files hold."""
    number = f"9{draw.randrange(100):02}{draw.choice((1, 30, 66, 89)):02}{draw.randrange(10_000):04}".encode()
    return draw.choice([number] * 12 + [b"0" * 9, b"9" * 9, b"12345", b"", b" " * 9])


def wage_fields(draw: random.Random) -> dict[str, bytes]:
    """A record that can be loaded."""
    return {
        "ssn": specimen(draw), "name_first": draw.choice(NAMES), "name_middle": b"Q", "name_last": draw.choice(NAMES),
        "state": b"44", "uin": str(draw.randrange(1, 300)).encode(), "run": draw.choice((b"", b"0", b"17", b"00003")),
        "ein": draw.choice((b"", str(draw.randrange(10**9)).encode())), "year": b"2016", "quarter": b"1",
        "wage": str(draw.randrange(-500, 50_000)).encode(), "hours": draw.choice((b"", b"0", b"400", b"2184")),
        "weeks": draw.choice((b"", b"12", b"14")),
    }  # fmt: skip


def fixed_line(draw: random.Random) -> bytes:
    """The record in positions, numbers zero-filled or right-justified, with or without the places after 86."""
    record = wage_fields(draw)
    fill = draw.choice((b"0", b" "))
    parts = [
        record["ssn"].ljust(9),
        record["name_first"][:15].ljust(15),
        b"Q",
        record["name_last"][:20].ljust(20),
        b"44",
    ]
    parts += [record["uin"].rjust(10, b"0"), record["run"].rjust(5, b"0"), record["ein"].rjust(9, b"0"), b"20161"]
    negative = record["wage"].startswith(b"-")
    parts.append(record["wage"].rjust(10, b" " if negative else fill))
    if draw.random() < 0.8:
        parts += [record["hours"].rjust(4), record["weeks"].rjust(2)]
    return b"".join(parts)


def csv_line(draw: random.Random) -> bytes:
    return b",".join(wage_fields(draw).values())


def establishment_line(draw: random.Random) -> bytes:
    amounts = [str(draw.randrange(0, 10**6)).encode() for _ in range(6)]
    flags = [draw.choice((b"R", b"E", b"")) for _ in range(3)]
    months = [value for pair in zip(amounts[:3], flags, strict=True) for value in pair]
    values = [b"44", b"2016", b"1", str(draw.randrange(1, 10**10)).encode(), draw.choice((b"0", b"00012", b""))]
    values += [
        draw.choice((b"", b"123")),
        b"445110",
        b"2012",
        b"007",
        draw.choice((b"1", b"5")),
        draw.choice((b"1", b"3")),
    ]
    return b",".join([*values, *months, *amounts[3:], b"", b"", draw.choice((b"", b"77A")), b""])


TOKENS = (
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b'"', b'""', b",", b",,,", b"\r", b"\n", b"\r\n", b"\n\n", b" ", b"\t", b"-",
    b"+", b"e5", b"0x1F", b".5", b"1" * 19, b"9" * 40, b"\x1a", b"\xc3\xa9", b"nan", b"NULL", b"\x1f\x8b", b"2",
    b"A" * 300, b"ssn,", b"#", b"\\", b"\x85", b"\xe2\x80\xa8",
)  # fmt: skip


def damaged(content: bytes, draw: random.Random) -> bytes:
    """The content after one to four accidents."""
    data = bytearray(content)
    for _ in range(draw.randint(1, 4)):
        at = draw.randrange(len(data) + 1)
        far = min(len(data), at + draw.choice((1, 1, 1, 2, 9, 40, 400)))
        match draw.randrange(8):
            case 0 if far > at:
                data[at] = draw.randrange(256)
            case 1 | 2:
                data[at:at] = draw.choice(TOKENS)
            case 3:
                del data[at:far]
            case 4:
                data[at:at] = data[at:far]
            case 5:
                data[at:far] = draw.choice(TOKENS)
            case 6:
                lines = bytes(data).split(b"\n")
                draw.shuffle(lines)
                data[:] = b"\n".join(lines)
            case _:
                ends = draw.choice((b"\r\n", b"\r", b"\n"))
                data[:] = bytes(data).replace(b"\n", ends)
    return bytes(data)


def packed(content: bytes, draw: random.Random) -> bytes:
    """Now and then as gz, whole or damaged."""
    if draw.random() < 0.9:
        return content
    data = bytearray(gzip.compress(content, 1))
    if draw.random() < 0.5:
        del data[draw.randrange(len(data)) :]
    elif draw.random() < 0.5:
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    return bytes(data)


def kept_wages(path: Path) -> tuple[dict[int, Any], set[int], Any]:
    """Line -> record, the lines rejected, and the reader."""
    reader, kept = WageRecordReader(path), {}
    for batch in reader:
        columns = (batch.ssn, batch.uin, batch.run, batch.ein, batch.wages, batch.hours, batch.weeks)
        rows = zip(*(column.tolist() for column in columns), strict=True)
        kept |= dict(zip(batch.line.tolist(), rows, strict=True))
    return kept, {line for lines in reader.rejects.lines.values() for line in lines}, reader


def kept_establishments(path: Path) -> tuple[dict[int, Any], set[int], Any]:
    reader, kept = EstablishmentReader(path), {}
    for batch in reader:
        for row in batch.to_pylist():
            line = row.pop("line")
            for name in ("state_fips", "year", "quarter"):
                row.pop(name, None)
            kept[line] = tuple(value.encode() if isinstance(value, str) else value for value in row.values())
    return kept, {line for lines in reader.rejects.lines.values() for line in lines}, reader


def meaning(line: bytes, layout: str, names: tuple[str, ...]) -> Any:
    """What is kept of the line, or None where it is rejected; ``names`` are the titles of a CSV file."""
    fields = reading.csv_fields(line, names) if names else reading.fixed_fields(line)
    return fields and (reading.establishment if layout == "establishments" else reading.wage_record)(fields)


LAYOUTS: dict[str, tuple[Callable[[random.Random], bytes], tuple[str, ...], Callable[[Path], Any]]] = {
    "fixed": (fixed_line, (), kept_wages),
    "csv": (csv_line, reading.WAGE_CSV, kept_wages),
    "establishments": (establishment_line, reading.ESTABLISHMENT_CSV, kept_establishments),
}


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("layout", LAYOUTS)
def test_damaged_file_is_refused_or_read_like_line_by_line(layout: str, part: int, tmp_path: Path) -> None:
    make, header, read = LAYOUTS[layout]
    refused = 0
    for number in range(part, FILES // len(LAYOUTS), PARTS):
        draw = random.Random(f"{layout} {number}")
        whole = b"\n".join(
            [",".join(header).encode()] * bool(header) + [make(draw) for _ in range(draw.randint(1, 12))]
        )
        content = damaged(whole, draw)
        path = tmp_path / "file"
        path.write_bytes(packed(content, draw))
        try:
            kept, rejected, reader = read(path)
        except LoadRefused as refusal:
            refused += 1
            check_silence(refusal, content, f"{layout} {number}")
            continue
        check_lines(content, layout, kept, rejected, reader, f"{layout} {number}")
    total = len(range(part, FILES // len(LAYOUTS), PARTS))
    assert 0.1 * total < refused < 0.9 * total, "the damage is neither hopeless nor harmless"


def check_silence(refusal: LoadRefused, content: bytes, file: str) -> None:
    """No run of four digits of the file stands in the message, and no other error travels with it."""
    text, message = content.decode("latin-1"), str(refusal).replace("2016Q1", "")
    assert not [run for run in DIGITS.findall(message) if run in text], file
    assert refusal.__cause__ is None, file


def check_lines(content: bytes, layout: str, kept: dict[int, Any], rejected: set[int], reader: Any, file: str) -> None:
    """Each line is kept with its meaning, rejected, or blank; nothing else happens to it."""
    lines = lines_of(content)
    names = () if layout == "fixed" else tuple(titles(lines[0]))
    assert re.fullmatch("[0-9]{2}", reader.state), file
    assert not set(kept) & rejected, file
    assert reader.rejects.total == len(rejected), file
    assert set(kept) | rejected <= set(range(1 + bool(names), len(lines) + 1)), file
    for number, line in enumerate(lines, start=1):
        if b'"' in line or (names and number == 1):
            continue
        expected, blank = meaning(line, layout, names), line in (b"", b"," * (len(names) - 1))
        assert kept.get(number) == expected, (file, number)
        assert (number in rejected) == (expected is None and not blank), (file, number)


def titles(line: bytes) -> list[str]:
    """Column names of a header."""
    return [name.strip().strip('"').strip().lower() for name in line.decode("ascii").split(",")]


def lines_of(content: bytes) -> list[bytes]:
    """As an editor shows them."""
    text = content.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return text.removesuffix(b"\n").split(b"\n")
