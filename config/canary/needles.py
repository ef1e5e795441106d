"""What is looked for: every form an SSN may be written in, found in one vectorised pass over the bytes.

Every form is at least eight bytes long, so each position's eight bytes are hashed and looked up at once; the few
candidates are compared in full. The last four digits count only right beside the person's temporary ID.
"""

import base64
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

PREFIX_BYTES = 8
LAST_FOUR = 4
GAP = 3
SHORTEST_ID = 4
WIDTHS = range(SHORTEST_ID, PREFIX_BYTES + 1)
BLOCK_BYTES = 1 << 17  # what a processor keeps near: three times the speed of a megabyte
_HASH = np.uint64(0x9E3779B97F4A7C15)
_HASH_BITS = 20
Keys = npt.NDArray[np.uint64]


@dataclass(frozen=True, repr=False)
class Canary:
    """A never-issued SSN, nine digits made at run time, and the temporary ID it was sent with (4 bytes or more)."""

    ssn: str
    temporary_id: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[0-9]{9}", self.ssn):
            raise ValueError("A canary is nine digits.")
        if len(self.temporary_id.encode()) < SHORTEST_ID:
            raise ValueError("A canary's temporary ID needs four bytes or more: a shorter one is found by chance.")


def forms(ssn: str) -> Iterator[tuple[str, bytes]]:
    """(name of the form, bytes) of one SSN; base64 at its three alignments, numbers as eight bytes."""
    hyphenated = f"{ssn[:3]}-{ssn[3:5]}-{ssn[5:]}"
    for name, text in (("plain", ssn), ("hyphenated", hyphenated), ("spaced", hyphenated.replace("-", " "))):
        yield name, text.encode()
        yield f"{name}, reversed", text[::-1].encode()
        yield f"{name}, hexadecimal", text.encode().hex().encode()
        yield f"{name}, UTF-16", text.encode("utf-16-le")
        for before in range(3):
            yield f"{name}, base64", _base64(text.encode(), before)
    yield "number", int(ssn).to_bytes(8, "little")
    yield "number", int(ssn).to_bytes(8, "big")
    yield "number", LAST_FOUR.to_bytes(4, "big") + int(ssn).to_bytes(4, "big")  # as PostgreSQL sends an integer


def _base64(plain: bytes, before: int) -> bytes:
    """The characters of the base64 text that depend on `plain` alone, where `before` bytes stand in front of it."""
    first = (before * 8 + 5) // 6
    whole = (before + len(plain)) * 8 // 6
    return base64.b64encode(b"\0" * before + plain)[first:whole]


class Needles:
    """All forms of all canaries, ready to be looked for."""

    def __init__(self, canaries: Sequence[Canary]) -> None:
        if not canaries:
            raise ValueError("A search for no canary finds nothing and proves nothing.")
        self._by_prefix: dict[bytes, list[tuple[bytes, str]]] = {}
        for canary in canaries:
            for name, pattern in forms(canary.ssn):
                self._by_prefix.setdefault(pattern[:PREFIX_BYTES], []).append((pattern, name))
        self._beside: dict[bytes, set[bytes]] = {}
        for canary in canaries:
            four = canary.ssn[-LAST_FOUR:].encode()
            self._beside.setdefault(four, set()).add(canary.temporary_id.encode())
        self._keys = {(width, after): self._keys_of(width, after=after) for width in WIDTHS for after in (False, True)}
        self._prefixes, self._table = _lookup(self._by_prefix)
        self._fours = np.zeros(1 << 16, bool)
        self._fours[_hash_four(_little(canary.ssn[-LAST_FOUR:].encode() for canary in canaries).astype(np.uint32))] = (
            True
        )
        longest = max(len(pattern) for found in self._by_prefix.values() for pattern, _ in found)
        self.overlap = max(longest, *(len(c.temporary_id.encode()) + GAP + LAST_FOUR for c in canaries))

    def _keys_of(self, width: int, *, after: bool) -> Keys:
        """One number for every pair of four digits and an ID of `width` bytes (eight: eight or more) beside them."""
        ends = [
            (four, identifier[:width] if after else identifier[-width:])
            for four, identifiers in self._beside.items()
            for identifier in identifiers
            if min(len(identifier), PREFIX_BYTES) == width
        ]
        return np.unique(_pair(_little(four for four, _ in ends), _little(end for _, end in ends)))

    def find_in(self, data: bytes) -> set[str]:
        """The names of the forms that are in `data`."""
        found: set[str] = set()
        for start in range(0, len(data), BLOCK_BYTES):
            found |= self._find_in_block(data[start : start + BLOCK_BYTES + self.overlap])
        return found

    def find_in_stream(self, chunks: Iterable[bytes]) -> set[str]:
        """The same over chunks of any size, also where a form lies across two."""
        found: set[str] = set()
        kept = b""
        for chunk in chunks:
            data = kept + chunk
            found |= self.find_in(data)
            kept = data[-self.overlap :]
        return found

    def _find_in_block(self, block: bytes) -> set[str]:
        if len(block) < PREFIX_BYTES:
            return set()
        windows = _windows(block, "<u8")
        places = np.flatnonzero(self._table[(windows * _HASH) >> np.uint64(64 - _HASH_BITS)])
        places = places[_known(windows[places], self._prefixes)]
        found = {name for place in places.tolist() for name in self._names_at(block, place)}
        return found | ({"last four beside the ID"} if self._is_beside(block) else set())

    def _names_at(self, block: bytes, place: int) -> Iterator[str]:
        for pattern, name in self._by_prefix.get(block[place : place + PREFIX_BYTES], ()):
            if block.startswith(pattern, place):
                yield name

    def _is_beside(self, block: bytes) -> bool:
        block = bytes(PREFIX_BYTES) + block + bytes(PREFIX_BYTES)  # so that an ID's eight bytes are always there
        windows, fours = _windows(block, "<u8"), _windows(block, "<u4")
        places = np.flatnonzero(self._fours[_hash_four(fours)])
        return any(
            self._stands_beside(block, place, gap, after=after)
            for (width, after), keys in self._keys.items()
            if len(keys)
            for gap in range(GAP + 1)
            for place in _places_of_pairs(windows, fours, places, keys, width, gap, after=after)
        )

    def _stands_beside(self, block: bytes, place: int, gap: int, *, after: bool) -> bool:
        """The whole ID stands there, on the same line, and neither it nor the digits are part of a longer number."""
        end = place + LAST_FOUR
        between = block[end : end + gap] if after else block[place - gap : place]
        if b"\n" in between or b"\r" in between:
            return False
        for identifier in self._beside.get(block[place:end], ()):
            start = end + gap if after else place - gap - len(identifier)
            far, beyond = (place - 1, start + len(identifier)) if after else (end, start - 1)
            in_number = identifier.isdigit() and (gap == 0 or block[beyond : beyond + 1].isdigit())
            if block.startswith(identifier, start) and not in_number and not block[far : far + 1].isdigit():
                return True
        return False


def _places_of_pairs(
    windows: Keys,
    fours: npt.NDArray[np.uint32],
    places: npt.NDArray[np.int64],
    keys: Keys,
    width: int,
    gap: int,
    *,
    after: bool,
) -> list[int]:
    """Those of `places` (of four digits) with `width` bytes of their person's ID `gap` bytes after or before them."""
    other = places + LAST_FOUR + gap if after else places - gap - PREFIX_BYTES
    inside = (other >= 0) & (other < len(windows))
    places, rest = places[inside], np.uint64(8 * (PREFIX_BYTES - width))
    beside = windows[other[inside]]
    beside = (beside << rest) >> rest if after else beside >> rest
    return [int(place) for place in places[_known(_pair(fours[places].astype(np.uint64), beside), keys)]]


def _pair(four: Keys, beside: Keys) -> Keys:
    """One number for both; the rare chance meeting is told apart by the comparison that follows."""
    return beside * _HASH + four


def _lookup(patterns: Iterable[bytes]) -> tuple[Keys, npt.NDArray[np.bool_]]:
    keys = np.unique(_little(patterns))
    table = np.zeros(1 << _HASH_BITS, bool)
    table[(keys * _HASH) >> np.uint64(64 - _HASH_BITS)] = True
    return keys, table


def _little(patterns: Iterable[bytes]) -> Keys:
    return np.array([int.from_bytes(pattern, "little") for pattern in patterns], np.uint64)


def _hash_four(windows: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    return (windows * np.uint32(0x9E3779B1)) >> np.uint32(16)


def _known(keys: Keys, known: Keys) -> Any:
    """Which of `keys` are in the sorted `known`."""
    return known[np.searchsorted(known, keys).clip(max=len(known) - 1)] == keys


def _windows(block: bytes, kind: str) -> Any:
    """The number that begins at every byte of `block`."""
    width = np.dtype(kind).itemsize
    return np.ndarray((max(0, len(block) - width + 1),), kind, block, strides=(1,))
