"""A load file as blocks of whole lines: plain or gz, never whole in memory, damage refused in plain words."""

import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pa_csv

from matching.core.cohort.lines import LineTooLong, line_blocks
from matching.core.load_files.rejects import LoadRefused, Reject, RejectReport

_GZIP_MARK = b"\x1f\x8b"
_READ_BYTES = 1 << 20
_BLOCK_BYTES = 8 << 20
_BOM = b"\xef\xbb\xbf"
# Only names hold letters beyond ASCII, and names are read past; the reader of broken lines wants clean text.
_ASCII_ONLY = bytes(range(128)) + b"?" * 128
TextColumns = dict[str, npt.NDArray[np.bytes_]]
Seen = Callable[[bytes], None]


def _not_asked(_part: bytes) -> None:
    """Of a caller who needs no hash."""


class _Watched:
    """A file that shows every part it gives to `seen`."""

    def __init__(self, raw: Any, seen: Seen) -> None:
        self._raw, self._seen = raw, seen

    def read(self, size: int = -1) -> bytes:
        part: bytes = self._raw.read(size)
        self._seen(part)
        return part


def read_blocks(path: Path, seen: Seen = _not_asked) -> Iterator[bytes]:
    """Blocks of about 8 MiB of whole lines ended by LF. Raises LoadRefused for a damaged or unending file.

    ``seen`` is shown every byte of the file as it lies there, packed where it is packed.
    """
    try:
        with path.open("rb") as raw:
            watched: Any = _Watched(raw, seen)
            stream: Any = gzip.GzipFile(fileobj=watched) if raw.peek(2)[:2] == _GZIP_MARK else watched
            yield from _plain_text(line_blocks(iter(lambda: stream.read(_READ_BYTES), b""), _BLOCK_BYTES))
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise LoadRefused("The gz file is cut short or damaged. Send it again; nothing was loaded.") from None
    except LineTooLong:
        raise LoadRefused("A line is far too long for this file. Check the line ends; nothing was loaded.") from None


def _plain_text(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The blocks without the mark that editors put before UTF-8. Raises LoadRefused where there is a NUL byte."""
    for number, block in enumerate(blocks):
        if b"\0" in block:
            raise LoadRefused(
                "The file holds NUL bytes: it is damaged, or UTF-16. Send plain text; nothing was loaded."
            )
        text = block if number else block.removeprefix(_BOM)
        if text:
            yield text


def header_of(line: bytes) -> list[str]:
    """Column names of a CSV header, lower case, quotes and spaces aside. Raises LoadRefused when it is not text."""
    try:
        text = line.decode("ascii")
    except UnicodeDecodeError:
        raise LoadRefused("The first line is no header of plain column names.") from None
    return [name.strip().strip('"').strip().lower() for name in text.split(",")]


class CsvColumns:
    """Blocks of CSV lines to columns of text; blank lines are passed over, lines of wrong width reported."""

    def __init__(self, header: list[str], widths: dict[str, int], rejects: RejectReport) -> None:
        missing = [name for name in widths if name not in header]
        if missing or len(set(header)) != len(header):
            raise LoadRefused("The header lacks or repeats columns; missing: " + (", ".join(missing) or "none") + ".")
        self._header, self._widths, self._rejects = header, widths, rejects

    def read(self, block: bytes, first_line: int) -> tuple[TextColumns, npt.NDArray[np.int64]]:
        """The wanted columns (one byte wider than allowed, so that too long shows) and each row's line number."""
        broken: list[int] = []

        def note(row: Any) -> str:
            broken.append(row.number)
            return "skip"

        open_ended = _open_quotes(block)
        self._rejects.add(Reject.COLUMNS, open_ended + first_line)
        block = _without(block, open_ended)
        table = self._parse(block if block.isascii() else block.translate(_ASCII_ONLY), note)
        skipped = np.array(sorted(broken), np.int64) - 1
        self._rejects.add(Reject.COLUMNS, [number - 1 + first_line for number in broken])
        places = np.setdiff1d(np.arange(table.num_rows + len(skipped)), skipped, assume_unique=True)
        columns = {name: fixed_width(table.column(name), width + 1) for name, width in self._widths.items()}
        filled = np.any([column != b"" for column in columns.values()], axis=0)
        return {name: column[filled] for name, column in columns.items()}, places[filled] + first_line

    def _parse(self, block: bytes, note: Any) -> pa.Table:
        try:
            return pa_csv.read_csv(
                io.BytesIO(block),
                read_options=pa_csv.ReadOptions(
                    column_names=self._header, use_threads=False, block_size=2 * len(block) + 64
                ),
                parse_options=pa_csv.ParseOptions(ignore_empty_lines=False, invalid_row_handler=note),
                convert_options=pa_csv.ConvertOptions(
                    check_utf8=False,
                    include_columns=list(self._widths),
                    column_types=dict.fromkeys(self._header, pa.binary()),
                    strings_can_be_null=False,
                ),
            )
        except pa.ArrowException:  # its text quotes the line, so it must not travel on
            raise LoadRefused("The file cannot be read as CSV. Check quotation marks; nothing was loaded.") from None


def _open_quotes(block: bytes) -> npt.NDArray[np.int64]:
    """Places of lines with a quotation mark that nothing closes: read on, it would swallow the lines behind it."""
    if b'"' not in block:
        return np.empty(0, np.int64)
    data = np.frombuffer(block, np.uint8)
    ends = np.flatnonzero(data == 10)
    marks = np.bincount(np.searchsorted(ends, np.flatnonzero(data == 34)), minlength=len(ends))
    return np.flatnonzero(marks % 2).astype(np.int64)


def _without(block: bytes, places: npt.NDArray[np.int64]) -> bytes:
    """The block with these lines blank, so that the others keep their numbers."""
    if len(places) == 0:
        return block
    lines = block.split(b"\n")
    for place in places:
        lines[place] = b""
    return b"\n".join(lines)


def fixed_width(column: pa.ChunkedArray, width: int) -> npt.NDArray[np.bytes_]:
    """A binary column as ``S<width>``, longer values cut to the width."""
    array = column.combine_chunks()
    if len(array) == 0:
        return np.empty(0, f"S{width}")
    _, offsets_buffer, data_buffer = array.buffers()
    offsets = np.frombuffer(offsets_buffer, np.int32)[array.offset : array.offset + len(array) + 1]
    data = (
        np.frombuffer(data_buffer, np.uint8) if data_buffer is not None and data_buffer.size else np.zeros(1, np.uint8)
    )
    sizes = np.minimum(np.diff(offsets), width)
    used = max(1, int(sizes.max()))
    places = np.minimum(offsets[:-1, None] + np.arange(used), len(data) - 1)
    table = np.zeros((len(array), width), np.uint8)
    table[:, :used] = np.where(np.arange(used) < sizes[:, None], data[places], 0)
    return table.view(f"S{width}").ravel()
