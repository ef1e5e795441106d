"""Which person holds which job slot in which quarter, without remembering anyone.

Persons and positions (job slots, then people without work) are matched one to one. Each quarter small subsets of
positions are permuted: within a sector of a state, within a state, and across all states. Composing these maps, or
their inverses, gives anyone's position, or any position's person, in any quarter; tenure, moves between employers and
moves between states follow.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from matching.core.world.randomness import Permutation, stream_key

Integers = NDArray[np.int64]

_ONE_IN_SECTOR: Final = 14
_ONE_IN_STATE: Final = 16
_ONE_ACROSS: Final = 150


@dataclass(frozen=True)
class _Stage:
    """Every `one_in`-th position of each block changes places with others of the same block."""

    name: str
    edges: Integers
    one_in: int


class Careers:
    """Persons 0..n-1 on positions 0..n-1 over time; `anchor` is the quarter from which moves are counted."""

    def __init__(self, seed: int, persons: int, anchor: int, states: Sequence[int], sectors: Sequence[int]) -> None:
        """`states` and `sectors` are ascending block edges of positions, both from 0 to `persons`."""
        self._seed = seed
        self._anchor = ordinal(anchor)
        self._start = Permutation(persons, stream_key(seed, "start"))
        self._stages = (
            _Stage("sector", np.asarray(sectors, dtype=np.int64), _ONE_IN_SECTOR),
            _Stage("state", np.asarray(states, dtype=np.int64), _ONE_IN_STATE),
            _Stage("nation", np.array([0, persons], dtype=np.int64), _ONE_ACROSS),
        )

    def persons_at(self, positions: Integers, quarter: int) -> Integers:
        """The person on each position in the quarter (YYYYQ)."""
        return self._start.backward(self._at_anchor(positions, ordinal(quarter)))

    def positions_of(self, persons: Integers, quarter: int) -> Integers:
        """The position of each person in the quarter."""
        positions = self._start.forward(persons)
        now = ordinal(quarter)
        for time in range(self._anchor + 1, now + 1):
            positions = self._move(positions, time)
        for time in range(self._anchor, now, -1):
            positions = self._undo(positions, time)
        return positions

    def newly_filled(self, positions: Integers, quarter: int) -> NDArray[np.bool_]:
        """Which positions have another person than in the quarter before."""
        return np.not_equal(self._undo(positions, ordinal(quarter)), positions)

    def _at_anchor(self, positions: Integers, now: int) -> Integers:
        for time in range(now, self._anchor, -1):
            positions = self._undo(positions, time)
        for time in range(now + 1, self._anchor + 1):
            positions = self._move(positions, time)
        return positions

    def _move(self, positions: Integers, time: int) -> Integers:
        for stage in self._stages:
            positions = self._shuffle(positions, stage, time, back=False)
        return positions

    def _undo(self, positions: Integers, time: int) -> Integers:
        for stage in reversed(self._stages):
            positions = self._shuffle(positions, stage, time, back=True)
        return positions

    def _shuffle(self, positions: Integers, stage: _Stage, time: int, *, back: bool) -> Integers:
        key = stream_key(self._seed, stage.name, time)
        chosen = np.flatnonzero((positions + key % stage.one_in) % stage.one_in == 0)
        moved = positions.copy()
        block = np.searchsorted(stage.edges, positions[chosen], side="right") - 1
        for number in np.unique(block):
            rows = chosen[block == number]
            low, high = int(stage.edges[number]), int(stage.edges[number + 1])
            moved[rows] = _permuted(positions[rows], low, high, stage.one_in, key, back=back)
        return moved


def _permuted(positions: Integers, low: int, high: int, one_in: int, key: int, *, back: bool) -> Integers:
    """Permute the multiples (shifted by the key) of `one_in` in low..high-1."""
    shift = key % one_in
    first = -(-(low + shift) // one_in)
    count = -(-(high + shift) // one_in) - first
    permutation = Permutation(count, stream_key(key, low))
    place = (positions + shift) // one_in - first
    image = permutation.backward(place) if back else permutation.forward(place)
    return (image + first) * one_in - shift


def ordinal(quarter: int) -> int:
    """Quarters counted without gaps from YYYYQ."""
    return quarter // 10 * 4 + quarter % 10 - 1


def following(quarter: int, steps: int = 1) -> int:
    """The quarter (YYYYQ) so many quarters later, or earlier if negative."""
    time = ordinal(quarter) + steps
    return time // 4 * 10 + time % 4 + 1
