"""Maps without outlines: a square for each state where it lies about, or for each county in rows by state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from requests_app.charts.figure import Figure
from requests_app.charts.scale import shade, shades

TILE, GAP, PAD = 62, 4, 10
COUNTY_WIDTH, COUNTY_HEIGHT, COUNTIES_A_ROW = 150, 56, 5
HEAD = 30

# Where each state's square stands: row and column of a grid of 8 by 12 that keeps neighbours about together.
ROWS_OF_STATES = (
    "02 .. .. .. .. .. .. .. .. .. .. 23",
    ".. .. .. .. .. .. .. .. .. .. 50 33",
    "53 16 30 38 27 55 .. 26 .. 36 25 44",
    "41 32 56 46 19 17 18 39 42 34 09 ..",
    "06 49 08 31 29 21 54 51 24 10 11 ..",
    ".. 04 35 20 05 47 37 45 .. .. .. ..",
    ".. .. .. 40 22 28 01 13 .. .. .. ..",
    "15 .. .. 48 .. .. .. .. 12 .. 72 78",
)
PLACES = {
    code: (row, column)
    for row, codes in enumerate(ROWS_OF_STATES)
    for column, code in enumerate(codes.split())
    if code != ".."
}


@dataclass(frozen=True)
class Tile:
    """One square: `shade` from 1 (least) on, 0 where it has no value; `figure` None where it is not in the table."""

    code: str
    name: str
    x: int
    y: int
    figure: Figure | None
    shade: int


@dataclass(frozen=True)
class TileMap:
    """A map of squares, with the classes of its shades (number, from, to) and the headings of its parts."""

    tiles: tuple[Tile, ...]
    classes: tuple[tuple[int, float, float], ...]
    headings: tuple[tuple[int, str], ...]
    width: int
    height: int
    tile_width: int
    tile_height: int


def state_map(figures: Mapping[str, Figure], names: Mapping[str, str]) -> TileMap:
    """Return the map of all states by FIPS code with short names; those without a figure are drawn empty."""
    ends = shades(_known(figures.values()))
    step = TILE + GAP
    tiles = [
        Tile(code, names.get(code, code), PAD + column * step, PAD + row * step, figures.get(code),
             _shade(figures.get(code), ends))
        for code, (row, column) in sorted(PLACES.items())
    ]  # fmt: skip
    width, height = 2 * PAD + 12 * step, 2 * PAD + len(ROWS_OF_STATES) * step
    return TileMap(tuple(tiles), _classes(figures, ends), (), width, height, TILE, TILE)


def county_map(figures: Mapping[str, Figure], names: Mapping[str, str], states: Mapping[str, str]) -> TileMap:
    """Return the map of counties by five-digit code, in rows under the name of their state."""
    ends = shades(_known(figures.values()))
    tiles: list[Tile] = []
    headings: list[tuple[int, str]] = []
    y = PAD
    for state in sorted({code[:2] for code in figures}):
        headings.append((y + HEAD - 12, states.get(state, state)))
        y += HEAD
        ours = sorted((code for code in figures if code[:2] == state), key=lambda code: names.get(code, code))
        for number, code in enumerate(ours):
            row, column = divmod(number, COUNTIES_A_ROW)
            x = PAD + column * (COUNTY_WIDTH + GAP)
            place = y + row * (COUNTY_HEIGHT + GAP)
            tiles.append(Tile(code, names.get(code, code), x, place, figures[code], _shade(figures[code], ends)))
        y += (-(-len(ours) // COUNTIES_A_ROW)) * (COUNTY_HEIGHT + GAP) + PAD
    width = 2 * PAD + COUNTIES_A_ROW * (COUNTY_WIDTH + GAP)
    return TileMap(tuple(tiles), _classes(figures, ends), tuple(headings), width, y, COUNTY_WIDTH, COUNTY_HEIGHT)


def _known(figures: Iterable[Figure]) -> list[float]:
    return [one.value for one in figures if one.value is not None]


def _shade(figure: Figure | None, ends: Sequence[float]) -> int:
    return 0 if figure is None or figure.value is None else shade(figure.value, ends)


def _classes(figures: Mapping[str, Figure], ends: Sequence[float]) -> tuple[tuple[int, float, float], ...]:
    starts = [min(_known(figures.values()), default=0.0), *ends[:-1]]
    return tuple((number, start, end) for number, (start, end) in enumerate(zip(starts, ends, strict=False), start=1))
