"""Chance without state: every draw is a hash of (seed, stream, index), so any part of the world can be made alone.

Draws do not depend on chunk sizes, on order or on what was made before. The mixer is SplitMix64's finaliser (Steele,
Lea, Flood 2014); a permutation multiplies and xor-shifts within a power of two and walks the cycle back into range.
"""

from collections.abc import Callable
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Hashes = NDArray[np.uint64]
Integers = NDArray[np.int64]
_Step = Callable[[Hashes], Hashes]

_GOLDEN: Final = 0x9E3779B97F4A7C15
_MASK64: Final = (1 << 64) - 1
_QUANTILES: Final = 1 << 12
# Primes above any number of persons and small enough for products of two such numbers in 64 bits.
_PRIMES: Final = np.array([
    825415931, 1084627487, 1373978951, 2011083773, 1173364441, 1985318197, 722558653, 630259159, 2047372447, 1857166867,
    1844569957, 1303071521, 1280067589, 1693245313, 933318259, 1122950207, 1603082927, 581577461, 612733021, 1203371723,
    1176562913, 876618697, 1078805821, 816883729, 617236999, 1806912743, 1374519551, 1040757413, 1162250989, 1833913511,
    694052581, 595416793,
], dtype=np.int64)  # fmt: skip
_NORMAL: Final = ndtri((np.arange(_QUANTILES) + 0.5) / _QUANTILES)


def stream_key(seed: int, *names: int | str) -> int:
    """A 64-bit key for one stream of draws, from the seed and whatever names the stream."""
    key = _mix_one(seed & _MASK64)
    for name in names:
        parts = [name] if isinstance(name, int) else list(name.encode())
        for part in parts:
            key = _mix_one((key ^ (part & _MASK64)) + _GOLDEN)
    return key


def hashes(key: int, index: NDArray[np.integer]) -> Hashes:
    """One 64-bit hash per index (n,)."""
    mixed = index.astype(np.uint64) * np.uint64(_GOLDEN) + np.uint64(key)
    mixed ^= mixed >> np.uint64(30)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return mixed


def uniforms(key: int, index: NDArray[np.integer]) -> NDArray[np.float64]:
    """One uniform number in [0, 1) per index."""
    return (hashes(key, index) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def normals(key: int, index: NDArray[np.integer]) -> NDArray[np.float64]:
    """One standard normal number per index, from 4,096 equally likely quantiles (so within +-3.7)."""
    drawn: NDArray[np.float64] = _NORMAL[_quantiles(key, index)]
    return drawn


def lognormal_table(spread: float) -> NDArray[np.float64]:
    """exp(spread x normal) at the 4,096 quantiles, for `lognormals`."""
    table: NDArray[np.float64] = np.exp(spread * _NORMAL)
    return table


def lognormals(table: NDArray[np.float64], key: int, index: NDArray[np.integer]) -> NDArray[np.float64]:
    """One draw per index from a `lognormal_table`."""
    return table[_quantiles(key, index)]


def _quantiles(key: int, index: NDArray[np.integer]) -> NDArray[np.intp]:
    return (hashes(key, index) >> np.uint64(52)).astype(np.intp)


class Permutation:
    """A one-to-one map of 0..n-1 onto itself, computed element by element, with its inverse."""

    def __init__(self, n: int, key: int) -> None:
        self.n = n
        bits = max(2, (max(n, 2) - 1).bit_length())
        self._mask = np.uint64((1 << bits) - 1)
        self._shift = np.uint64((bits + 1) // 2)
        self._factors = [(_mix_one(key + round_) | 1) & int(self._mask) for round_ in range(3)]
        self._inverses = [pow(factor, -1, 1 << bits) for factor in self._factors]
        self._offset = np.uint64(_mix_one(key + 3) & int(self._mask))

    def forward(self, index: Integers) -> Integers:
        """Images of the indices (each in 0..n-1)."""
        return self._walk(index, self._forward_once)

    def backward(self, index: Integers) -> Integers:
        """The indices whose images these are."""
        return self._walk(index, self._backward_once)

    def _walk(self, index: Integers, step: _Step) -> Integers:
        image = step(index.astype(np.uint64))
        outside = np.flatnonzero(image >= np.uint64(self.n))
        while len(outside):
            again = step(image[outside])
            image[outside] = again
            outside = outside[again >= np.uint64(self.n)]
        return image.astype(np.int64)

    def _forward_once(self, x: Hashes) -> Hashes:
        x = (x + self._offset) & self._mask
        for factor in self._factors:
            x = (x * np.uint64(factor)) & self._mask
            x ^= x >> self._shift
        return x

    def _backward_once(self, x: Hashes) -> Hashes:
        for inverse in reversed(self._inverses):
            x = x ^ (x >> self._shift)
            x = (x * np.uint64(inverse)) & self._mask
        return (x - self._offset) & self._mask


class LinearMaps:
    """Many small one-to-one maps side by side, quick rather than thorough: row r maps x to (a x + b) modulo n[r].

    Neighbours part ways, but all pairs of neighbours alike: good enough for who changes places with whom. `a` is one
    of 32 primes, all above every n, so that it has an inverse; `choice` says which: differ there to part neighbours.
    """

    def __init__(self, n: Integers, keys: Hashes, choice: Integers) -> None:
        self._n = np.maximum(n, 1)
        self._factor = _PRIMES[choice % len(_PRIMES)] % self._n
        self._offset = (keys >> np.uint64(16)).astype(np.int64) % self._n

    def forward(self, x: Integers, row: Integers) -> Integers:
        """Image of each x (in 0..n[row]-1) under the map of its row."""
        return (x * self._factor[row] + self._offset[row]) % self._n[row]

    def backward(self, x: Integers, row: Integers) -> Integers:
        """The x whose images these are."""
        return (x - self._offset[row]) * self._inverse[row] % self._n[row]

    @cached_property
    def _inverse(self) -> Integers:
        pairs = zip(self._factor.tolist(), self._n.tolist(), strict=True)
        return np.array([pow(factor, -1, n) if n > 1 else 0 for factor, n in pairs], dtype=np.int64)


def _mix_one(value: int) -> int:
    mixed = (value + _GOLDEN) & _MASK64
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK64
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK64
    return mixed ^ (mixed >> 31)
