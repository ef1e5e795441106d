"""Columns of numbers to and from PostgreSQL, without a Python object per row.

Going in, every value has a fixed width and none is null (a sentinel stands for missing), so a row of binary COPY is one
structured item. Coming out, a whole column is one value.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from django.db.backends.utils import CursorWrapper

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_BATCH_BYTES = 1 << 22
_UUID = "V16"
Column = npt.NDArray[Any]


def copy_in(cursor: CursorWrapper, target: str, columns: list[Column]) -> None:
    """Write columns of equal length (int16, int32, int64, or (n, 2) tokens as uuid) to ``target``: ``table (a, b)``."""
    data = _encode([_as_big_endian(column) for column in columns])
    with cursor.copy(f"COPY {target} FROM STDIN (FORMAT binary)") as copy:
        copy.write(_HEADER)
        for start in range(0, len(data), _BATCH_BYTES):
            copy.write(data[start : start + _BATCH_BYTES])
        copy.write(_TRAILER)


def read_numbers(cursor: CursorWrapper, query: str, parameters: dict[str, Any], types: dict[str, str]) -> list[Column]:
    """The columns of a query that gives non-null numbers, by name and type ("i2", "i4", "i8"), as one answer.

    PostgreSQL packs each column into one value, because its client hands over row by row whatever comes in rows.
    """
    packed = [f"string_agg(int{kind[1]}send({name}), ''::bytea)" for name, kind in types.items()]
    values = _one_row(cursor, f"SELECT {', '.join(packed)} FROM ({query}) answer", parameters)  # noqa: S608
    return [np.frombuffer(v, f">{kind}").astype(kind) for v, kind in zip(values, types.values(), strict=True)]


def read_text(cursor: CursorWrapper, query: str, parameters: dict[str, Any], names: list[str]) -> bytes:
    """The named columns of a query as CSV lines without titles; for codes and numbers, which never need quotes."""
    line = f"concat_ws(',', {', '.join(names)})"
    packed = f"SELECT convert_to(string_agg({line}, E'\n'), 'UTF8') FROM ({query}) answer"  # noqa: S608
    return _one_row(cursor, packed, parameters)[0]


def _one_row(cursor: CursorWrapper, query: str, parameters: dict[str, Any]) -> list[bytes]:
    """The values of a query's only row as PostgreSQL sends them in binary; null is empty."""
    with cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT binary)", parameters) as copy:
        data = b"".join(bytes(part) for part in copy)
    values, place = [], len(_HEADER) + 2
    for _ in range(int.from_bytes(data[len(_HEADER) : place], "big")):
        size = int.from_bytes(data[place : place + 4], "big", signed=True)
        values.append(data[place + 4 : place + 4 + max(size, 0)])
        place += 4 + max(size, 0)
    return values


def _as_big_endian(column: Column) -> Column:
    if column.ndim == 2:
        return np.ascontiguousarray(column).view(_UUID).ravel()
    return column.astype(column.dtype.newbyteorder(">"))


def _row_type(types: list[np.dtype[Any]]) -> np.dtype[Any]:
    fields: list[tuple[str, Any]] = [("fields", ">i2")]
    for place, kind in enumerate(types):
        fields += [(f"n{place}", ">i4"), (f"v{place}", kind)]
    return np.dtype(fields)


def _encode(columns: list[Column]) -> bytes:
    row = _row_type([column.dtype for column in columns])
    table = np.empty(len(columns[0]), row)
    table["fields"] = len(columns)
    for place, column in enumerate(columns):
        table[f"n{place}"] = column.dtype.itemsize
        table[f"v{place}"] = column
    return table.tobytes()
