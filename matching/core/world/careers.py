"""Which person holds which job slot in which quarter, without remembering anyone and as fast for any quarter.

Persons and positions (job slots, then people without work) are matched one to one. Positions belong to rings: all of a
ring change places among themselves at once, each ring at its own pace. There are fast and slow rings within a sector of
a state, rings within a state, and rings across all states. Who stands where in a ring follows from its key and the
number of its last turn; tenure, moves between employers, industries and states follow.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from matching.core.world.randomness import LinearMaps, Permutation, hashes, stream_key

Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]

_TURNS: Final = 1 << 16
_KEPT: Final = 16


@dataclass(frozen=True)
class Turned:
    """The rings (blocks x rings, flat) of a level in one quarter: first member, order, and whether it turned then."""

    first: Integers
    maps: LinearMaps
    just_now: Mask


@dataclass(frozen=True)
class _Level:
    """One in 2**`skip` positions of each block, in 2**`split` rings that turn every `shortest`..`longest` quarters."""

    key: int
    edges: Integers
    skip: int
    split: int
    shortest: int
    longest: int

    @property
    def shift(self) -> int:
        """Which of 2**skip positions it is."""
        return self.key & ((1 << self.skip) - 1)

    def members(self, positions: Integers) -> tuple[Integers, Integers]:
        """Rows whose position belongs to a ring, and which ring."""
        chosen = np.flatnonzero((positions + self.shift) & ((1 << self.skip) - 1) == 0)
        at = positions[chosen]
        block = np.searchsorted(self.edges, at, side="right") - 1
        return chosen, (block << self.split) + ((at + self.shift) >> self.skip & ((1 << self.split) - 1))

    def moved(self, at: Integers, ring: Integers, turned: Turned, *, back: bool) -> Integers:
        """Where the ring sends the positions `at`, or `back` whence."""
        first = turned.first[ring]
        member = ((at + self.shift) >> (self.skip + self.split)) - first
        member = (turned.maps.backward if back else turned.maps.forward)(member, ring) + first
        return (((member << self.split) + (ring & ((1 << self.split) - 1))) << self.skip) - self.shift

    def turned(self, quarter: int) -> Turned:
        """Every ring in a quarter (YYYYQ)."""
        edges = -(-(self.edges + self.shift) >> self.skip)
        ring = np.arange(1 << self.split)
        low, high = (-((ring - edge[:, None]) >> self.split) for edge in (edges[:-1], edges[1:]))
        number = np.arange(low.size)
        lengths = self.shortest + number % (self.longest - self.shortest + 1)
        start = (hashes(self.key, number) >> np.uint64(32)).astype(np.int64) % lengths
        turns, since = np.divmod(ordinal(quarter) + start, lengths)
        maps = LinearMaps((high - low).ravel(), hashes(self.key, number * _TURNS + turns), number + turns)
        return Turned(low.ravel(), maps, since == 0)


class Level(Protocol):
    """Rings of positions that change places at times; methods as in `_Level`."""

    def members(self, positions: Integers) -> tuple[Integers, Integers]: ...

    def moved(self, at: Integers, ring: Integers, turned: Turned, *, back: bool) -> Integers: ...

    def turned(self, quarter: int) -> Turned: ...


class Careers:
    """Persons 0..n-1 on positions 0..n-1 over time."""

    def __init__(
        self, seed: int, persons: int, states: Sequence[int], sectors: Sequence[int], others: Sequence[Level] = ()
    ) -> None:
        """`states` and `sectors` are ascending block edges of positions, from 0 to `persons`; `others` more levels."""
        self._start = Permutation(persons, stream_key(seed, "start"))
        by_sector, by_state = np.asarray(sectors, dtype=np.int64), np.asarray(states, dtype=np.int64)
        nation = np.array([0, persons], dtype=np.int64)
        self._levels: tuple[Level, ...] = (
            *others,
            _Level(stream_key(seed, "short jobs"), by_sector, 2, 5, 3, 7),
            _Level(stream_key(seed, "long jobs"), by_sector, 0, 6, 20, 51),
            _Level(stream_key(seed, "state"), by_state, 3, 5, 3, 8),
            _Level(stream_key(seed, "nation"), nation, 3, 6, 8, 19),
        )
        self._known: dict[tuple[int, int], Turned] = {}

    def persons_at(self, positions: Integers, quarter: int) -> Integers:
        """The person on each position in the quarter (YYYYQ)."""
        return self.persons_and_news(positions, quarter)[0]

    def positions_of(self, persons: Integers, quarter: int) -> Integers:
        """The position of each person in the quarter."""
        positions = self._start.forward(persons)
        for place in range(len(self._levels) - 1, -1, -1):
            level, turned = self._levels[place], self._turned(place, quarter)
            rows, ring = level.members(positions)
            positions[rows] = level.moved(positions[rows], ring, turned, back=True)
        return positions

    def persons_and_news(self, positions: Integers, quarter: int) -> tuple[Integers, Mask]:
        """The person on each position in the quarter, and where it can be another than in the quarter before.

        "Can": a ring on the way has just turned, which may bring the same person back.
        """
        news, positions = np.zeros(len(positions), dtype=np.bool_), positions.copy()
        for place, level in enumerate(self._levels):
            turned = self._turned(place, quarter)
            rows, ring = level.members(positions)
            news[rows] |= turned.just_now[ring]
            positions[rows] = level.moved(positions[rows], ring, turned, back=False)
        return self._start.backward(positions), news

    def _turned(self, place: int, quarter: int) -> Turned:
        """A level's rings in a quarter; the last few are kept."""
        if (place, quarter) not in self._known:
            while len(self._known) > _KEPT:
                self._known.pop(next(iter(self._known)))
            self._known[place, quarter] = self._levels[place].turned(quarter)
        return self._known[place, quarter]


def ordinal(quarter: int) -> int:
    """Quarters counted without gaps from YYYYQ."""
    return quarter // 10 * 4 + quarter % 10 - 1


def following(quarter: int, steps: int = 1) -> int:
    """The quarter (YYYYQ) so many quarters later, or earlier if negative."""
    time = ordinal(quarter) + steps
    return time // 4 * 10 + time % 4 + 1
