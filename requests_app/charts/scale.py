"""Axes with round ticks, and classes for shades."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
SHADES = 5


@dataclass(frozen=True)
class Scale:
    """An axis from the first to the last of its ticks, drawn from `start` to `end`."""

    ticks: tuple[float, ...]
    start: float
    end: float

    @classmethod
    def of(cls, values: Iterable[float], start: float, end: float, about: int = 5) -> Scale:
        """Return an axis with about so many round ticks that holds zero and every value; whole for whole values."""
        known = [0.0, *values]
        least, most = min(known), max(known)
        step = round_step((most - least) / about if most > least else 1.0)
        if all(value == round(value) for value in known):
            step = float(ceil(step))
        first, last = floor(least / step), ceil(most / step)
        return cls(tuple(step * tick for tick in range(first, max(last, first + 1) + 1)), start, end)

    def place(self, value: float) -> float:
        """Return where a value lies, to a tenth."""
        share = (value - self.ticks[0]) / (self.ticks[-1] - self.ticks[0])
        return round(self.start + share * (self.end - self.start), 1)


def round_step(step: float) -> float:
    """Return the least round number (1, 2, 2.5, 5 times a power of ten) that is no less."""
    power = 10.0 ** floor(log10(step))
    return next(power * one for one in STEPS if power * one >= step * (1 - 1e-9))


def shades(values: Sequence[float]) -> tuple[float, ...]:
    """Return the upper ends of five equally wide classes over the values, ascending; one where all are equal."""
    if not values:
        return ()
    least, most = min(values), max(values)
    if least == most:
        return (most,)
    return (*(least + (most - least) * number / SHADES for number in range(1, SHADES)), most)


def shade(value: float, ends: Sequence[float]) -> int:
    """Return the class (from 1) of a value."""
    return next((number for number, end in enumerate(ends, start=1) if value <= end), len(ends))
