"""Quarters from left to right, a line for each series; a gap where a value is withheld or not available."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from requests_app.charts.figure import Figure
from requests_app.charts.scale import Scale

WIDTH, HEIGHT = 960, 400
LEFT, RIGHT, TOP, BOTTOM = 90, 330, 20, 50
LABEL_HEIGHT, LETTER = 18, 9
MOST_SERIES = 6


@dataclass(frozen=True)
class Point:
    """One quarter of a series, or the place of its mark where it has no value."""

    x: float
    y: float
    figure: Figure
    label: str


@dataclass(frozen=True)
class Series:
    """One line: `paths` are its unbroken runs as SVG points, `label_y` where its name stands; `number` from 1."""

    name: str
    number: int
    points: tuple[Point, ...]
    paths: tuple[str, ...]
    label_y: float


@dataclass(frozen=True)
class LineChart:
    """A chart of lines: ticks of values (place, value), of quarters (place, words), and the series."""

    values: tuple[tuple[float, float], ...]
    quarters: tuple[tuple[float, str], ...]
    series: tuple[Series, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM


def line_chart(quarters: Sequence[str], figures: Sequence[tuple[str, Sequence[Figure]]]) -> LineChart:
    """Return the chart of named series, at most six, over quarters in words; each has a figure for every quarter."""
    drawn = figures[:MOST_SERIES]
    known = [one.value for _, found in drawn for one in found if one.value is not None]
    axis = Scale.of(known, HEIGHT - BOTTOM, TOP)
    step = (WIDTH - LEFT - RIGHT) / max(len(quarters) - 1, 1)
    places = [round(LEFT + step * number, 1) for number in range(len(quarters))]
    lines = [_points(places, quarters, found, axis) for _, found in drawn]
    ends = _spread([_last(points, axis) for points in lines])
    return LineChart(
        tuple((axis.place(tick), tick) for tick in axis.ticks),
        _ticks(places, quarters),
        tuple(Series(name, number, points, _paths(points), end)
              for number, ((name, _), points, end) in enumerate(zip(drawn, lines, ends, strict=True), start=1)),
    )  # fmt: skip


def _ticks(places: Sequence[float], quarters: Sequence[str]) -> tuple[tuple[float, str], ...]:
    """As many quarters as have room for their words, the first among them."""
    room = max((len(words) * LETTER for words in quarters), default=LETTER)
    step = max(1, -(-room * len(quarters) // (WIDTH - LEFT - RIGHT)))
    return tuple(zip(places, quarters, strict=True))[::step]


def _points(
    places: Sequence[float], quarters: Sequence[str], figures: Sequence[Figure], axis: Scale
) -> tuple[Point, ...]:
    """A mark stands at the foot of the chart."""
    return tuple(
        Point(x, axis.place(axis.ticks[0] if one.value is None else one.value), one, words)
        for x, words, one in zip(places, quarters, figures, strict=True)
    )


def _last(points: Sequence[Point], axis: Scale) -> float:
    known = [point.y for point in points if point.figure.value is not None]
    return known[-1] if known else axis.place(axis.ticks[0])


def _paths(points: Sequence[Point]) -> tuple[str, ...]:
    runs: list[list[str]] = [[]]
    for point in points:
        if point.figure.value is None:
            runs.append([])
        else:
            runs[-1].append(f"{point.x},{point.y}")
    return tuple(" ".join(run) for run in runs if len(run) > 1)


def _spread(ends: Sequence[float]) -> list[float]:
    """Labels move apart, downwards, and up again where the chart ends, so that none covers another."""
    order = sorted(range(len(ends)), key=lambda one: ends[one])
    placed = dict.fromkeys(order, 0.0)
    lowest = float("-inf")
    for one in order:
        placed[one] = lowest = max(ends[one], lowest + LABEL_HEIGHT)
    beyond = max(0.0, lowest - (HEIGHT - BOTTOM))
    return [round(placed[one] - beyond, 1) for one in range(len(ends))]
