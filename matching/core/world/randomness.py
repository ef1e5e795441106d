"""Chance without state: every draw is a hash of (seed, stream, index), so any part of the world can be made alone.

Draws do not depend on chunk sizes, on order or on what was made before. The mixer is SplitMix64's finaliser (Steele,
Lea, Flood 2014); a permutation multiplies and xor-shifts within a power of two and walks the cycle back into range.
"""

from collections.abc import Callable
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
    drawn: NDArray[np.float64] = _NORMAL[(hashes(key, index) >> np.uint64(52)).astype(np.int64)]
    return drawn


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


def _mix_one(value: int) -> int:
    mixed = (value + _GOLDEN) & _MASK64
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK64
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK64
    return mixed ^ (mixed >> 31)
