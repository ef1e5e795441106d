"""Rows of published QCEW with every column as printed, and their columns as arrays."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from matching.core.qcew.figures import Counts
from matching.core.qcew.file import QcewFile
from matching.core.qcew.layout import Layout, QcewError


class Printed:
    """All rows of files of one layout, codes and decimals as text. QcewError names a file that is none."""

    def __init__(self, paths: Iterable[Path]) -> None:
        files = [QcewFile(Path(path)) for path in paths]
        layouts = {file.layout for file in files}
        if len(layouts) != 1:
            raise QcewError("The files are no QCEW of one layout: quarters or years.")
        self.layout: Layout = layouts.pop()
        self.table = pa.Table.from_batches([batch for file in files for batch in file.batches()])

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def codes(self, name: str) -> NDArray[np.str_]:
        """A column of codes (n)."""
        return np.array(self.table[name].to_pylist(), dtype=np.str_)

    def keys(self, rows: Counts, names: Sequence[str]) -> list[tuple[str, ...]]:
        """The codes of some rows."""
        part = self.table.take(pa.array(rows))
        return list(zip(*(part[name].to_pylist() for name in names), strict=True))

    def whole(self, name: str) -> Counts:
        """A column of whole numbers (n)."""
        return np.asarray(self.table[name].to_numpy(), dtype=np.int64)

    def decimal(self, name: str, units: int) -> Counts:
        """A column of decimals (n) in so many units of one: 10 are tenths."""
        return np.asarray(np.rint(self.table[name].cast(pa.float64()).to_numpy() * units), dtype=np.int64)

    def numbers(self, names: Sequence[str]) -> Counts:
        """The same number (n) for rows with the same codes."""
        number = np.zeros(len(self), dtype=np.int64)
        for name in names:
            codes, code = np.unique(self.codes(name), return_inverse=True)
            _, number = np.unique(number * len(codes) + code, return_inverse=True)
        return np.asarray(number, dtype=np.int64)
