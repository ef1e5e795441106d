"""Columns of numbers to and from PostgreSQL's binary COPY, without a Python object per row.

Every value has a fixed width and none is null (a sentinel stands for missing), so a row is one structured item.
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


def copy_out(cursor: CursorWrapper, query: str, parameters: dict[str, Any], types: list[str]) -> list[Column]:
    """The columns of a query that selects non-null numbers of the given types ("i2", "i4", "i8")."""
    with cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT binary)", parameters) as copy:
        data = b"".join(bytes(part) for part in copy)
    row = _row_type([np.dtype(f">{name}") for name in types])
    body = data[len(_HEADER) : len(data) - len(_TRAILER)]
    table = np.frombuffer(body, row)
    return [table[f"v{place}"].astype(name) for place, name in enumerate(types)]


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
