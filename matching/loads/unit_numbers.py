"""Numbers for the employers' units of a load: as they come at first, then in (UIN, RUN, EIN) order."""

from threading import Lock

import numpy as np
import numpy.typing as npt

from matching.core.load_files.columns import table_of
from matching.core.load_files.wage_layouts import WageBatch

_WIDTHS = (10, 5, 9)
_WORDS = 3  # a key's 24 bytes
_NONE = -1
_FIRST_BITS = 12
# Odd constants that spread the words of a key (from splitmix64 and murmur3); any would do, keys are compared in full.
_SPREAD = np.array([0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB], np.uint64)
Numbers = npt.NDArray[np.int32]
Keys = npt.NDArray[np.uint64]  # shape (n, 3)


class UnitNumbers:
    """Keeps one small number per distinct (UIN, RUN, EIN): memory grows with employers, not with records.

    A table of places that keys are hashed to, asked and filled for whole columns at once; a place that is taken by
    another key leads to the next one. Threads may share it.
    """

    def __init__(self) -> None:
        self._keys: Keys = np.empty((0, _WORDS), np.uint64)
        self._slots: Numbers = np.full(1 << _FIRST_BITS, _NONE, np.int32)
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._keys)

    def number(self, batch: WageBatch) -> Numbers:
        """The number of each record's unit. Numbers go by the order in which batches come."""
        keys = _keys_of(batch)
        with self._lock:
            numbers = self._find(keys)
            unknown = np.flatnonzero(numbers == _NONE)
            if len(unknown):
                new, inverse = _distinct(keys[unknown])
                numbers[unknown] = (len(self._keys) + inverse).astype(np.int32)
                self._add(new)
        return numbers

    def in_order(self) -> tuple[list[npt.NDArray[np.bytes_]], Numbers]:
        """The units' UIN, RUN and EIN as columns sorted by them, and for each its number."""
        order = np.lexsort(self._keys.byteswap().T[::-1]).astype(np.int32)
        table = self._keys[order].view(np.uint8).reshape(len(order), sum(_WIDTHS))
        parts = np.split(table, np.cumsum(_WIDTHS)[:-1], axis=1)
        texts = [
            np.ascontiguousarray(part).view(f"S{width}").ravel() for part, width in zip(parts, _WIDTHS, strict=True)
        ]
        return texts, order

    def _find(self, keys: Keys) -> Numbers:
        """The number of each key, -1 where it is not known."""
        slot = self._first_slot(keys)
        numbers = self._slots[slot]
        wrong = np.flatnonzero((numbers != _NONE) & ~self._is_key(numbers, keys))
        while len(wrong):
            slot[wrong] = (slot[wrong] + 1) % len(self._slots)
            found = self._slots[slot[wrong]]
            numbers[wrong] = found
            wrong = wrong[(found != _NONE) & ~self._is_key(found, keys[wrong])]
        return numbers

    def _is_key(self, numbers: Numbers, keys: Keys) -> npt.NDArray[np.bool_]:
        """Whether each number is that of the key beside it; anything where there is no number."""
        if len(self._keys) == 0:
            return np.zeros(len(keys), bool)
        known = np.take(self._keys, numbers, axis=0, mode="wrap")
        same: npt.NDArray[np.bool_] = known[:, 0] == keys[:, 0]
        for word in range(1, _WORDS):
            same &= known[:, word] == keys[:, word]
        return same

    def _add(self, keys: Keys) -> None:
        """Distinct new keys get the next numbers and their slots."""
        first = len(self._keys)
        self._keys = np.concatenate([self._keys, keys])
        if 2 * len(self._keys) > len(self._slots):
            self._slots = np.full(1 << (4 * len(self._keys)).bit_length(), _NONE, np.int32)
            first = 0
        self._place(np.arange(first, len(self._keys), dtype=np.int32))

    def _place(self, numbers: Numbers) -> None:
        slot = self._first_slot(self._keys[numbers])
        while len(numbers):
            free = self._slots[slot] == _NONE
            self._slots[slot[free]] = numbers[free]  # of several that want one slot, one gets it
            out = self._slots[slot] != numbers
            numbers, slot = numbers[out], (slot[out] + 1) % len(self._slots)

    def _first_slot(self, keys: Keys) -> npt.NDArray[np.int64]:
        mixed = keys[:, 0] * _SPREAD[0] + keys[:, 1] * _SPREAD[1] + keys[:, 2] * _SPREAD[2]
        mixed ^= mixed >> np.uint64(29)
        mixed *= _SPREAD[1]
        slot: npt.NDArray[np.int64] = (mixed >> np.uint64(65 - len(self._slots).bit_length())).astype(np.int64)
        return slot


def _keys_of(batch: WageBatch) -> Keys:
    columns = [table_of(column.astype(f"S{width}", copy=False)) for column, width in _columns_of(batch)]
    return np.hstack(columns).view(np.uint64)


def _columns_of(batch: WageBatch) -> list[tuple[npt.NDArray[np.bytes_], int]]:
    return list(zip((batch.uin, batch.run, batch.ein), _WIDTHS, strict=True))


def _distinct(keys: Keys) -> tuple[Keys, npt.NDArray[np.int64]]:
    """Distinct keys, and for each key which of them it is."""
    order = np.lexsort(keys.T)
    ordered = keys[order]
    begins = np.ones(len(keys), bool)
    begins[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    inverse = np.empty(len(keys), np.int64)
    inverse[order] = np.cumsum(begins) - 1
    return ordered[begins], inverse
