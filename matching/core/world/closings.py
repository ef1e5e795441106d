"""People of firms that close: they change places with those of other firms that close in the same quarter.

All closing places of a state with the same life and start (`tenants`) close together; their slots are one ring.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from matching.core.world.careers import Turned
from matching.core.world.randomness import LinearMaps, hashes, stream_key
from matching.core.world.tenants import Tenancies

Integers = NDArray[np.int64]

_TURNS: Final = 1 << 16


@dataclass(frozen=True)
class ClosingPlaces:
    """A state's places that close: first position and number of slots (m,), in order of position, and the tenancies."""

    first: Integers
    slots: Integers
    tenancies: Tenancies


def closing_places(first: Integers, slots: Integers, tenancies: Tenancies) -> ClosingPlaces:
    """Those of a roster's places (n,) that close and have slots; `first` (n + 1,)."""
    rows = np.flatnonzero(tenancies.closes & (slots > 0))
    return ClosingPlaces(
        first[rows],
        slots[rows],
        Tenancies(tenancies.life[rows], tenancies.start[rows], tenancies.is_sold[rows]),
    )


class Closings:
    """A level of `Careers`: rings made of the slots of places that close together."""

    def __init__(self, seed: int, states: Sequence[ClosingPlaces]) -> None:
        """`states` in order of position."""
        self._key = stream_key(seed, "closings")
        self._first, slots, life, start = (
            np.concatenate([np.zeros(0, dtype=np.int64), *columns])
            for columns in zip(*((s.first, s.slots, s.tenancies.life, s.tenancies.start) for s in states), strict=True)
        )
        self._end = self._first + slots
        state = np.repeat(np.arange(len(states)), [len(places.first) for places in states])
        kinds, self._ring = np.unique(np.stack([state, life, start]), axis=1, return_inverse=True)
        _, self._life, self._start = kinds
        # Places ring by ring; slots of a ring are numbered in this order.
        self._order = np.argsort(self._ring, kind="stable")
        self._count = np.concatenate([[0], np.cumsum(slots[self._order])])
        self._place_first = np.empty(len(self._order), dtype=np.int64)
        self._place_first[self._order] = self._count[:-1]
        ring_edges = np.searchsorted(self._ring[self._order], np.arange(len(self._life) + 1))
        self._ring_first = self._count[ring_edges]

    def members(self, positions: Integers) -> tuple[Integers, Integers]:
        """Rows whose position is a slot of a place that closes, and the ring of each."""
        if not len(self._first):
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        place = np.searchsorted(self._first, positions, side="right") - 1
        rows = np.flatnonzero((place >= 0) & (positions < self._end[place]))
        return rows, self._ring[place[rows]]

    def moved(self, at: Integers, ring: Integers, turned: Turned, *, back: bool) -> Integers:
        """Where the ring sends the positions `at`, or `back` whence."""
        place = np.searchsorted(self._first, at, side="right") - 1
        member = self._place_first[place] + at - self._first[place] - self._ring_first[ring]
        member = (turned.maps.backward if back else turned.maps.forward)(member, ring) + self._ring_first[ring]
        row = np.searchsorted(self._count, member, side="right") - 1
        to: Integers = self._first[self._order[row]] + member - self._count[row]
        return to

    def turned(self, quarter: int) -> Turned:
        """Every ring in a quarter (YYYYQ)."""
        tenancies = Tenancies(self._life, self._start, np.zeros(len(self._life), dtype=np.bool_))
        number, turns = np.arange(len(self._life)), tenancies.turns(quarter)
        maps = LinearMaps(np.diff(self._ring_first), hashes(self._key, number * _TURNS + turns), number + turns)
        return Turned(number, maps, tenancies.is_new(quarter))
