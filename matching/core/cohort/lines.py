"""From the bytes of a cohort file to columns: a columnar path for clean blocks of lines, an exact one for the rest.

Both paths give the same ``Rows`` for the same clean block (a property test says so); only the exact one can tell what
is wrong with a line. A line break ends a row, quoted or not, so line numbers are those an editor shows.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.core.cohort.byte_columns import read_ids, read_nine_digits
from matching.core.cohort.id_order import ID_BYTES, id_order
from matching.core.cohort.problems import Kind, ProblemLog

MAX_LINE_BYTES = 512
_BLOCK_BYTES = 1 << 20
_UNBROKEN_LIMIT = 1 << 16
_FORMULA = "=+-@\uff1d\uff0b\uff0d\uff20"  # and their wide forms
_PLAIN_FORMULA_OR_SPACE = np.isin(np.arange(256), list(b"=+-@ "))
_LINE_END, _COMMA, _SPACE = b"\n, "
# White space as ASCII knows it; the browser's checker (static/js/cohort/lines.js) reads the same way.
SPACES = " \t\x0b\x0c\r"
_SPACED_SSN = re.compile(r"[0-9 \t\x0b\x0c\r\u00a0\u2010-\u2015\u2212-]+")
# Control and format characters, odd spaces, private and unassigned planes: a fixed list, so that no version of Unicode
# makes two checkers differ.
_ODD_CHARACTERS = re.compile(
    "[\x00-\x1f\x7f-\xa0\xad\u0600-\u0605\u061c\u06dd\u070f\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000"
    "\ue000-\uf8ff\ufeff\ufff0-\uffff\U000e0000-\U0010ffff]"
)
_SCIENTIFIC = re.compile(r"\d+([.,]\d*)?[eE]\+?\d+", re.ASCII)
_DECIMAL = re.compile(r"\d{7,9}[.,]\d*", re.ASCII)
_HEADER = re.compile(r"\d{2},\d{4}[1-4]", re.ASCII)

# A fault found while reading an SSN, kept as a small number per row until it is known whether the columns are swapped.
READ_FAULTS = (
    Kind.SSN_MISSING, Kind.SSN_HYPHENS, Kind.SSN_LEADING_ZERO, Kind.SSN_SCIENTIFIC, Kind.SSN_DECIMAL, Kind.SSN_NOT_NINE,
)  # fmt: skip
READ_FAULT_BASE = 100


class LineTooLong(Exception):
    """No line end within 64 KiB: whatever this is, it is no cohort file."""


@dataclass
class Rows:
    """Columns of one or more blocks; ids are b"" and ssn is 0 where a field cannot be used, ``fault`` says why."""

    line: npt.NDArray[np.uint32]
    ids: npt.NDArray[np.bytes_]
    ssn: npt.NDArray[np.uint32]
    fault: npt.NDArray[np.uint8]

    @staticmethod
    def join(parts: list["Rows"]) -> "Rows":
        """All blocks as one."""
        if not parts:
            return Rows(*(np.empty(0, dtype) for dtype in (np.uint32, f"S{ID_BYTES}", np.uint32, np.uint8)))
        columns = ("line", "ids", "ssn", "fault")
        return Rows(*(np.concatenate([getattr(part, name) for part in parts]) for name in columns))

    def by_id(self) -> "Rows":
        """The same rows in the order of their IDs, those of one ID as in the file."""
        order = id_order(self.ids)
        return Rows(self.line.take(order), self.ids.take(order), self.ssn.take(order), self.fault.take(order))


def line_blocks(chunks: Iterable[bytes], block_bytes: int = _BLOCK_BYTES, *, cut_long: bool = False) -> Iterator[bytes]:
    """Blocks of about ``block_bytes`` of whole lines, every line end (LF, CRLF, CR) as LF, the last line closed.

    A line that does not end within 64 KiB raises ``LineTooLong``; with ``cut_long`` only its beginning is given, and
    the reading goes on with the next line: the same memory for any file.
    """
    pending: list[bytes] = []
    size = 0
    for chunk in chunks:
        pending.append(chunk)
        size += len(chunk)
        if size < block_bytes:
            continue
        buffer = b"".join(pending)
        cut = max(buffer.rfind(b"\n"), buffer.rfind(b"\r", 0, -1)) + 1
        rest = buffer[cut:]
        if cut_long:
            rest = _beginning(rest)
        elif len(rest) > max(_UNBROKEN_LIMIT, block_bytes if cut else 0):
            raise LineTooLong
        if cut:
            yield _with_lf(buffer[:cut])
        pending, size = [rest], len(rest)
    rest = _with_lf(b"".join(pending))
    if rest:
        yield rest if rest.endswith(b"\n") else rest + b"\n"


def _beginning(line: bytes) -> bytes:
    """Enough of an unfinished line to know that it is too long; a CR at its end may be half of a line end."""
    if len(line) <= _UNBROKEN_LIMIT:
        return line
    return line[:_UNBROKEN_LIMIT] + (b"\r" if line.endswith(b"\r") else b"")


def _with_lf(block: bytes) -> bytes:
    if b"\r" not in block:
        return block
    return block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def read_clean_block(block: bytes, first_line: int) -> Rows | None:
    """Columns of a block in which every line is a plain ``id,ssn``; None when any line needs a closer look."""
    data = np.frombuffer(block, dtype=np.uint8)
    if data.min() < 10 or data.max() > 126 or b'"' in block:
        return None
    ends = np.flatnonzero(data == _LINE_END)
    if np.count_nonzero(data < 32) != len(ends) or np.count_nonzero(data == _COMMA) != len(ends):
        return None
    starts, commas = np.concatenate(([0], ends[:-1] + 1)), ends - 10
    id_size = commas - starts
    if id_size.min() < 1 or id_size.max() > ID_BYTES or np.any(data[commas] != _COMMA):
        return None
    if _PLAIN_FORMULA_OR_SPACE[data[starts]].any() or np.any(data[commas - 1] == _SPACE):
        return None
    ssn = read_nine_digits(data, commas + 1)
    if ssn is None:
        return None
    return Rows(
        line=np.arange(first_line, first_line + len(ends), dtype=np.uint32),
        ids=read_ids(data, starts, id_size),
        ssn=ssn,
        fault=np.zeros(len(ends), np.uint8),
    )


class ExactReader:
    """Reads blocks line by line and notes every problem; remembers blank lines until it knows they are not the last."""

    def __init__(self, log: ProblemLog, delimiter: str = ",") -> None:
        self.log = log
        self.delimiter = delimiter
        self._blank: list[int] = []

    def read(self, block: bytes, first_line: int) -> tuple[Rows, int]:
        """Columns of the block, and its number of filled lines; a line without two fields is noted and left out."""
        rows: list[tuple[int, bytes, int, int]] = []
        filled = 0
        for number, line in enumerate(block[:-1].split(b"\n"), start=first_line):
            filled += not is_blank(line)
            row = self._row(line, number)
            if row is not None:
                rows.append(row)
        if not rows:
            return Rows.join([]), filled
        lines, ids, ssn, fault = zip(*rows, strict=True)
        columns = np.array(lines, np.uint32), np.array(ids, f"S{ID_BYTES}"), np.array(ssn, np.uint32)
        return Rows(*columns, np.array(fault, np.uint8)), filled

    def close_blank_lines(self) -> None:
        """A filled line follows: the blank lines seen so far were not at the end."""
        self.log.add_lines(Kind.BLANK_LINE, self._blank)
        self._blank = []

    def _row(self, line: bytes, number: int) -> tuple[int, bytes, int, int] | None:
        if is_blank(line):
            self._blank.append(number)
            return None
        if self._blank:
            self.close_blank_lines()
        fields = self._fields(line, number)
        if fields is None:
            return None
        id_text, ssn_text = fields
        temporary_id, id_fault = read_id(id_text)
        if id_fault is not None:
            self.log.add(id_fault, number)
        ssn, fault = read_ssn(ssn_text)
        return number, temporary_id, ssn, fault

    def _fields(self, line: bytes, number: int) -> list[str] | None:
        """The two fields of a line, or None with the reason noted."""
        kind, fields = split_line(line, self.delimiter)
        if kind is None and _HEADER.fullmatch(",".join(fields)):
            kind = Kind.HEADER_REPEATED
        elif kind is None and not any(fields):
            kind = Kind.BLANK_LINE
        elif kind is None and len(fields) != 2:
            kind = Kind.COLUMN_COUNT
        if kind is None:
            return fields
        self.log.add(kind, number)
        return None


def is_blank(line: bytes) -> bool:
    """True where a line holds nothing but white space; one that is too long is too long whatever it holds."""
    return len(line) <= MAX_LINE_BYTES and not line.strip()


def split_line(line: bytes, delimiter: str = ",") -> tuple[Kind | None, list[str]]:
    """The fields of one line, quotes undone; or the kind of problem that prevents reading it."""
    if len(line) > MAX_LINE_BYTES:
        return Kind.LINE_TOO_LONG, []
    if b"\0" in line:
        return Kind.NUL, []
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        return Kind.NOT_UTF8, []
    if '"' not in text:
        return None, text.split(delimiter)
    try:
        return None, next(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error:
        return Kind.QUOTES, []


def read_id(text: str) -> tuple[bytes, Kind | None]:
    """The temporary ID as UTF-8 bytes, or b"" and what is wrong with it."""
    value = text.encode("utf-8")
    checks: tuple[tuple[Kind, Callable[[], bool]], ...] = (
        (Kind.ID_MISSING, lambda: not text.strip(SPACES)),
        (Kind.ID_TOO_LONG, lambda: len(value) > ID_BYTES),
        (Kind.ID_FORMULA, lambda: text.lstrip(SPACES)[0] in _FORMULA),
        (Kind.ID_CHARACTERS, lambda: text != text.strip(SPACES) or _ODD_CHARACTERS.search(text) is not None),
    )
    fault = next((kind for kind, is_wrong in checks if is_wrong()), None)
    return (value, None) if fault is None else (b"", fault)


def read_ssn(text: str) -> tuple[int, int]:
    """The number and 0; or 0 and the code of a read fault (READ_FAULT_BASE + place in READ_FAULTS)."""
    if len(text) == 9 and text.isascii() and text.isdigit():
        return int(text), 0
    return 0, READ_FAULT_BASE + READ_FAULTS.index(_ssn_fault(text))


def _ssn_fault(text: str) -> Kind:
    if not text.strip(SPACES):
        return Kind.SSN_MISSING
    if _SPACED_SSN.fullmatch(text) and sum("0" <= c <= "9" for c in text) == 9:
        return Kind.SSN_HYPHENS
    if text.isascii() and text.isdigit() and len(text) in (7, 8):
        return Kind.SSN_LEADING_ZERO
    if _SCIENTIFIC.fullmatch(text):
        return Kind.SSN_SCIENTIFIC
    return Kind.SSN_DECIMAL if _DECIMAL.fullmatch(text) else Kind.SSN_NOT_NINE
