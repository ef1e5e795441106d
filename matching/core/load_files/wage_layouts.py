"""Readers of wage-record files: the fixed-width layout that BLS hosts (LEHD) and CSV, told apart by themselves.

Names are read past and never kept. Positions after 86 are not published with the layout: hours in 87-90 and weeks in
91-92 are this system's definition.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from matching.core.load_files.columns import INT4_MAX, MISSING, is_blank, read_code, read_integers, read_ssn, table_of
from matching.core.load_files.rejects import LoadRefused, Reject, RejectReport
from matching.core.load_files.source import CsvColumns, Seen, TextColumns, header_of, read_blocks
from matching.core.load_files.wage_fast_path import digits, read_clean_csv, read_clean_lines

# name: (first position, last position), counted from 1 as in the published layout
FIXED_FIELDS: dict[str, tuple[int, int]] = {
    "ssn": (1, 9), "state": (46, 47), "uin": (48, 57), "run": (58, 62), "ein": (63, 71), "year": (72, 75),
    "quarter": (76, 76), "wage": (77, 86), "hours": (87, 90), "weeks": (91, 92),
}  # fmt: skip
FIXED_LENGTH, FIXED_LENGTH_WITHOUT_HOURS = 92, 86
CSV_FIELDS = (
    "ssn", "name_first", "name_middle", "name_last", "state", "uin", "run", "ein", "year", "quarter", "wage", "hours",
    "weeks",
)  # fmt: skip
_CSV_WIDTHS = {
    "ssn": 11, "state": 2, "uin": 10, "run": 5, "ein": 9, "year": 4, "quarter": 1, "wage": 19, "hours": 10, "weeks": 10,
}  # fmt: skip
_EXACT_BYTES = 1 << 16  # a block with trouble is halved down to about this before it is read line by line
_MAX_HOURS, _MAX_WEEKS = 13 * 7 * 24, 14


class Layout(StrEnum):
    """The two layouts of a wage-record file."""

    FIXED = "fixed"
    CSV = "csv"


@dataclass(frozen=True)
class WageBatch:
    """Columns of some thousand records. ssn is 0 where it has not nine digits; hours and weeks are -1 where missing."""

    line: npt.NDArray[np.int64]
    ssn: npt.NDArray[np.uint32]
    uin: npt.NDArray[np.bytes_]
    run: npt.NDArray[np.bytes_]
    ein: npt.NDArray[np.bytes_]
    wages: npt.NDArray[np.int32]
    hours: npt.NDArray[np.int16]
    weeks: npt.NDArray[np.int16]

    def __len__(self) -> int:
        return len(self.line)

    def __repr__(self) -> str:
        return f"WageBatch({len(self)} records)"

    @staticmethod
    def join(parts: "list[WageBatch]") -> "WageBatch":
        """The records of several batches, one after the other."""
        return WageBatch(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(WageBatch)))


@dataclass(frozen=True)
class Block:
    """Whole lines of a file, the number of the first, and how many there are."""

    body: bytes = field(repr=False)
    first_line: int
    lines: int


class WageRecordReader:
    """Iterate to get ``WageBatch``es of one file of one state and quarter, in file order.

    ``state`` (FIPS) and ``quarter`` (YYYYQ) are known after the first batch, ``rejects`` and ``lines`` grow with it.
    Raises LoadRefused when the file as a whole cannot be loaded: damaged, no known layout, two states or quarters.
    """

    def __init__(self, path: Path, seen: Seen = lambda _part: None) -> None:
        self.rejects = RejectReport()
        self.state = ""
        self.quarter = 0
        self.lines = 0
        self.bytes_read = 0
        self._path = path
        self._seen = seen
        self._opened = False
        self._header: list[str] | None = None

    @property
    def layout(self) -> Layout:
        """The layout found; known after the first batch."""
        return Layout.FIXED if self._header is None else Layout.CSV

    def __iter__(self) -> Iterator[WageBatch]:
        for block in self.blocks():
            batch, rejects = self.read(block)
            self.rejects.take_over(rejects)
            yield batch

    def blocks(self) -> Iterator[Block]:
        """The file in blocks of whole lines. The first is to be read (`read`) before the others, for it says the
        state and quarter that all must have; the others by several threads at once."""
        for data in read_blocks(self._path, self._seen):
            body = data if self._opened else self._open(data)
            self.bytes_read += len(data)
            lines, first_line = body.count(b"\n"), self.lines + 1
            self.lines += lines
            if body:
                yield Block(body, first_line, lines)
        if self.state == "":
            raise LoadRefused("The file holds no wage record that can be read.")

    def read(self, block: Block) -> tuple[WageBatch, RejectReport]:
        """The records of a block, and what was rejected in it."""
        clean = self._read_clean(block)
        if clean is not None:
            return self._clean_batch(clean, block.first_line), RejectReport()
        middle = block.body.find(b"\n", len(block.body) // 2) + 1
        if len(block.body) > _EXACT_BYTES and 0 < middle < len(block.body):
            lines = block.body.count(b"\n", 0, middle)
            first, rejects = self.read(Block(block.body[:middle], block.first_line, lines))
            second, more = self.read(Block(block.body[middle:], block.first_line + lines, block.lines - lines))
            rejects.take_over(more)
            return WageBatch.join([first, second]), rejects
        return self._read_exact(block)

    def _read_exact(self, block: Block) -> tuple[WageBatch, RejectReport]:
        rejects = RejectReport()
        columns = FixedColumns(rejects) if self._header is None else CsvColumns(self._header, _CSV_WIDTHS, rejects)
        return self._batch(*columns.read(block.body, block.first_line), rejects), rejects

    def _read_clean(self, block: Block) -> dict[str, npt.NDArray[Any]] | None:
        """The columns where every record is plain and of one state and quarter; None otherwise."""
        if self._header is None:
            columns = read_clean_lines(block.body, block.lines, FIXED_FIELDS)
        else:
            columns = read_clean_csv(block.body, block.lines, self._header)
        if columns is None or int(columns["wage"].min()) < -INT4_MAX or int(columns["wage"].max()) > INT4_MAX:
            return None
        if int(columns["hours"].max()) > _MAX_HOURS or int(columns["weeks"].max()) > _MAX_WEEKS:
            return None
        ssn = digits(columns["ssn"])
        codes = (table_of(columns["uin"]), table_of(columns["run"]), table_of(columns["ein"]))
        if ssn is None or not all(((table >= 48) & (table <= 57)).all() for table in codes):
            return None
        if not self._is_of_period(columns):
            return None
        return columns | {"ssn": ssn}

    def _is_of_period(self, columns: dict[str, npt.NDArray[Any]]) -> bool:
        if self.state == "":
            first = b"".join(bytes(columns[name][0]) for name in ("state", "year", "quarter"))
            self.state, self.quarter = period_of(first)
        text = f"{self.state}{self.quarter}"
        expected = {"state": text[:2], "year": text[2:6], "quarter": text[6:]}
        return all(bool((columns[name] == value.encode()).all()) for name, value in expected.items())

    def _clean_batch(self, columns: dict[str, npt.NDArray[Any]], first_line: int) -> WageBatch:
        return WageBatch(
            np.arange(first_line, first_line + len(columns["ssn"]), dtype=np.int64), columns["ssn"], columns["uin"],
            columns["run"], columns["ein"], columns["wage"].astype(np.int32), columns["hours"].astype(np.int16),
            columns["weeks"].astype(np.int16),
        )  # fmt: skip

    def _open(self, block: bytes) -> bytes:
        """Find the layout from the first line; gives the block without a header."""
        first, _, rest = block.partition(b"\n")
        self._opened = True
        if len(first) >= FIXED_LENGTH_WITHOUT_HOURS and first[71:76].isdigit():
            return block
        header = header_of(first)
        if "ssn" not in header:
            raise LoadRefused("This is neither the fixed-width layout nor a CSV with a header that names 'ssn'.")
        CsvColumns(header, _CSV_WIDTHS, self.rejects)  # refuses a header that lacks or repeats columns
        self._header = header
        self.lines = 1
        return rest

    def _batch(self, text: TextColumns, line: npt.NDArray[np.int64], rejects: RejectReport) -> WageBatch:
        self._check_period(text, line)
        ssn, bad_ssn = read_ssn(text["ssn"])
        uin, bad_uin = read_code(text["uin"], 10, letters=True)
        run, bad_run = read_code(text["run"], 5)
        ein, bad_ein = read_code(text["ein"], 9)
        wages, bad_wages = read_integers(text["wage"])
        hours, bad_hours = _counted(text["hours"], _MAX_HOURS)
        weeks, bad_weeks = _counted(text["weeks"], _MAX_WEEKS)
        keep = _reject(rejects, line, {
            Reject.SSN: bad_ssn, Reject.UIN: bad_uin | is_blank(text["uin"]), Reject.RUN: bad_run, Reject.EIN: bad_ein,
            Reject.WAGE: bad_wages | is_blank(text["wage"]), Reject.WAGE_TOO_LARGE: np.abs(wages) > INT4_MAX,
            Reject.HOURS: bad_hours, Reject.WEEKS: bad_weeks,
        })  # fmt: skip
        return WageBatch(
            line[keep], ssn[keep], uin[keep], run[keep], ein[keep],
            wages[keep].astype(np.int32), hours[keep].astype(np.int16), weeks[keep].astype(np.int16),
        )  # fmt: skip

    def _check_period(self, text: TextColumns, line: npt.NDArray[np.int64]) -> None:
        """One file holds one state and one quarter; the first record says which."""
        if len(line) == 0:
            return
        keys = np.strings.add(np.strings.add(text["state"], text["year"]), text["quarter"])
        if self.state == "":
            self.state, self.quarter = period_of(bytes(keys[0]))
        other = np.flatnonzero(keys != f"{self.state}{self.quarter}".encode())
        if len(other):
            raise LoadRefused(
                f"Line {line[other[0]]:,} is of another state or quarter than the first record (or has none). "
                "Send one file per state and quarter; nothing was loaded."
            )


def _reject(
    rejects: RejectReport, line: npt.NDArray[np.int64], masks: dict[Reject, npt.NDArray[np.bool_]]
) -> npt.NDArray[np.bool_]:
    keep = np.ones(len(line), bool)
    for code, mask in masks.items():
        rejects.add(code, line[mask & keep])
        keep &= ~mask
    return keep


def period_of(key: bytes) -> tuple[str, int]:
    """State FIPS and quarter YYYYQ of ``SSYYYYQ``. Raises LoadRefused when it is not one."""
    text = key.decode("ascii", "replace")
    if len(text) != 7 or not text.isdigit() or text[2:4] not in ("19", "20") or text[6] not in "1234":
        raise LoadRefused("The first record names no state, year and quarter that can be read.")
    return text[:2], int(text[2:])


def _counted(column: npt.NDArray[np.bytes_], largest: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Hours or weeks: -1 where blank; masked when negative, too large or not a number."""
    value, wrong = read_integers(column)
    negative = (value < 0) & ~is_blank(column)
    return np.where(wrong, MISSING, value), wrong | negative | (value > largest)


class FixedColumns:
    """Blocks of fixed-width lines to columns of text; lines of another length go to the report."""

    def __init__(self, rejects: RejectReport) -> None:
        self._rejects = rejects

    def read(self, block: bytes, first_line: int) -> tuple[TextColumns, npt.NDArray[np.int64]]:
        """The wanted fields, and each row's line number. Missing trailing positions are blank."""
        data = np.frombuffer(block, np.uint8)
        ends = np.flatnonzero(data == 10)
        starts = np.concatenate(([0], ends[:-1] + 1))
        length = ends - starts
        fits = (length >= FIXED_LENGTH_WITHOUT_HOURS) & (length <= FIXED_LENGTH)
        line = np.arange(first_line, first_line + len(ends), dtype=np.int64)
        self._rejects.add(Reject.LENGTH, line[~fits & (length > 0)])
        columns = {name: _cut(data, starts[fits], length[fits], *place) for name, place in FIXED_FIELDS.items()}
        return columns, line[fits]


def _cut(
    data: npt.NDArray[np.uint8], starts: npt.NDArray[np.intp], length: npt.NDArray[np.intp], first: int, last: int
) -> npt.NDArray[Any]:
    positions = np.arange(first - 1, last)
    places = np.minimum(starts[:, None] + positions, len(data) - 1)
    table = np.where(positions < length[:, None], data[places], np.uint8(32))
    return np.ascontiguousarray(table).view(f"S{last - first + 1}").ravel()
