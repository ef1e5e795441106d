"""Wage records of clean blocks to columns, whole columns at once; a block with anything unusual is left to the exact
path (wage_layouts), which alone can say what is wrong with a line.

Both paths give the same columns for whatever this one takes (a property test says so).
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from matching.core.load_files.columns import MISSING, table_of

CODES = {"ssn": 9, "state": 2, "uin": 10, "run": 5, "ein": 9, "year": 4, "quarter": 1}
NUMBERS = {"wage": pa.int32(), "hours": pa.int16(), "weeks": pa.int16()}
_TYPES = {name: pa.binary(width) for name, width in CODES.items()} | NUMBERS
# Arrow reads these as numbers or as spaces; the layouts do not allow them.
_OTHER_NUMBERS = ((b"x", b"0x"), (b"X", b"0X"), (b"\t", b"\t"))  # looking for one byte is quick, for two it is not
Columns = dict[str, npt.NDArray[Any]]


def read_clean_csv(block: bytes, lines: int, header: list[str]) -> Columns | None:
    """Codes as bytes of full width, numbers as integers (blank hours and weeks -1); None where a line needs care."""
    if any(byte in block and mark in block for byte, mark in _OTHER_NUMBERS):
        return None
    try:
        table = pa_csv.read_csv(
            pa.py_buffer(block),
            read_options=pa_csv.ReadOptions(column_names=header, use_threads=False, block_size=len(block) + 64),
            parse_options=pa_csv.ParseOptions(ignore_empty_lines=False),
            convert_options=pa_csv.ConvertOptions(
                check_utf8=False, include_columns=list(_TYPES), column_types=_TYPES, null_values=[""],
                strings_can_be_null=False,
            ),
        )  # fmt: skip
    except pa.ArrowException:
        return None
    if table.num_rows != lines or table.column("wage").null_count:
        return None
    columns = {name: _codes(table.column(name), width) for name, width in CODES.items()}
    for name in NUMBERS:
        numbers = table.column(name).combine_chunks()
        if name != "wage" and len(numbers) > numbers.null_count and int(pc.min(numbers).as_py()) < 0:
            return None
        columns[name] = np.asarray(numbers.fill_null(MISSING) if numbers.null_count else numbers)
    return columns


def read_clean_lines(block: bytes, lines: int, fields: dict[str, tuple[int, int]]) -> Columns | None:
    """The same from lines of one fixed width; ``fields`` are positions from 1, those past the end are blank."""
    width = block.index(b"\n") + 1
    if not fields["wage"][1] < width <= max(last for _, last in fields.values()) + 1:
        return None
    data = np.frombuffer(block, np.uint8)
    if lines * width != len(data) or not (data[width - 1 :: width] == 10).all():
        return None
    table = data.reshape(-1, width)[:, :-1]
    columns: Columns = {}
    for name, (first, last) in fields.items():
        part = table[:, first - 1 : last]
        column = _text(part) if name in CODES else _digits_or_blank(part, blank=name != "wage")
        if column is None:
            return None
        columns[name] = column
    return columns


def digits(column: npt.NDArray[np.bytes_]) -> npt.NDArray[np.uint32] | None:
    """Numbers of columns that are digits only, at most nine; None where something else is among them."""
    table = table_of(column)
    if table.size == 0 or table.min() < 48 or table.max() > 57:
        return None
    value = np.zeros(len(table), np.uint32)
    for place in range(table.shape[1]):
        value *= 10
        value += table[:, place] - np.uint8(48)
    return value


def _codes(column: pa.ChunkedArray, width: int) -> npt.NDArray[np.bytes_]:
    array = column.combine_chunks()
    return np.frombuffer(array.buffers()[1], f"S{width}", len(array), array.offset * width)


def _text(part: npt.NDArray[np.uint8]) -> npt.NDArray[np.bytes_]:
    return np.ascontiguousarray(part).view(f"S{part.shape[1]}").ravel()


def _digits_or_blank(part: npt.NDArray[np.uint8], *, blank: bool) -> npt.NDArray[np.int64] | None:
    """Zero-filled numbers, or blanks where they may be: then -1. None where something else is among them."""
    if part.shape[1] == 0:
        return np.full(len(part), MISSING, np.int64) if blank else None
    value = np.zeros(len(part), np.int64)
    good = np.ones(len(part), bool)
    for place in range(part.shape[1]):
        figure = part[:, place] - np.uint8(48)
        good &= figure < 10
        value = value * 10 + figure
    if blank and not good.all():
        missing = (part == 32).all(axis=1)
        value[missing] = MISSING
        good |= missing
    return value if good.all() else None
