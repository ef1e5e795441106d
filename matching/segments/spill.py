"""Rows set aside in scratch files by ranges of a key, so that a whole load can be sorted one range after the other."""

from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import numpy as np
import numpy.typing as npt

Table = npt.NDArray[Any]  # structured: one item a row


class Spill:
    """Rows by bucket. Buckets are small numbers (below 65,536) that the caller derives from the key's high bits."""

    def __init__(self, folder: Path, stem: str, row: np.dtype[Any]) -> None:
        self._folder, self._stem, self._row = folder, stem, row
        self._files: dict[int, BinaryIO] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        for file in self._files.values():
            file.close()

    def add(self, bucket: npt.NDArray[np.integer[Any]], rows: Table) -> None:
        """Appends each row to its bucket; rows of a bucket keep their order."""
        small = bucket.astype(np.uint16)
        rows = rows[np.argsort(small, kind="stable")]  # a radix sort, for 16 bits
        counts = np.bincount(small)
        ends = np.cumsum(counts)
        for number in np.flatnonzero(counts).tolist():
            self._file(number).write(rows[ends[number] - counts[number] : ends[number]].data)

    @property
    def buckets(self) -> list[int]:
        """The buckets that hold rows, in order."""
        return sorted(self._files)

    def take(self, number: int) -> Table:
        """All rows of a bucket, whose file ends with it."""
        file = self._files.pop(number)
        file.close()
        rows = np.fromfile(self._path(number), self._row)
        self._path(number).unlink()
        return rows

    def _file(self, number: int) -> BinaryIO:
        if number not in self._files:
            self._files[number] = self._path(number).open("wb")
        return self._files[number]

    def _path(self, number: int) -> Path:
        return self._folder / f"{self._stem}.{number}"
