"""Wage records as bytes, fixed width or CSV: every line is put together from tables of ready text.

Fixed width (positions from 1): SSN 1-9, first name 10-24, middle 25, last 26-45, state 46-47, UIN 48-57, RUN 58-62, EIN
63-71, year 72-75, quarter 76, wage 77-86 in whole dollars, zero-filled; then hours 87-90 and weeks 91-92, zero-filled,
blank where missing. CSV: WAGE_FIELDS, empty where missing.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from matching.core.world.digits import Table, as_table, digits, squeezed, texts, unfilled, zero_filled
from matching.core.world.establishments import Roster
from matching.core.world.names import FIRST_NAMES, LAST_NAMES, MIDDLE_INITIALS
from matching.core.world.randomness import hashes, stream_key
from matching.core.world.records import MISSING, WageRecords, reported_units

Layout = Literal["csv", "fixed"]
Integers = NDArray[np.int64]

WAGE_FIELDS: Final = (
    "ssn", "name_first", "name_middle", "name_last", "state", "uin", "run", "ein", "year", "quarter", "wage", "hours",
    "weeks",
)  # fmt: skip
_SPLIT: Final = 10_000
_MOST_WAGE: Final = 2**31 - 1
_HOURS, _WEEKS = 1_000, 14


@dataclass(frozen=True)
class _Tables:
    """What a line is made of, in order of `WageLines.of`: each entry ends with what separates it from the next."""

    ssn: tuple[Table, Table]
    given_names: Table
    last_name: Table
    wage: tuple[Table, Table]
    hours: Table
    weeks: Table
    is_squeezed: bool


class WageLines:
    """Turns records of one state's roster and quarter into lines (LF) of a layout."""

    def __init__(self, roster: Roster, quarter: int, layout: Layout) -> None:
        self._seed = roster.seed
        self._tables = _csv_tables() if layout == "csv" else _fixed_tables()
        self._employers = _employers(roster, quarter, "," if layout == "csv" else "")
        self._buffer = bytearray()
        self.header = (",".join(WAGE_FIELDS) + "\n").encode() if layout == "csv" else b""

    def of(self, records: WageRecords) -> bytearray | memoryview:
        """The lines of the records, one after the other; good until the next call."""
        tables, given, last = self._tables, *_names(self._seed, records.person)
        above, below = np.divmod(records.ssn, np.uint32(_SPLIT))
        thousands, rest = np.divmod(records.wage, _SPLIT)
        parts = (
            (tables.ssn[0], above),
            (tables.ssn[1], below),
            (tables.given_names, given),
            (tables.last_name, last),
            (self._employers, records.establishment),
            (tables.wage[0], thousands),
            (tables.wage[1], rest + _SPLIT * (thousands > 0)),
            (tables.hours, records.hours),
            (tables.weeks, records.weeks),
        )
        lines = self._room(len(records), [table.dtype for table, _ in parts])
        for name, (table, index) in zip(lines.dtype.names or (), parts, strict=True):
            lines[name] = table[index]
        written = memoryview(self._buffer)[: lines.nbytes]
        return squeezed(self._buffer, lines.nbytes) if tables.is_squeezed else written

    def _room(self, count: int, kinds: list[np.dtype[np.void]]) -> NDArray[np.void]:
        """Room for the lines, kept from chunk to chunk."""
        line = np.dtype([(f"part{place}", kind) for place, kind in enumerate(kinds)])
        if len(self._buffer) < count * line.itemsize:
            self._buffer = bytearray(count * line.itemsize)
        return np.frombuffer(self._buffer, dtype=line, count=count)


def _employers(roster: Roster, quarter: int, end: str) -> Table:
    """What every record of an establishment repeats: state, UIN, RUN as reported, EIN, year and quarter."""
    tenants, n = roster.tenants(quarter), len(roster.cell)
    run = reported_units(roster.seed, roster.cells.state_fips, roster.accounts)
    fields: list[tuple[int | Integers, int]] = [
        (int(roster.cells.state_fips), 2), (tenants.uin, 10), (run, 5), (tenants.ein, 9), (quarter // 10, 4),
        (quarter % 10, 1),
    ]  # fmt: skip
    separator = np.tile(np.frombuffer(end.encode(), dtype=np.uint8), (n, 1))
    columns = [part for value, width in fields for part in (digits(np.broadcast_to(value, n), width), separator)]
    return as_table(np.hstack(columns))


def _names(seed: int, person: Integers) -> tuple[Integers, Integers]:
    """Index of given names (first and middle) and of last name per person."""
    draw = hashes(stream_key(seed, "name"), person)
    given = np.uint64(len(FIRST_NAMES) * len(MIDDLE_INITIALS))
    last = np.uint64(len(LAST_NAMES))
    half = np.uint64(0xFFFFFFFF)
    return ((draw & half) % given).astype(np.int64), ((draw >> np.uint64(32)) % last).astype(np.int64)


@cache
def _fixed_tables() -> _Tables:
    return _Tables(
        ssn=(zero_filled(100_000, 5), zero_filled(_SPLIT, 4)),
        given_names=texts([first.ljust(15) + middle for first in FIRST_NAMES for middle in MIDDLE_INITIALS], 16, " "),
        last_name=texts(list(LAST_NAMES), 20, " "),
        wage=(zero_filled(_MOST_WAGE // _SPLIT + 1, 6), np.tile(zero_filled(_SPLIT, 4), 2)),
        hours=_or_missing(zero_filled(_HOURS, 4), "    "),
        weeks=_or_missing(zero_filled(_WEEKS, 2, "\n"), "  \n"),
        is_squeezed=False,
    )


@cache
def _csv_tables() -> _Tables:
    above = unfilled(_MOST_WAGE // _SPLIT + 1, 6)
    above[0] = np.zeros(1, dtype=above.dtype)[0]  # a wage below ten thousand dollars has no digit before the last four
    return _Tables(
        ssn=(zero_filled(100_000, 5), zero_filled(_SPLIT, 4, ",")),
        given_names=texts([f"{first},{middle}," for first in FIRST_NAMES for middle in MIDDLE_INITIALS], 12),
        last_name=texts([f"{name}," for name in LAST_NAMES], 11),
        wage=(above, np.concatenate([unfilled(_SPLIT, 4, ","), zero_filled(_SPLIT, 4, ",")])),
        hours=_or_missing(unfilled(_HOURS, 4, ","), ","),
        weeks=_or_missing(unfilled(_WEEKS, 2, "\n"), "\n"),
        is_squeezed=True,
    )


def _or_missing(table: Table, text: str) -> Table:
    """The table with the text for MISSING as its last entry, where an index of -1 finds it."""
    if MISSING != -1:
        raise AssertionError("missing hours and weeks are looked up from the end of the table")
    return np.concatenate([table, texts([text], table.dtype.itemsize)])
