"""Bar charts as SVG made on the server, each with its table: no script, no colour that alone tells anything.

Lengths are in the units of the drawing's viewBox, so a chart grows with its place on the page.
"""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 720
LABELS = 270  # for the names on the left
FIGURES = 70  # for the figure behind each bar
ROW = 34
BAR = 20
NOT_AVAILABLE = "\N{EN DASH}"
TONES = ("a", "b", "c", "d")


@dataclass(frozen=True)
class Series:
    """One series of a chart: its name in the legend, its values by row; None is not available."""

    name: str
    values: Sequence[float | None]


@dataclass(frozen=True)
class Piece:
    """One drawn piece of a bar."""

    x: float
    width: float
    tone: str
    words: str


@dataclass(frozen=True)
class Row:
    """One row: a name, its pieces, the figure behind them, a mark at the target where there is one."""

    name: str
    y: int
    pieces: list[Piece]
    figure: str
    figure_x: float
    target_x: float | None

    @property
    def text_y(self) -> int:
        """Where the letters stand."""
        return self.y + 15


@dataclass(frozen=True)
class Chart:
    """What the template draws; `finding` is the title and says what is to be seen, `cells` are the table's rows."""

    id: str
    finding: str
    unit: str
    series: list[tuple[str, str]]
    rows: list[Row]
    cells: list[list[object]]
    columns: list[str]
    has_targets: bool

    @property
    def height(self) -> int:
        """Of the drawing."""
        return ROW * len(self.rows) + 8

    @property
    def width(self) -> int:
        """Of the drawing."""
        return WIDTH

    @property
    def bar(self) -> int:
        """Of one bar."""
        return BAR


def stacked(
    id_: str,
    finding: str,
    unit: str,
    names: Sequence[str],
    series: Sequence[Series],
    targets: Sequence[float | None] = (),
) -> Chart:
    """A bar for each name, made of the series' values; `targets` draws a mark across each bar."""
    totals = [sum(one.values[row] or 0 for one in series) for row in range(len(names))]
    longest = max([*totals, *(target or 0 for target in targets), 1])
    scale = (WIDTH - LABELS - FIGURES) / longest
    rows = [_row(n, name, series, totals[n], scale, targets[n] if targets else None) for n, name in enumerate(names)]
    head = ["", *(one.name for one in series), *(["Target"] if targets else [])]
    cells: list[list[object]] = [
        [name, *(_said(one.values[n]) for one in series), *([_said(targets[n])] if targets else [])]
        for n, name in enumerate(names)
    ]
    tones = [(one.name, tone) for one, tone in zip(series, TONES, strict=False)]
    return Chart(id_, finding, unit, tones, rows, cells, head, bool(targets))


def _row(n: int, name: str, series: Sequence[Series], total: float, scale: float, target: float | None) -> Row:
    pieces, x = [], float(LABELS)
    for one, tone in zip(series, TONES, strict=False):
        value = one.values[n] or 0
        if value:
            pieces.append(Piece(round(x, 1), round(value * scale, 1), tone, f"{name}, {one.name}: {_said(value)}"))
        x += value * scale
    missing = all(one.values[n] is None for one in series)
    at = LABELS + target * scale if target else None
    behind = max(x, at or 0) + 8
    return Row(name, n * ROW + 6, pieces, NOT_AVAILABLE if missing else _said(total), round(behind, 1), at)


def _said(value: float | None) -> str:
    if value is None:
        return NOT_AVAILABLE
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"
