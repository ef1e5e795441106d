"""Cohort rows in the order of their temporary IDs (bytes): the order of the match and of everything made from it."""

import numpy as np
import numpy.typing as npt

ID_BYTES = 20
Ids = npt.NDArray[np.bytes_]
Order = npt.NDArray[np.int64]
_WORD = 8


def id_order(ids: Ids) -> Order:
    """Rows of `ids` (S20, no NUL within) by their bytes, a shorter one before a longer one that begins with it.

    IDs are compared as big-endian numbers of eight bytes; most have no more than one or two of them.
    """
    words = _words(ids)
    if len(words) == 1:
        return np.argsort(words[0], kind="stable")
    return np.lexsort(words[::-1])


def _words(ids: Ids) -> list[npt.NDArray[np.uint64]]:
    """The words of all IDs, first word first; words that are empty in every ID are left out."""
    count = -(-ID_BYTES // _WORD)
    padded = np.zeros((len(ids), count * _WORD), np.uint8)
    padded[:, :ID_BYTES] = np.ascontiguousarray(ids, f"S{ID_BYTES}").view(np.uint8).reshape(len(ids), ID_BYTES)
    words = padded.view(">u8")
    columns = [words[:, place].astype(np.uint64) for place in range(count)]
    while len(columns) > 1 and not columns[-1].any():
        columns.pop()
    return columns
