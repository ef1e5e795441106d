"""Records as the CSV of a micro package: exactly the instructions' columns and titles, zeros kept, LF line ends.

Safe to open in a spreadsheet: what one would run as a formula is never written.
"""

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from matching.core.micro_records import ids_of

# title in the file -> column of the records
COLUMNS: dict[str, str] = {
    "Temporary ID": "temporary_id",
    "State FIPS Code": "state",
    "Unemployment Insurance Number (UIN)": "uin",
    "Reporting Unit Number (RUN)": "run",
    "Employer Identification Number (EIN)": "ein",
    "Reference Year": "year",
    "Reference Quarter": "quarter",
    "Quarterly Wages": "wages",
    "Hours Reported": "hours",
    "Weeks worked": "weeks",
    "Dominant NAICS code": "dominant_naics",
}
WIDTHS = {"state": 2, "uin": 10, "run": 5, "ein": 9, "year": 4, "quarter": 1, "dominant_naics": 6}
_SLICE = 100_000
_RUN_BY_SPREADSHEETS = b"=+-@\t\r"
_NEEDS_QUOTES = b'",\r\n'
_CODE_BYTES = np.zeros(256, bool)
_CODE_BYTES[list(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")] = True
_PLAIN = pyarrow.csv.WriteOptions(include_header=False, quoting_style="none")


def csv_parts(tables: Iterable[pa.Table]) -> Iterator[bytes]:
    """Titles, then the lines of records that are in order, some thousand at a time. Raises ValueError, without a
    value of the data, for an ID or code that must not be written."""
    yield (",".join(COLUMNS) + "\n").encode()
    for table in tables:
        for start in range(0, table.num_rows, _SLICE):
            yield _lines(table.slice(start, _SLICE))


def _lines(table: pa.Table) -> bytes:
    ids = ids_of(table)
    _check_ids(ids)
    codes = {name: _code(table.column(name), name) for name in WIDTHS}
    numbers = {name: table.column(name) for name in ("wages", "hours", "weeks")}
    if _need_quotes(ids):
        return _joined({"temporary_id": _quoted(ids)} | codes | numbers)
    columns = {"temporary_id": _as_text(ids)} | codes | numbers
    out = pa.BufferOutputStream()
    pyarrow.csv.write_csv(pa.table({name: columns[name] for name in COLUMNS.values()}), out, _PLAIN)
    return bytes(out.getvalue())


def _check_ids(ids: np.ndarray) -> None:
    first = ids.view(np.uint8).reshape(len(ids), -1)[:, 0]
    if np.isin(first, list(_RUN_BY_SPREADSHEETS)).any():
        raise ValueError("A temporary ID begins like a spreadsheet formula; such IDs are refused on upload.")


def _code(column: pa.ChunkedArray, name: str) -> pa.Array:
    """A code as text of its width, zero-filled; digits and capitals only."""
    width = WIDTHS[name]
    if pa.types.is_integer(column.type):
        column = column.cast(pa.string())
    text = pc.utf8_lpad(column.combine_chunks(), width, "0")
    text = text.chunk(0) if isinstance(text, pa.ChunkedArray) else text
    offsets = np.frombuffer(text.buffers()[1], np.int32, len(text) + 1, 4 * text.offset)
    data = np.frombuffer(text.buffers()[2] or b"", np.uint8)[offsets[0] : offsets[-1]]
    if text.null_count or np.any(np.diff(offsets) != width) or not _CODE_BYTES[data].all():
        raise ValueError(f"A code in column {name} is not {width} digits or capitals.")
    return text


def _need_quotes(ids: np.ndarray) -> bool:
    return bool(np.isin(ids.view(np.uint8), list(_NEEDS_QUOTES)).any())


def _as_text(ids: np.ndarray) -> pa.Array:
    """IDs as text; they were checked as UTF-8 when the cohort file was read."""
    sizes = np.strings.str_len(ids)
    offsets = np.zeros(len(ids) + 1, np.int32)
    np.cumsum(sizes, out=offsets[1:])
    data = ids.view(np.uint8).reshape(len(ids), -1)
    kept = data[np.arange(data.shape[1]) < sizes[:, None]]
    return pa.Array.from_buffers(pa.string(), len(ids), [None, pa.py_buffer(offsets), pa.py_buffer(kept)])


def _quoted(ids: np.ndarray) -> pa.Array:
    text = _as_text(ids)
    needs = pc.match_substring_regex(text, '[",\r\n]')
    quoted = pc.binary_join_element_wise('"', pc.replace_substring(text, '"', '""'), '"', "")
    return pc.if_else(needs, quoted, text)


def _joined(columns: dict[str, pa.Array]) -> bytes:
    """Lines put together by hand, for IDs that CSV must quote."""
    texts = [pc.fill_null(columns[name].cast(pa.string()), "") for name in COLUMNS.values()]
    lines = pc.binary_join_element_wise(*texts, ",")
    return ("\n".join(lines.to_pylist()) + "\n").encode()
