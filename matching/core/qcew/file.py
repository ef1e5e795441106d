"""One file of published QCEW, streamed as printed: by area, by industry, single file; a quarter or a year; plain or gz.

Nothing is changed: a withheld cell comes with its code N and the zeros that BLS prints, an empty number as null, and
decimals as the text that stands there.
"""

import csv
import gzip
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from matching.core.qcew.layout import (
    CODE_WIDTHS,
    CODES,
    DISCLOSURE,
    DISCLOSURE_CODES,
    Layout,
    QcewError,
    canonical,
    layout_of,
)

_BLOCK_BYTES: Final = 4 << 20
_LONGEST_HEADER: Final = 1 << 16
_GZIP_MARK: Final = b"\x1f\x8b"
_NUMBER: Final = r"^-?([0-9]+(\.[0-9]*)?|\.[0-9]+)?$"
_CODE: Final = r"^[0-9A-Za-z-]+$"
_YEAR: Final = r"^(19|20)[0-9]{2}$"


class QcewFile:
    """The header is read at once, rows by `batches`; `position` of `size` bytes are read. Raises QcewError by name."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.position = 0
        with self._opened() as stream:
            line = stream.readline(_LONGEST_HEADER)
        self._names = [canonical(name) for name in next(csv.reader([self._text(line)]), [])]
        self.layout: Layout = layout_of(self._names, path.name)
        self.size = path.stat().st_size

    def batches(self, columns: Sequence[str] = ()) -> Iterator[pa.RecordBatch]:
        """Rows as printed, in order: the named columns (of `layout.columns`; none means all).

        Codes and decimals as text, whole numbers as int64, null where empty.
        """
        wanted = list(columns or self.layout.columns)
        convert = pyarrow.csv.ConvertOptions(
            include_columns=wanted,
            column_types={name: pa.int64() if name in self.layout.whole else pa.string() for name in wanted},
            strings_can_be_null=True,
            null_values=[""],
        )
        with self._opened() as stream:
            read = pyarrow.csv.ReadOptions(column_names=self._names, skip_rows=1, block_size=_BLOCK_BYTES)
            for batch in pyarrow.csv.open_csv(stream, read_options=read, convert_options=convert):
                yield self._checked(batch)

    @contextmanager
    def _opened(self) -> Iterator[Any]:
        """The file's bytes, decompressed; whatever is wrong with them is a QcewError."""
        try:
            with self.path.open("rb") as raw:
                stream: Any = gzip.GzipFile(fileobj=raw) if raw.peek(2)[:2] == _GZIP_MARK else raw
                yield _Told(stream, raw, self)
        except (pa.ArrowInvalid, OSError, EOFError, zlib.error) as error:
            reason = str(error).partition("\n")[0][:200]
            raise QcewError(f"{self.path.name}: not readable as QCEW: {reason}") from error

    def _text(self, line: bytes) -> str:
        try:
            return line.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise QcewError(f"{self.path.name}: the first line is no header of column names.") from None

    def _checked(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The rows if every code and decimal is what the layout says; an empty code is empty, not null."""
        columns = {name: batch[name] for name in batch.schema.names}
        for name in batch.schema.names:
            if name in CODES:
                columns[name] = pc.fill_null(columns[name], "")
            if name not in self.layout.whole:
                self._check(columns[name], name)
        return pa.RecordBatch.from_pydict(columns)

    def _check(self, column: pa.Array, name: str) -> None:
        good = pc.fill_null(self._is_allowed(column, name), True)
        if not pc.all(good, min_count=0).as_py():
            wrong = column.filter(pc.invert(good))[0].as_py()
            raise QcewError(f"{self.path.name}: {name} is {wrong[:20]!r}, which it never is in this layout.")

    def _is_allowed(self, column: pa.Array, name: str) -> pa.Array:
        """Which values of a column of text are what the layout says."""
        if name in DISCLOSURE:
            return pc.is_in(column, pa.array(sorted(DISCLOSURE_CODES)))
        if name in self.layout.decimal:
            return pc.match_substring_regex(column, _NUMBER)
        if name == "qtr":
            return pc.is_in(column, pa.array(sorted(self.layout.quarters)))
        fits = pc.less_equal(pc.utf8_length(column), CODE_WIDTHS[name])
        return pc.and_(fits, pc.match_substring_regex(column, _YEAR if name == "year" else _CODE))


class _Told:
    """A stream that says how far its file is read."""

    def __init__(self, stream: Any, raw: Any, file: QcewFile) -> None:
        self._stream, self._raw, self._file = stream, raw, file
        self.closed = False

    def read(self, size: int = -1) -> bytes:
        part: bytes = self._stream.read(size)
        self._file.position = self._raw.tell()
        return part

    def readline(self, size: int) -> bytes:
        line: bytes = self._stream.readline(size)
        return line

    def close(self) -> None:
        self.closed = True
