"""Numbers as text, whole columns at once: tables of ready digits, looked up instead of divided out."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
# One entry per number, `width` bytes each (dtype V<width>): what a line takes by index.
Table = NDArray[np.void]

# Stands where a field is shorter than its room in a line, until `squeezed` takes it out.
NOTHING: Final = 0


def digits(values: NDArray[np.integer], width: int) -> Bytes:
    """Zero-filled decimal digits as ASCII, (n, width). The values fit by construction."""
    left = values.astype(np.int64)
    table = np.empty((len(left), width), dtype=np.uint8)
    for place in range(width - 1, -1, -1):
        left, digit = np.divmod(left, 10)
        table[:, place] = digit + ord("0")
    return table


def zero_filled(count: int, width: int, end: str = "") -> Table:
    """The numbers 0..count-1 with leading zeros, `end` behind each."""
    return as_table(np.hstack([digits(np.arange(count), width), _column(count, end)]))


def unfilled(count: int, width: int, end: str = "") -> Table:
    """The numbers 0..count-1 without leading zeros (0 itself is 0), `end` behind each."""
    body = digits(np.arange(count), width)
    leading = np.cumsum(body != ord("0"), axis=1) == 0
    leading[:, -1] = False
    body[leading] = NOTHING
    return as_table(np.hstack([body, _column(count, end)]))


def texts(values: list[str], width: int, filler: str = "", end: str = "") -> Table:
    """Texts of at most `width` bytes, filled to it (nothing as filler: left out of the line), `end` behind each."""
    fill = filler.encode() or bytes([NOTHING])
    joined = b"".join(value.encode("ascii").ljust(width, fill) + end.encode() for value in values)
    return as_table(np.frombuffer(joined, dtype=np.uint8).reshape(len(values), -1))


def as_table(rows: Bytes) -> Table:
    """Rows of bytes (n, width) as one void entry each."""
    return np.ascontiguousarray(rows).view(f"V{rows.shape[1]}").ravel()


def squeezed(buffer: bytearray, used: int) -> bytearray:
    """The first `used` bytes without the NOTHING bytes among them; the rest of the buffer is wiped on the way."""
    buffer[used:] = bytes(len(buffer) - used)
    return buffer.translate(None, bytes([NOTHING]))


def _column(count: int, end: str) -> Bytes:
    return np.tile(np.frombuffer(end.encode(), dtype=np.uint8), (count, 1))
