"""Bars under their names: the largest first, or in the order given and made of several series with a target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from requests_app.charts.figure import Figure
from requests_app.charts.scale import Scale

WIDTH, LEFT, RIGHT, TOP, STEP, BAR, FOOT = 700, 10, 110, 4, 50, 20, 40
NAME, LABEL = 16, 6  # from the top of a row to its name's line, from the end of a bar to its figure
MOST_BARS = 24
TONES = ("a", "b", "c", "d")


@dataclass(frozen=True)
class Piece:
    """What one series gives to a bar: where it begins, how long it is, and its name with the value."""

    x: float
    length: float
    tone: str
    name: str
    value: float


@dataclass(frozen=True)
class Bar:
    """One bar: its name, its figure or mark, its place from the top, its pieces, and the target's place if any."""

    name: str
    figure: Figure
    y: int
    pieces: tuple[Piece, ...]
    label_x: float
    target_x: float | None = None

    @property
    def name_y(self) -> int:
        """Where the letters of the name stand."""
        return self.y + NAME

    @property
    def bar_y(self) -> int:
        """Where the bar begins, below its name."""
        return self.y + NAME + 6


@dataclass(frozen=True)
class BarChart:
    """A chart of bars; `legend`: series by name and tone where there are several; `left_out`: how many smaller bars
    are in the table only."""

    values: tuple[tuple[float, float], ...]
    bars: tuple[Bar, ...]
    legend: tuple[tuple[str, str], ...] = ()
    left_out: int = 0
    width: int = WIDTH
    bar: int = BAR
    left: int = LEFT

    @property
    def bottom(self) -> int:
        """Where the bars end and the axis begins."""
        return TOP + STEP * len(self.bars)

    @property
    def height(self) -> int:
        """Of the drawing."""
        return self.bottom + FOOT


@dataclass(frozen=True)
class Series:
    """One series of stacked bars: its name in the legend, its values by row; None is not available."""

    name: str
    values: Sequence[float | None]


def bar_chart(figures: Sequence[tuple[str, Figure]]) -> BarChart:
    """Return the chart of named figures, the largest first, what has no value last with its mark; at most 24 bars."""
    order = sorted(figures, key=lambda one: (one[1].value is None, -(one[1].value or 0.0), one[0]))
    drawn = order[:MOST_BARS]
    axis = Scale.of([one.value for _, one in drawn if one.value is not None], LEFT, WIDTH - RIGHT)
    bars = tuple(_bar(number, name, one, axis) for number, (name, one) in enumerate(drawn))
    return BarChart(_ticks(axis), bars, left_out=len(order) - len(drawn))


def stacked(names: Sequence[str], series: Sequence[Series], targets: Sequence[float | None] | None = None) -> BarChart:
    """Return a bar for each name, in the order given, made of up to four series; `targets` mark a place across each."""
    totals = [sum(one.values[row] or 0.0 for one in series) for row in range(len(names))]
    aims = targets or [None] * len(names)
    axis = Scale.of([*totals, *(aim for aim in aims if aim is not None)], LEFT, WIDTH - RIGHT)
    bars = tuple(_stack(row, name, series, axis, aims[row]) for row, name in enumerate(names))
    legend = tuple((one.name, tone) for one, tone in zip(series, TONES, strict=False))
    return BarChart(_ticks(axis), bars, legend if len(legend) > 1 else ())


def _bar(number: int, name: str, figure: Figure, axis: Scale) -> Bar:
    zero = end = axis.place(0.0)
    pieces: tuple[Piece, ...] = ()
    if figure.value is not None:
        end = axis.place(figure.value)
        pieces = (Piece(min(zero, end), round(abs(end - zero), 1), TONES[0], name, figure.value),)
    return Bar(name, figure, TOP + STEP * number, pieces, max(zero, end) + LABEL)


def _stack(row: int, name: str, series: Sequence[Series], axis: Scale, target: float | None) -> Bar:
    pieces, total = [], 0.0
    for one, tone in zip(series, TONES, strict=False):
        value = one.values[row] or 0.0
        x = axis.place(total)
        total += value
        if value:
            pieces.append(Piece(x, round(axis.place(total) - x, 1), tone, f"{name}, {one.name}", value))
    known = any(one.values[row] is not None for one in series)
    aim = None if target is None else axis.place(target)
    figure = Figure(total) if known else Figure.unavailable()
    return Bar(name, figure, TOP + STEP * row, tuple(pieces), max(axis.place(total), aim or 0.0) + LABEL, aim)


def _ticks(axis: Scale) -> tuple[tuple[float, float], ...]:
    return tuple((axis.place(tick), tick) for tick in axis.ticks)
