"""Columns of text bytes to typed columns, whole columns at once, with a mask of what cannot be read.

A column is a numpy array of bytes ``S<width>``; no Python object is made per row.
"""

import numpy as np
import numpy.typing as npt

Text = npt.NDArray[np.bytes_]
Mask = npt.NDArray[np.bool_]
MISSING = -1
INT4_MAX = 2_147_483_647


def table_of(column: Text) -> npt.NDArray[np.uint8]:
    """The bytes of a column, shape (rows, width), NUL where a value is shorter."""
    return np.ascontiguousarray(column).view(np.uint8).reshape(len(column), column.dtype.itemsize)


def read_integers(column: Text) -> tuple[npt.NDArray[np.int64], Mask]:
    """Whole numbers, spaces around them and one leading minus allowed; and where the text is something else.

    A blank gives ``MISSING`` and counts as readable: ask ``is_blank`` where blanks matter.
    """
    table = table_of(column)
    filler = (table == 32) | (table == 0)
    minus = table == 45
    digit = (table >= 48) & (table <= 57)
    value = np.zeros(len(table), np.int64)
    for place in range(table.shape[1]):
        value = np.where(digit[:, place], value * 10 + (table[:, place] - 48), value)
    used = ~filler
    runs = np.count_nonzero(np.diff(used.astype(np.int8), axis=1) == 1, axis=1) + used[:, 0]
    misplaced = minus & (np.arange(table.shape[1]) != np.argmax(used, axis=1)[:, None])
    wrong = np.any(~(filler | minus | digit) | misplaced, axis=1) | (runs > 1)
    blank = ~used.any(axis=1)
    wrong |= ~blank & ~digit.any(axis=1)
    too_long = digit.sum(axis=1) > 18
    return np.where(blank, MISSING, np.where(minus.any(axis=1), -value, value)), wrong | too_long


def is_blank(column: Text) -> Mask:
    """True where a value is empty or spaces only."""
    table = table_of(column)
    return np.asarray(np.all((table == 32) | (table == 0), axis=1))


def read_code(column: Text, width: int, *, letters: bool = False) -> tuple[Text, Mask]:
    """Codes as zero-filled text of ``width``; blank gives zeros. Masked: too long, or not digits (or capitals)."""
    if len(column) == 0:
        return np.empty(0, f"S{width}"), np.zeros(0, bool)
    trimmed = np.strings.strip(column)
    too_long = np.strings.str_len(trimmed) > width
    # NumPy's zfill leaves rubbish where the text is empty, so blanks are made a zero first.
    filled = np.strings.zfill(np.where(trimmed == b"", b"0", trimmed), width).astype(f"S{width}")
    table = table_of(filled)
    good = (table >= 48) & (table <= 57)
    if letters:
        good |= (table >= 65) & (table <= 90)
    return filled, too_long | ~good.all(axis=1)


def read_ssn(column: Text) -> tuple[npt.NDArray[np.uint32], Mask]:
    """SSNs as numbers, 0 where there are not exactly nine digits; masked where the text is not digits at all."""
    value, wrong = read_integers(column)
    wrong |= np.any(table_of(column) == 45, axis=1)
    nine = np.strings.str_len(np.strings.strip(column)) == 9
    return np.where(nine & ~wrong, value, 0).astype(np.uint32), wrong
