"""CSV and XLSX files of strangers, read within bounds into plain text cells. Nothing in them is run or followed.

A formula is the text of the formula; nothing outside the file is fetched (ECMA-376 relationships are not followed).
"""

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

MOST_ROWS = 20_000
MOST_COLUMNS = 200
MOST_SHEETS = 20
MOST_TEXT = 500
MOST_UNPACKED = 60_000_000
NAMESPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
TOO_LARGE = f"A table has more than {MOST_ROWS:,} rows or {MOST_COLUMNS} columns. Submit the part that leaves."


class UnreadableOutput(Exception):
    """The file cannot be checked; the sentence says what to do, and repeats nothing of the file."""


@dataclass(frozen=True)
class Sheet:
    """One table of a file: its name, and rows of text cells, the first row first."""

    name: str
    rows: list[list[str]]


def read_csv(data: bytes) -> list[Sheet]:
    """A CSV file in UTF-8; `UnreadableOutput` with what to do."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableOutput("The CSV file is not in UTF-8. Save it as “CSV UTF-8”.") from None
    if "\x00" in text:
        raise UnreadableOutput("This is not a text file. Save the table as CSV or XLSX.")
    try:
        return [Sheet("", _bounded(csv.reader(io.StringIO(text, newline=""))))]
    except csv.Error:
        raise UnreadableOutput("The CSV file is broken: a quoted cell does not end. Save it again.") from None


def read_xlsx(data: bytes) -> list[Sheet]:
    """The cells of an XLSX workbook as text; hidden sheets and columns too. `UnreadableOutput` with what to do."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            if sum(part.file_size for part in book.infolist()) > MOST_UNPACKED:
                raise UnreadableOutput(TOO_LARGE)
            return list(_sheets(book))
    except (zipfile.BadZipFile, KeyError, ElementTree.ParseError, ValueError, IndexError):
        raise UnreadableOutput("The workbook cannot be read. Save it again as XLSX, without a password.") from None


def _sheets(book: zipfile.ZipFile) -> Iterator[Sheet]:
    shared = _shared(book)
    names = [sheet.get("name", "") for sheet in _tree(book, "xl/workbook.xml").iter(f"{NAMESPACE}sheet")]
    parts = sorted(name for name in book.namelist() if name.startswith("xl/worksheets/sheet"))
    if len(parts) > MOST_SHEETS:
        raise UnreadableOutput(f"The workbook has more than {MOST_SHEETS} sheets. Submit the ones that leave.")
    for place, part in enumerate(parts):
        rows = (_row(row, shared) for row in _tree(book, part).iter(f"{NAMESPACE}row"))
        yield Sheet(names[place] if place < len(names) else f"Sheet {place + 1}", _bounded(rows))


def _shared(book: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in book.namelist():
        return []
    found = _tree(book, "xl/sharedStrings.xml").iter(f"{NAMESPACE}si")
    return ["".join(text.text or "" for text in one.iter(f"{NAMESPACE}t")) for one in found]


def _tree(book: zipfile.ZipFile, part: str) -> ElementTree.Element:
    data = book.read(part)
    if b"<!DOCTYPE" in data[:2000] or b"<!ENTITY" in data[:2000]:
        raise UnreadableOutput("The workbook holds instructions it should not. Save it again as XLSX.")
    return ElementTree.fromstring(data)  # noqa: S314  bounded, without a DTD


def _row(row: ElementTree.Element, shared: list[str]) -> list[str]:
    cells: list[str] = []
    for cell in row.iter(f"{NAMESPACE}c"):
        place = _column(cell.get("r", "")) if cell.get("r") else len(cells)
        if place >= MOST_COLUMNS:
            raise UnreadableOutput(TOO_LARGE)
        cells += [""] * (place + 1 - len(cells))
        cells[place] = _text(cell, shared)
    return cells


def _text(cell: ElementTree.Element, shared: list[str]) -> str:
    formula = cell.find(f"{NAMESPACE}f")
    if formula is not None and formula.text:
        return f"={formula.text}"
    if cell.get("t") == "inlineStr":
        return "".join(text.text or "" for text in cell.iter(f"{NAMESPACE}t"))
    value = cell.find(f"{NAMESPACE}v")
    said = (value.text or "") if value is not None else ""
    return shared[int(said)] if cell.get("t") == "s" and said else said


def _column(reference: str) -> int:
    """B12 -> 1."""
    place = 0
    for letter in reference:
        if not letter.isalpha():
            break
        place = place * 26 + ord(letter.upper()) - 64
    return place - 1


def _bounded(rows: Iterator[list[str]]) -> list[list[str]]:
    found: list[list[str]] = []
    for row in rows:
        if len(found) >= MOST_ROWS or len(row) > MOST_COLUMNS:
            raise UnreadableOutput(TOO_LARGE)
        if any(cell.strip() for cell in row):
            found.append([cell[:MOST_TEXT].strip() for cell in row])
    return found
