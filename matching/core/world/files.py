"""The bytes of the files a state sends: wage records, fixed width or CSV, and the establishment CSV.

Wage records, fixed width (positions from 1): SSN 1-9, first name 10-24, middle 25, last 26-45, state 46-47, UIN 48-57,
RUN 58-62, EIN 63-71, year 72-75, quarter 76, wage 77-86 in whole dollars, zero-filled; then hours 87-90 and weeks
91-92, zero-filled, blank where missing. CSV: WAGE_FIELDS, empty where missing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from numpy.typing import NDArray

from matching.core.world.establishments import MASTER, EstablishmentQuarter, Roster, master_records
from matching.core.world.names import FIRST_NAMES, LAST_NAMES, MIDDLE_INITIALS
from matching.core.world.randomness import hashes, stream_key, uniforms
from matching.core.world.records import MISSING, WageRecords, reported_units

Bytes = NDArray[np.uint8]
Integers = NDArray[np.int64]

WAGE_FIELDS: Final = (
    "ssn", "name_first", "name_middle", "name_last", "state", "uin", "run", "ein", "year", "quarter", "wage", "hours",
    "weeks",
)  # fmt: skip
ESTABLISHMENT_FIELDS: Final = (
    "state_fips", "year", "quarter", "uin", "run", "ein", "naics", "naics_vintage", "county_fips", "ownership", "meei",
    "month1", "month1_flag", "month2", "month2_flag", "month3", "month3_flag", "total_wages", "taxable_wages",
    "contributions", "predecessor_uin", "predecessor_run", "successor_uin", "successor_run",
)  # fmt: skip
_NAICS_VINTAGES: Final = ((2022, "2022"), (2017, "2017"), (2011, "2012"), (2007, "2007"), (0, "2002"))
_IMPUTED_SHARE: Final = 0.02
_NEWLINE: Final = 10


@dataclass(frozen=True)
class Employers:
    """What every record of an establishment repeats: state, UIN, RUN as reported, EIN, year, quarter; and the seed."""

    seed: int
    fixed: Bytes
    csv: pa.Array

    @classmethod
    def of(cls, roster: Roster, quarter: int) -> "Employers":
        run = reported_units(roster.seed, roster.cells.state_fips, roster.accounts)
        n = len(run)
        parts = [
            (np.full(n, int(roster.cells.state_fips)), 2),
            (roster.accounts.uin, 10),
            (run, 5),
            (roster.accounts.ein, 9),
            (np.full(n, quarter // 10), 4),
            (np.full(n, quarter % 10), 1),
        ]
        columns = [digits(values, width) for values, width in parts]
        return cls(roster.seed, np.hstack(columns), _join([_text(column) for column in columns], ","))


def csv_header() -> bytes:
    """The header line of a CSV wage-record file."""
    return (",".join(WAGE_FIELDS) + "\n").encode()


def fixed_lines(employers: Employers, records: WageRecords) -> bytes:
    """Records in the fixed-width layout, one line each, LF."""
    first, middle, last = _names(employers.seed, records.person)
    tail = [_blank_where_missing(records.hours, 4), _blank_where_missing(records.weeks, 2)]
    end = np.full((len(records), 1), _NEWLINE, dtype=np.uint8)
    parts = [
        digits(records.ssn, 9),
        FIRST_NAMES.fixed[first],
        MIDDLE_INITIALS.fixed[middle],
        LAST_NAMES.fixed[last],
        employers.fixed[records.establishment],
        digits(records.wage, 10),
        *tail,
        end,
    ]
    return np.hstack(parts).tobytes()


def csv_lines(employers: Employers, records: WageRecords) -> bytes:
    """Records as CSV lines without quotes, LF, in the order of WAGE_FIELDS."""
    first, middle, last = _names(employers.seed, records.person)
    columns = [
        _text(digits(records.ssn, 9)),
        FIRST_NAMES.text.take(pa.array(first)),
        MIDDLE_INITIALS.text.take(pa.array(middle)),
        LAST_NAMES.text.take(pa.array(last)),
        employers.csv.take(pa.array(records.establishment)),
        pa.array(records.wage).cast(pa.string()),
        _empty_where_missing(records.hours),
        _empty_where_missing(records.weeks),
    ]
    return _bytes_of(_join([_join(columns, ","), _repeated("", len(records))], "\n"))


def _names(seed: int, person: Integers) -> tuple[Integers, Integers, Integers]:
    draw = hashes(stream_key(seed, "name"), person)
    picks = ((0, FIRST_NAMES), (16, MIDDLE_INITIALS), (32, LAST_NAMES))
    first, middle, last = (
        ((draw >> np.uint64(shift)) % np.uint64(len(pool.text))).astype(np.int64) for shift, pool in picks
    )
    return first, middle, last


def digits(values: NDArray[np.integer], width: int) -> Bytes:
    """Zero-filled decimal digits as ASCII, (n, width). The values fit by construction."""
    left = values.astype(np.int64)
    table = np.empty((len(left), width), dtype=np.uint8)
    for place in range(width - 1, -1, -1):
        left, digit = np.divmod(left, 10)
        table[:, place] = digit + 48
    return table


def _blank_where_missing(values: Integers, width: int) -> Bytes:
    return np.where((values == MISSING)[:, None], np.uint8(32), digits(np.maximum(values, 0), width))


def _empty_where_missing(values: Integers) -> pa.Array:
    return pc.if_else(pa.array(values == MISSING), "", pa.array(values).cast(pa.string()))


def _text(table: Bytes) -> pa.Array:
    """Rows of an ASCII table (n, width) as an Arrow string column."""
    n, width = table.shape
    offsets = np.arange(n + 1, dtype=np.int32) * width
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(table))]
    return pa.Array.from_buffers(pa.string(), n, buffers)


def _repeated(value: str, n: int) -> pa.Array:
    return pa.repeat(pa.scalar(value), n)


def _join(columns: list[pa.Array], separator: str) -> pa.Array:
    return pc.binary_join_element_wise(*columns, separator)


def _bytes_of(lines: pa.Array) -> bytes:
    """All values of a string column one after the other."""
    offsets = np.frombuffer(lines.buffers()[1], dtype=np.int32)[lines.offset : lines.offset + len(lines) + 1]
    return memoryview(lines.buffers()[2])[offsets[0] : offsets[-1]].tobytes()


def establishment_table(roster: Roster, figures: EstablishmentQuarter) -> pa.Table:
    """The establishment file of a quarter as text and numbers, in the order of ESTABLISHMENT_FIELDS.

    One row per establishment there, and an MEEI 2 master (RUN 00000) per multi-unit account, sorted by UIN and RUN.
    """
    there = np.flatnonzero(figures.present)
    masters = master_records(roster, figures)
    unit = np.concatenate([there, masters.unit])
    values = np.vstack([figures.values[there], masters.values])
    is_master = np.arange(len(unit)) >= len(there)
    run = np.where(is_master, 0, roster.accounts.run[unit])
    meei = np.where(is_master, MASTER, roster.accounts.meei[unit])
    columns = _establishment_columns(roster, figures.quarter, unit, values, run, meei)
    order = np.lexsort((run, roster.accounts.uin[unit]))
    return pa.table(dict(zip(ESTABLISHMENT_FIELDS, columns, strict=True))).take(pa.array(order))


def _establishment_columns(
    roster: Roster, quarter: int, unit: Integers, values: Integers, run: Integers, meei: Integers
) -> Iterator[pa.Array]:
    n, accounts, cells = len(unit), roster.accounts, roster.cells
    key = stream_key(roster.seed, "flags", cells.state_fips, quarter)
    yield from (_repeated(cells.state_fips, n), _repeated(str(quarter // 10), n), _repeated(str(quarter % 10), n))
    yield from (_text(digits(accounts.uin[unit], 10)), _text(digits(run, 5)), _text(digits(accounts.ein[unit], 9)))
    yield from (pa.array(cells.naics[roster.cell[unit]]), _repeated(naics_vintage(quarter), n))
    yield pc.utf8_slice_codeunits(pa.array(cells.area[roster.cell[unit]]), 2, 5)
    yield from (pa.array(cells.ownership[roster.cell[unit]]), pa.array(meei))
    for month in range(3):
        yield pa.array(values[:, month])
        imputed = uniforms(stream_key(key, month), accounts.account[unit]) < _IMPUTED_SHARE
        yield pc.if_else(pa.array(imputed), "I", "R")
    yield from (pa.array(values[:, column]) for column in range(3, 6))
    yield from (_repeated("", n) for _ in range(4))


def naics_vintage(quarter: int) -> str:
    """The NAICS vintage QCEW used in a quarter (2012 codes in 2011-2016, 2017 codes in 2017-2021, then 2022)."""
    return next(vintage for since, vintage in _NAICS_VINTAGES if quarter // 10 >= since)


def csv_options() -> pyarrow.csv.WriteOptions:
    """No quotes anywhere: no field of ours holds a comma."""
    return pyarrow.csv.WriteOptions(quoting_style="none", quoting_header="none")
