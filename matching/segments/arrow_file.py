"""Columns of numbers and codes as one uncompressed Arrow IPC file of one record batch, so that each lies in one piece.

Columns are written to scratch files part by part, and put together at the end from their mapped bytes: memory does not
grow with rows. The same columns and the same description give the same bytes.
"""

import mmap
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.ipc

FORMAT = "2"
Column = npt.NDArray[Any]
Columns = dict[str, Column]


class ColumnWriter:
    """Takes parts of columns, rows after rows; `finish` makes the file. Types are numpy's: "i4", "u8", "S10"."""

    def __init__(self, folder: Path, stem: str, types: dict[str, str]) -> None:
        self._types = {name: np.dtype(kind) for name, kind in types.items()}
        self._paths = {name: folder / f"{stem}.{name}" for name in types}
        self._files = {name: path.open("wb") for name, path in self._paths.items()}
        self._target = folder / f"{stem}.arrow"
        self.rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        for file in self._files.values():
            file.close()

    def add(self, columns: Columns) -> None:
        """The next rows of every column."""
        for name, file in self._files.items():
            file.write(np.ascontiguousarray(columns[name], self._types[name]).data)
        self.rows += len(next(iter(columns.values())))

    def column(self, name: str) -> Column:
        """What was written of a column so far, mapped."""
        self._files[name].flush()
        if self.rows == 0:
            return np.empty(0, self._types[name])
        return np.memmap(self._paths[name], self._types[name], "r", shape=(self.rows,))

    def finish(self, description: dict[str, str]) -> Path:
        """The scratch file with all columns; `description` goes into its schema."""
        arrays = [as_arrow(self.column(name)) for name in self._types]
        fields = [pa.field(name, array.type, nullable=False) for name, array in zip(self._types, arrays, strict=True)]
        schema = pa.schema(fields, {"format": FORMAT, **description})
        with pa.OSFile(str(self._target), "wb") as sink, pyarrow.ipc.new_file(sink, schema) as writer:
            writer.write_batch(pa.record_batch(arrays, schema))
        self.__exit__(None, None, None)
        for path in self._paths.values():
            path.unlink()
        return self._target


@dataclass(frozen=True)
class Mapped:
    """A file in memory: its columns as arrays over the mapped bytes, its description, and the mapping itself."""

    columns: Columns
    description: dict[str, str]
    memory: mmap.mmap

    def give_back(self) -> None:
        """The process lets go of the pages it has read; they are mapped again when somebody reads them."""
        self.memory.madvise(mmap.MADV_DONTNEED)


def mapped(path: Path) -> Mapped:
    """Raises OSError, ValueError, pa.ArrowException."""
    with path.open("rb") as file:
        memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    batch = pyarrow.ipc.open_file(pa.py_buffer(memory)).get_batch(0)
    columns = {name: _as_numpy(batch.column(name)) for name in batch.schema.names}
    description = {key.decode(): value.decode() for key, value in (batch.schema.metadata or {}).items()}
    return Mapped(columns, description, memory)


def as_arrow(column: Column) -> pa.Array:
    """A column of numbers or of texts of one width as Arrow's, over the same bytes."""
    buffer = pa.py_buffer(column)
    kind = pa.binary(column.dtype.itemsize) if column.dtype.kind == "S" else pa.from_numpy_dtype(column.dtype)
    return pa.Array.from_buffers(kind, len(column), [None, buffer])


def _as_numpy(array: pa.Array) -> Column:
    width = getattr(array.type, "byte_width", None) if pa.types.is_fixed_size_binary(array.type) else None
    kind = np.dtype(f"S{width}") if width else np.dtype(array.type.to_pandas_dtype())
    buffer = array.buffers()[1]
    if len(array) == 0 or buffer is None:
        return np.empty(0, kind)
    return np.frombuffer(buffer, kind, len(array), array.offset * kind.itemsize)
