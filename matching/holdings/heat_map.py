"""The heat map: state by quarter of one kind, each cell a letter, a tone and words, never colour alone."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.urls import reverse

from matching.models import Holding
from requests_app.fips import STATE_NAMES
from requests_app.templatetags.formats import day

YEARS_SHOWN = 5


@dataclass(frozen=True)
class Cell:
    """One state and quarter: `mark` is I, R1.., F, or nothing where nothing is held; `words` say the same in full."""

    mark: str = ""
    tone: str = ""
    words: str = ""
    url: str = ""
    unreleased: bool = False
    flagged: bool = False


@dataclass(frozen=True)
class Row:
    """A state and its cells, one for every quarter of the map."""

    fips: str
    name: str
    cells: list[Cell]


@dataclass(frozen=True)
class HeatMap:
    """`years` are the headings above `quarters`; states that hold nothing in these years stand in `without`."""

    years: list[int]
    quarters: list[int]
    rows: list[Row]
    held: int
    without: list[str] = field(default_factory=list)


def mark_of(holding: Holding) -> str:
    """I for initial, R and a number for a revision, F for final."""
    return f"{holding.edition[0]}{holding.edition.partition(' ')[2]}"


def heat_map(
    holdings: Iterable[Holding], years: Collection[int], partners: Collection[str], *, today: date,
    flagged: Collection[int] = (), linked: bool = False,
) -> HeatMap:  # fmt: skip
    """The map of visible holdings in `years`; every state with a holding stands in it, and every partner's.

    `flagged`: loads whose findings nobody has looked at; `linked`: cells lead to the history of state and quarter.
    """
    cells = {
        (one.state, one.quarter): _cell(one, today, linked=linked, flagged=one.load_id in flagged)
        for one in holdings
        if one.quarter // 10 in years
    }
    shown = sorted(years)
    quarters = [year * 10 + number for year in shown for number in (1, 2, 3, 4)]
    holding_states = {state for state, _ in cells}
    rows = [Row(fips, _name(fips), list(_cells(fips, quarters, cells))) for fips in _by_name(holding_states)]
    without = [_name(fips) for fips in _by_name(set(partners) - holding_states)]
    return HeatMap(shown, quarters, rows, len(cells), without)


def _by_name(states: Collection[str]) -> list[str]:
    return sorted(states, key=_name)


def _name(fips: str) -> str:
    return STATE_NAMES.get(fips, fips)


def _cells(fips: str, quarters: Iterable[int], cells: Mapping[tuple[str, int], Cell]) -> Iterator[Cell]:
    nothing = Cell()
    return (cells.get((fips, quarter), nothing) for quarter in quarters)


def _cell(holding: Holding, today: date, *, linked: bool, flagged: bool) -> Cell:
    unreleased = bool(holding.release_date and holding.release_date > today)
    words = holding.edition.lower()
    words += f", official release {day(holding.release_date)}" if unreleased else ""
    words += ", findings nobody has looked at" if flagged else ""
    url = reverse("holding", args=[holding.state, holding.quarter]) if linked else ""
    return Cell(mark_of(holding), holding.edition[0].lower(), words, url, unreleased, flagged)
