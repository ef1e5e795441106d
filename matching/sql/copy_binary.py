"""Columns of numbers to and from PostgreSQL, without a Python object per row.

Going in, every value has a fixed width and none is null (a sentinel stands for missing), so a row of binary COPY is one
structured item. Coming out, a whole column is one value.
"""

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from django.db.backends.utils import CursorWrapper

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_UUID = "V16"
_SEND = {"i2": "int2send", "i4": "int4send", "i8": "int8send", "uuid": "uuid_send"}
_NO_FIELDS: dict[str, Any] = {}
Column = npt.NDArray[Any]


class CopyIn:
    """One COPY that takes many parts of columns; `target` is ``table (a, b)``.

    The columns at the places ``nulls`` are null where they are -1. Parts are packed and sent by a thread, so that the
    caller makes the next one while PostgreSQL reads; at most two wait.
    """

    def __init__(self, cursor: CursorWrapper, target: str, *, options: str = "", nulls: Sequence[int] = ()) -> None:
        self._nulls = nulls
        self._opening = cursor.copy(f"COPY {target} FROM STDIN (FORMAT binary{options})")
        self._thread = ThreadPoolExecutor(1)
        self._waiting: deque[Future[None]] = deque()

    def __enter__(self) -> Self:
        self._copy = self._opening.__enter__()
        self._copy.write(_HEADER)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            with self._thread:
                while self._waiting and kind is None:
                    self._waiting.popleft().result()
            if kind is None:
                self._copy.write(_TRAILER)
        except BaseException as problem:
            self._opening.__exit__(type(problem), problem, problem.__traceback__)
            raise
        self._opening.__exit__(kind, error, at)

    def write(self, columns: list[Column]) -> None:
        """The next rows: int16, int32, int64, or (n, 2) tokens as uuid."""
        while len(self._waiting) > 1:
            self._waiting.popleft().result()
        self._waiting.append(self._thread.submit(self._send, columns))

    def _send(self, columns: list[Column]) -> None:
        table = _encode([_as_big_endian(column) for column in columns])
        missing = {place: columns[place] == -1 for place in self._nulls}
        if any(mask.any() for mask in missing.values()):
            self._copy.write(_without(table, missing))
        else:
            self._copy.write(table.tobytes())


def copy_in(cursor: CursorWrapper, target: str, columns: list[Column]) -> None:
    """Write columns of equal length (int16, int32, int64, or (n, 2) tokens as uuid) to ``target``: ``table (a, b)``."""
    with CopyIn(cursor, target) as copy:
        copy.write(columns)


def read_numbers(cursor: CursorWrapper, query: str, parameters: dict[str, Any], types: dict[str, str]) -> list[Column]:
    """The columns of a query that gives non-null values, by name and type ("i2", "i4", "i8", "uuid"), as one answer.

    A uuid comes as a token: two halves, shape (n, 2).

    PostgreSQL packs each column into one value, because its client hands over row by row whatever comes in rows.
    """
    packed = [f"string_agg({_SEND[kind]}({name}), ''::bytea)" for name, kind in types.items()]
    values = _one_row(cursor, f"SELECT {', '.join(packed)} FROM ({query}) answer", parameters)  # noqa: S608
    return [_unpacked(value, kind) for value, kind in zip(values, types.values(), strict=True)]


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


def _unpacked(value: bytes, kind: str) -> Column:
    if kind == "uuid":
        return np.frombuffer(value, ">u8").reshape(-1, 2)
    return np.frombuffer(value, f">{kind}").astype(kind)


def _as_big_endian(column: Column) -> Column:
    if column.ndim == 2:
        return np.ascontiguousarray(column).view(_UUID).ravel()
    return column.astype(column.dtype.newbyteorder(">"))


def _row_type(types: list[np.dtype[Any]]) -> np.dtype[Any]:
    fields: list[tuple[str, Any]] = [("fields", ">i2")]
    for place, kind in enumerate(types):
        fields += [(f"n{place}", ">i4"), (f"v{place}", kind)]
    return np.dtype(fields)


def _encode(columns: list[Column]) -> npt.NDArray[np.void]:
    table = np.empty(len(columns[0]), _row_type([column.dtype for column in columns]))
    table["fields"] = len(columns)
    for place, column in enumerate(columns):
        table[f"n{place}"] = column.dtype.itemsize
        table[f"v{place}"] = column
    return table


def _without(table: npt.NDArray[np.void], missing: dict[int, npt.NDArray[np.bool_]]) -> bytes:
    """The rows as bytes; a missing value has length -1 and no bytes."""
    kept = np.ones((len(table), table.dtype.itemsize), bool)
    for place, mask in missing.items():
        table[f"n{place}"][mask] = -1
        value, start = (table.dtype.fields or _NO_FIELDS)[f"v{place}"][:2]
        kept[mask, start : start + value.itemsize] = False
    return table.view(np.uint8).reshape(kept.shape)[kept].tobytes()
