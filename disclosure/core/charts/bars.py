"""Bars from the largest to the smallest, what has no value last with its mark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from disclosure.core.charts.figure import Figure
from disclosure.core.charts.scale import Scale

WIDTH, LEFT, RIGHT, TOP, STEP, BAR, FOOT = 860, 320, 110, 10, 30, 20, 40
MOST_BARS = 24


@dataclass(frozen=True)
class Bar:
    """One bar: its name, figure, place from the top, and where it begins and how long it is."""

    name: str
    figure: Figure
    y: float
    x: float
    length: float
    label_x: float


@dataclass(frozen=True)
class BarChart:
    """A chart of bars; `left_out`: how many smaller ones are in the table only."""

    values: tuple[tuple[float, float], ...]
    bars: tuple[Bar, ...]
    zero: float
    height: int
    left_out: int
    width: int = WIDTH
    bar: int = BAR
    name_x: int = LEFT - 12


def bar_chart(figures: Sequence[tuple[str, Figure]]) -> BarChart:
    """Return the chart of named figures, the largest first, at most 24 bars."""
    order = sorted(figures, key=lambda one: (one[1].value is None, -(one[1].value or 0.0), one[0]))
    drawn = order[:MOST_BARS]
    axis = Scale.of([one.value for _, one in drawn if one.value is not None], LEFT, WIDTH - RIGHT)
    zero = axis.place(0.0)
    bars = []
    for number, (name, one) in enumerate(drawn):
        end = zero if one.value is None else axis.place(one.value)
        bars.append(Bar(name, one, TOP + STEP * number, min(zero, end), round(abs(end - zero), 1), max(zero, end) + 6))
    height = TOP + STEP * len(drawn) + FOOT
    ticks = tuple((axis.place(tick), tick) for tick in axis.ticks)
    return BarChart(ticks, tuple(bars), zero, height, len(order) - len(drawn))
