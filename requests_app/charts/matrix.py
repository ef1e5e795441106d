"""Moves from rows to columns: a square for each pair, darker where more move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from requests_app.charts.figure import Figure
from requests_app.charts.scale import shade, shades

CELL_WIDTH, CELL_HEIGHT, LEFT, TOP = 92, 44, 190, 70
MOST = 12


@dataclass(frozen=True)
class Square:
    """One pair; `figure` None where nobody could move so; `shade` from 1 on, 0 without a value."""

    x: int
    y: int
    figure: Figure | None
    shade: int
    origin: str
    target: str


@dataclass(frozen=True)
class FlowMatrix:
    """Names of the rows (y, words) and the columns (x, words), the squares, and how many names are left out."""

    rows: tuple[tuple[int, str], ...]
    columns: tuple[tuple[int, str], ...]
    squares: tuple[Square, ...]
    left_out: int
    width: int
    height: int
    cell_width: int = CELL_WIDTH
    cell_height: int = CELL_HEIGHT
    name_x: int = LEFT - 12
    head_y: int = TOP - 14


def flow_matrix(
    figures: Mapping[tuple[str, str], Figure], origins: Sequence[tuple[str, str]], targets: Sequence[tuple[str, str]]
) -> FlowMatrix:
    """Return the matrix of (origin, target) codes; `origins` and `targets` are (code, words), at most 12 are drawn.

    Shades follow the moves between different places; those within one would outshine them.
    """
    rows, columns = origins[:MOST], targets[:MOST]
    moved = [one.value for (origin, target), one in figures.items() if origin != target and one.value is not None]
    ends = shades(moved or [one.value for one in figures.values() if one.value is not None])
    squares = []
    for down, (origin, origin_words) in enumerate(rows):
        for across, (target, target_words) in enumerate(columns):
            one = figures.get((origin, target))
            dark = 0 if one is None or one.value is None else shade(one.value, ends)
            x, y = LEFT + across * CELL_WIDTH, TOP + down * CELL_HEIGHT
            squares.append(Square(x, y, one, dark, origin_words, target_words))
    return FlowMatrix(
        tuple((TOP + down * CELL_HEIGHT + CELL_HEIGHT // 2 + 5, words) for down, (_, words) in enumerate(rows)),
        tuple((LEFT + across * CELL_WIDTH + CELL_WIDTH // 2, words) for across, (_, words) in enumerate(columns)),
        tuple(squares),
        max(len(origins), len(targets)) - max(len(rows), len(columns)),
        LEFT + len(columns) * CELL_WIDTH + 10,
        TOP + len(rows) * CELL_HEIGHT + 10,
    )
