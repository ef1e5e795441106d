"""Records as the CSV of a micro package: exactly the instructions' columns and titles, zeros kept, LF line ends.

Lines are laid out in fields of one width, NUL where a field is shorter, and the NULs are dropped at the end: no object
per line. Safe to open in a spreadsheet: what one would run as a formula is never written.
"""

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from matching.core.ahead import ahead
from matching.core.cohort.id_order import Ids
from matching.core.micro.records import codes_of, ids_of

COLUMNS = (
    "Temporary ID", "State FIPS Code", "Unemployment Insurance Number (UIN)", "Reporting Unit Number (RUN)",
    "Employer Identification Number (EIN)", "Reference Year", "Reference Quarter", "Quarterly Wages", "Hours Reported",
    "Weeks worked", "Dominant NAICS code",
)  # fmt: skip
_SLICE = 1 << 15
_RUN_BY_SPREADSHEETS = np.isin(np.arange(256), list(b"=+-@\t\r"))
_NEEDS_QUOTES = b'",\r\n'
_FOUR = 10_000  # four digits are written at a time, as one word
_FILLED = np.array([f"{number:04}" for number in range(_FOUR)], "S4").view(np.uint32)
_SHORT = np.array([str(number).rjust(4, "\0") for number in range(_FOUR)], "S4").view(np.uint32)
_LONGEST = "S11"  # of an int32, with its sign
Texts = npt.NDArray[np.bytes_]


def csv_parts(tables: Iterable[pa.Table]) -> Iterator[bytes]:
    """Titles, then the lines of records that are in order, some thousand at a time. Raises ValueError, without a
    value of the data, for an ID that must not be written."""
    yield (",".join(COLUMNS) + "\n").encode()
    slices = (table.slice(start, _SLICE) for table in tables for start in range(0, table.num_rows, _SLICE))
    yield from ahead(_lines, slices)


def _lines(table: pa.Table) -> bytes:
    fields = [
        _id_texts(ids_of(table)), codes_of(table, "employer"),
        *(_number_texts(table.column(name)) for name in ("wages", "hours", "weeks")), codes_of(table, "dominant_naics"),
    ]  # fmt: skip
    layout = [part for n, field in enumerate(fields) for part in ((f"field{n}", field.dtype), (f"end{n}", "S1"))]
    lines = np.empty(table.num_rows, layout)
    for number, field in enumerate(fields):
        lines[f"field{number}"] = field
        lines[f"end{number}"] = b"," if number < len(fields) - 1 else b"\n"
    data = lines.view(np.uint8)
    return bytes(data[data != 0].data)


def _id_texts(ids: Ids) -> Texts:
    """IDs as CSV has them; they were checked as UTF-8 when the cohort file was read."""
    characters = ids.view(np.uint8)
    if _RUN_BY_SPREADSHEETS[characters[:: ids.dtype.itemsize]].any():
        raise ValueError("A temporary ID begins like a spreadsheet formula; such IDs are refused on upload.")
    if not any((characters == sign).any() for sign in _NEEDS_QUOTES):
        return ids
    return np.array([_quoted(temporary_id) for temporary_id in ids.tolist()])


def _quoted(text: bytes) -> bytes:
    return b'"' + text.replace(b'"', b'""') + b'"' if set(text) & set(_NEEDS_QUOTES) else text


def _number_texts(column: pa.ChunkedArray) -> Texts:
    """Whole numbers as text of one width, NULs before the digits; nothing but NULs where there is none."""
    texts = _digits(column.fill_null(0).to_numpy())
    if column.null_count:
        texts[column.is_null().to_numpy()] = b""
    return texts


def _digits(numbers: npt.NDArray[np.integer]) -> Texts:
    if numbers.min() < 0 or numbers.max() >= _FOUR**2:
        return numbers.astype(_LONGEST)
    if numbers.max() < _FOUR:
        return _SHORT.take(numbers).view("S4")
    high, low = np.divmod(numbers, _FOUR)
    words = np.empty((len(numbers), 2), np.uint32)
    words[:, 0] = np.where(high > 0, _SHORT.take(high), 0)
    words[:, 1] = np.where(high > 0, _FILLED.take(low), _SHORT.take(low))
    return words.view("S8").ravel()
