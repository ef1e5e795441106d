"""Cohort rows in the order of their temporary IDs (bytes): the order of the match and of everything made from it."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

ID_BYTES = 20
# The same bytes as numbers of eight, eight and four: for questions that are asked of many IDs at once.
ID_WORDS = np.dtype([("first", "<u8"), ("second", "<u8"), ("third", "<u4")])
Ids = npt.NDArray[np.bytes_]
Order = npt.NDArray[np.int64]
_DIGIT_BITS = 16


def id_order(ids: Ids) -> Order:
    """Rows of `ids` (S20, no NUL within) by their bytes, a shorter one before a longer one that begins with it; equal
    ones as they stand.

    A radix sort, whose digits leave out the bits in which no two IDs differ: most cohorts need two or three passes.
    """
    order = np.arange(len(ids))
    for digit in _digits(np.ascontiguousarray(ids, f"S{ID_BYTES}")):
        order = order.take(np.argsort(digit.take(order), kind="stable"))
    return order


def _digits(ids: Ids) -> Iterator[npt.NDArray[np.uint16]]:
    """The IDs as digits of at most 16 bits, the least significant first, as few as will do."""
    characters, bits_used = ids.view(np.uint8).reshape(len(ids), ID_BYTES), _bits_used(ids)
    digit, size = np.zeros(len(ids), np.uint16), 0
    for place in reversed(range(ID_BYTES)):
        bits = bits_used[place]
        if size + bits > _DIGIT_BITS:
            yield digit
            digit, size = np.zeros(len(ids), np.uint16), 0
        if bits:
            low = characters[:, place] & np.uint8((1 << bits) - 1)
            digit |= low.astype(np.uint16) << np.uint16(size)
            size += bits
    if size:
        yield digit


def _bits_used(ids: Ids) -> list[int]:
    """For each of the 20 characters, how many of its lowest bits hold all in which IDs differ."""
    differing = bytearray()
    for name in ID_WORDS.names or ():
        word = ids.view(ID_WORDS)[name]
        differing += np.bitwise_or.reduce(word ^ word[:1]).astype(word.dtype).tobytes()
    return [byte.bit_length() for byte in differing]


def equal_to_next(ids: Ids) -> npt.NDArray[np.bool_]:
    """Of n IDs (S20), shape (n - 1,): True where one and the next are the same."""
    words = ids.view(ID_WORDS)
    equal = np.ones(max(len(ids) - 1, 0), bool)
    for name in ID_WORDS.names or ():
        word = words[name]
        equal &= word[1:] == word[:-1]
    return equal
