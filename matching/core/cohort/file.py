"""The cohort file checker: everything wrong with a state's file at once, and nothing of its content in any message.

Rules: data.md "Cohort file" of the specification, from the BLS request instructions; SSN rules in ``ssn``.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Literal

import numpy as np

from matching.core.ahead import ahead
from matching.core.cohort.header import Header, read_header
from matching.core.cohort.id_order import Ids
from matching.core.cohort.identity import (
    Cohort,
    IdNumbers,
    Mask,
    Ssns,
    check_across,
    find_duplicates,
    id_numbers,
    tells_own_number,
)
from matching.core.cohort.lines import (
    READ_FAULT_BASE,
    READ_FAULTS,
    ExactReader,
    Rows,
    is_blank,
    line_blocks,
    read_clean_block,
)
from matching.core.cohort.problems import Kind, Problem, ProblemLog
from matching.core.ssn import SsnFault, SsnWorld, is_possible, refuse_reason

__all__ = ["MAX_ROWS", "Cohort", "CohortCheck", "Policy", "Problem", "check", "check_across"]

MAX_ROWS = 5_000_000
Policy = Literal["strict", "exclude"]
_CHUNK = 1 << 20
_HEAD_BYTES = 4096
_BOM = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
# ZIP and XLSX, gzip, old Office, PDF, 7-Zip, RAR, bzip2, xz, Zstandard; pictures; SAS, SPSS, Stata, Parquet, SQLite;
# RTF, XML and HTML (a workbook may be saved as these)
_ARCHIVE_MARKS = (
    b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08", b"\x1f\x8b", b"\xd0\xcf\x11\xe0", b"%PDF", b"7z\xbc\xaf", b"Rar!",
    b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd",
    b"\x89PNG", b"\xff\xd8\xff", b"\0" * 12 + b"\xc2\xea\x81\x60", b"$FL2", b"<stata_dta", b"PAR1", b"SQLite format 3",
    b"{\\rtf", b"<?xml", b"<html", b"<HTML", b"<!DOCTYPE", b"<!doctype",
)  # fmt: skip
_FAULT_KINDS = {
    SsnFault.AREA: Kind.SSN_AREA,
    SsnFault.GROUP: Kind.SSN_GROUP,
    SsnFault.SERIAL: Kind.SSN_SERIAL,
    SsnFault.ITIN: Kind.SSN_ITIN,
    SsnFault.ATIN: Kind.SSN_ATIN,
    SsnFault.WELL_KNOWN: Kind.SSN_WELL_KNOWN,
    SsnFault.NOT_A_SPECIMEN: Kind.SSN_NOT_SPECIMEN,
}
_KIND_BY_CODE: dict[int, Kind] = {int(fault): kind for fault, kind in _FAULT_KINDS.items()} | {
    READ_FAULT_BASE + place: kind for place, kind in enumerate(READ_FAULTS)
}


@dataclass(frozen=True)
class CohortCheck:
    """The answer: ``cohort`` is None unless ``ok``; ``rows`` is persons' lines read, ``excluded`` those left out."""

    ok: bool
    quarter: int | None
    rows: int
    problems: list[Problem]
    cohort: Cohort | None
    excluded: int = 0


def check(
    data: bytes | Iterable[bytes],
    *,
    state_fips: str,
    quarters: set[int] | frozenset[int],
    world: SsnWorld,
    policy: Policy = "strict",
    matching_started: bool = False,
    max_rows: int = MAX_ROWS,
    columnar: bool = True,
) -> CohortCheck:
    """Check one cohort file, given whole or in chunks of any size; no exception is raised for any content, and no
    answer depends on how the file was cut into chunks.

    ``state_fips`` is the requesting state, ``quarters`` the approved ones as YYYYQ. Policy "strict": any problem
    refuses the file. "exclude": lines with problems are left out; problems of the whole file still refuse it.
    ``columnar=False`` reads every line the exact way (same answer; for the test that says so).
    """
    log = ProblemLog()
    if matching_started:
        log.add(Kind.MATCHING_STARTED)
    reader = _FileReader(log, state_fips, quarters, max_rows, columnar)
    rows = reader.read(_chunks(data)).by_id()
    bad = _check_rows(rows, world, log) if reader.readable else np.ones(len(rows.ssn), bool)
    good = int(np.count_nonzero(~bad))
    nobody_left = policy == "exclude" and good == 0 and not log.refuses_file
    if reader.readable and (reader.lines_seen == 0 or nobody_left):
        log.add(Kind.EMPTY)
    ok = not log.counts if policy == "strict" else not log.refuses_file
    cohort = _cohort(rows, bad) if ok else None
    return CohortCheck(
        ok, reader.quarter, reader.lines_seen, log.problems(), cohort, reader.lines_seen - good if ok else 0
    )


def _cohort(rows: Rows, bad: Mask) -> Cohort:
    if not bad.any():  # as nearly always
        return Cohort(rows.ids, rows.ssn, rows.line)
    return Cohort(rows.ids[~bad], rows.ssn[~bad], rows.line[~bad])


def _chunks(data: bytes | Iterable[bytes]) -> Iterator[bytes]:
    if not isinstance(data, bytes):
        yield from data
        return
    for start in range(0, len(data), _CHUNK):
        yield data[start : start + _CHUNK]


class _FileReader:
    """Reads header and blocks of one file; ``readable`` turns False when the content is no cohort file at all.

    A file with too many lines gives no report of lines: only what is wrong with the file as a whole.
    """

    def __init__(
        self, log: ProblemLog, state_fips: str, quarters: set[int] | frozenset[int], max_rows: int, columnar: bool
    ) -> None:
        self.log = log
        self.readable = True
        self.quarter: int | None = None
        self.lines_seen = 0
        self._state_fips, self._quarters = state_fips, quarters
        self._max_rows, self._columnar = max_rows, columnar
        self._headless = False
        self._exact = ExactReader(ProblemLog())

    def read(self, chunks: Iterator[bytes]) -> Rows:
        head = _head(chunks)
        kind = foreign_format(head)
        if kind is not None:
            self._refuse(kind)
            return Rows.join([])
        rows = self._read_lines(chain([head.removeprefix(_BOM)], chunks))
        if self.lines_seen > self._max_rows:
            self.lines_seen = self._max_rows + 1
            self._refuse(Kind.TOO_LARGE)
            return Rows.join([])
        self.log.absorb(self._exact.log)
        return rows

    def _read_lines(self, chunks: Iterable[bytes]) -> Rows:
        parts: list[Rows] = []
        for body, first, rows in ahead(self._in_columns, self._bodies(chunks)):
            parts.append(self._kept(body, first, rows))
            if self.lines_seen > self._max_rows:
                break
        if self._headless and self.lines_seen:
            self.log.add(Kind.HEADER_MISSING, 1)
        return Rows.join(parts)

    def _bodies(self, chunks: Iterable[bytes]) -> Iterator[tuple[bytes, int]]:
        """Blocks of persons' lines, with the number of the first."""
        line = 1
        for block in line_blocks(chunks, cut_long=True):
            body, first = block, line
            if line == 1:
                self._headless = is_blank(block.partition(b"\n")[0])
                body, first = (block, 1) if self._headless else self._open(block)
            line += block.count(b"\n")
            if body:
                yield body, first

    def _in_columns(self, numbered: tuple[bytes, int]) -> tuple[bytes, int, Rows | None]:
        """A block and, where all its lines are clean, its columns."""
        return *numbered, read_clean_block(*numbered) if self._columnar else None

    def _refuse(self, kind: Kind) -> None:
        self.readable = False
        self.log.add(kind)

    def _open(self, block: bytes) -> tuple[bytes, int]:
        """What the first line says; gives the block from where the persons' lines begin, and the number of that."""
        first, _, rest = block.partition(b"\n")
        header = read_header(first, state_fips=self._state_fips, quarters=self._quarters)
        self._note(header)
        return (block, 1) if header.is_data else (rest, 2)

    def _note(self, header: Header) -> None:
        self.quarter = header.quarter
        for kind in header.problems:
            self.log.add(kind, 1)
        if header.delimiter != ",":
            self._columnar = False
            self._exact.delimiter = header.delimiter

    def _kept(self, body: bytes, first_line: int, rows: Rows | None) -> Rows:
        """The columns of a block, read the exact way where they are not given, and counted."""
        if rows is not None:
            self._exact.close_blank_lines()
            self.lines_seen += len(rows.line)
            return rows
        rows, filled = self._exact.read(body, first_line)
        self.lines_seen += filled
        return rows


def _head(chunks: Iterator[bytes]) -> bytes:
    """The first chunks, until they are enough to see what kind of file this is."""
    head = b""
    while len(head) < _HEAD_BYTES and (chunk := next(chunks, None)) is not None:
        head += chunk
    return head


def foreign_format(head: bytes) -> Kind | None:
    """The kind of file that is no text at all, from its first bytes; None when it may be CSV."""
    if head.removeprefix(_BOM).startswith(_ARCHIVE_MARKS):
        return Kind.ARCHIVE
    if head.startswith(_UTF16_MARKS):
        return Kind.UTF16
    sample = head[:_HEAD_BYTES]
    if len(sample) <= 3 or sample.count(b"\0") * 3 <= len(sample):
        return None
    # Letters of two or four bytes have their NUL bytes in the same places.
    nuls = [sample[place::4].count(b"\0") for place in range(4)]
    return Kind.UTF16 if min(nuls) * 8 < max(nuls) else Kind.NUL


def _check_rows(rows: Rows, world: SsnWorld, log: ProblemLog) -> Mask:
    """Rules over all rows at once; gives the mask of rows with any problem."""
    read = rows.fault == 0
    codes = np.where(read, refuse_reason(rows.ssn, world), rows.fault)
    id_is_number = id_numbers(rows.ids)
    swapped = _swapped(id_is_number, codes != 0, world)
    if swapped.any():
        log.add_lines(Kind.COLUMNS_SWAPPED, rows.line[swapped])
    for code in np.unique(codes[~swapped & (codes != 0)]):
        log.add_lines(_KIND_BY_CODE[int(code)], rows.line[~swapped & (codes == code)])
    id_is_ssn = _id_is_ssn(id_is_number, rows.ids, rows.ssn, read) & ~swapped
    log.add_lines(Kind.ID_IS_SSN, rows.line[id_is_ssn])
    duplicates = find_duplicates(rows.ids, rows.ssn, codes == 0)
    log.add_lines(Kind.EXACT_DUPLICATE, rows.line[duplicates.exact])
    log.add_lines(Kind.SSN_OTHER_ID, rows.line[duplicates.ssn_other_id])
    log.add_lines(Kind.ID_OTHER_SSN, rows.line[duplicates.id_other_ssn & ~swapped])
    wrong = duplicates.exact | duplicates.ssn_other_id | duplicates.id_other_ssn
    return np.asarray(wrong | (codes != 0) | id_is_ssn | (rows.ids == b""))


def _swapped(id_is_number: IdNumbers, wrong_ssn: Mask, world: SsnWorld) -> Mask:
    """Rows whose SSN is wrong while the ID could be one; all False unless they are at least half of the file."""
    result = np.zeros(len(wrong_ssn), bool)
    candidates, numbers, _ = id_is_number
    hits = candidates[is_possible(numbers, world) & wrong_ssn[candidates]]
    if 2 * len(hits) >= len(result):
        result[hits] = True
    return result


def _id_is_ssn(id_is_number: IdNumbers, ids: Ids, ssn: Ssns, read: Mask) -> Mask:
    result = tells_own_number(ids, ssn) & read
    candidates, forwards, backwards = id_is_number
    if len(candidates):
        ssns = np.unique(ssn[read])
        result[candidates] |= np.isin(forwards, ssns) | np.isin(backwards, ssns)
    return result
