"""Fields of clean lines, eight bytes at a time: one load per line instead of one per character.

A word is the eight bytes at a place as a little-endian number, so its lowest byte is the first character.
"""

import numpy as np
import numpy.typing as npt

from matching.core.cohort.id_order import ID_BYTES, ID_WORDS, Ids

_WORD_BYTES = 8
_FIRST_BYTES = np.array([(1 << 8 * count) - 1 for count in range(_WORD_BYTES + 1)], np.uint64)  # masks of 0 to 8 bytes
Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.intp]
Words = npt.NDArray[np.uint64]


def read_nine_digits(data: Bytes, places: Places) -> npt.NDArray[np.uint32] | None:
    """The nine-digit numbers at ``places``; None where any of their characters is no digit."""
    first, rest = data[places] - np.uint8(ord("0")), _words(data)[places + 1]
    if first.max() > 9 or not _all_digits(rest):
        return None
    return first * np.uint32(100_000_000) + _eight_digits(rest)


def read_ids(data: Bytes, places: Places, sizes: Places) -> Ids:
    """The fields of 1 to 20 bytes at ``places`` as a column of fixed width, padded with NUL."""
    ids, words, last = np.zeros(len(places), ID_WORDS), _words(data), len(data) - _WORD_BYTES
    for number, name in enumerate(ID_WORDS.names or ()):
        skipped = number * _WORD_BYTES
        if sizes.max() > skipped:
            inside = _FIRST_BYTES[np.clip(sizes - skipped, 0, _WORD_BYTES)]
            ids[name] = words[np.minimum(places + skipped, last)] & inside
    return ids.view(f"S{ID_BYTES}")


def _words(data: Bytes) -> Words:
    """The word at every place, overlapping, without a copy."""
    return np.ndarray((len(data) - _WORD_BYTES + 1,), "<u8", data, strides=(1,))


def _all_digits(words: Words) -> bool:
    """True where every byte is "0" to "9": neither distance to the next bound leaves seven bits."""
    outside = (words + np.uint64(0x4646464646464646)) | (words - np.uint64(0x3030303030303030))
    return not np.bitwise_or.reduce(outside) & np.uint64(0x8080808080808080)


def _eight_digits(words: Words) -> npt.NDArray[np.uint32]:
    """The number that eight digits say: neighbours are joined to pairs, fours, eight (Lemire, "Quickly parsing eight
    digits", 2018)."""
    digits = words - np.uint64(0x3030303030303030)
    pairs = digits * np.uint64(10) + (digits >> np.uint64(8))
    mask = np.uint64(0x000000FF000000FF)
    high = (pairs & mask) * np.uint64(100 + (1_000_000 << 32))
    low = ((pairs >> np.uint64(16)) & mask) * np.uint64(1 + (10_000 << 32))
    return ((high + low) >> np.uint64(32)).astype(np.uint32)
