"""The analyst's table: rows narrowed by state and reason, shown a window at a time, and one cell looked at closely."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from django.core.paginator import Page, Paginator

from disclosure.selectors.cell_states import CellState, Key
from disclosure.selectors.shown_tables import Group, ShownRow, ShownTable

WINDOW = 150
PUBLISHED, WITHHELD = "published", "withheld"


@dataclass(frozen=True)
class Line:
    """A row with the table and the group it stands in."""

    place: int
    table: ShownTable
    group: str
    row: ShownRow

    @property
    def words(self) -> str:
        """The cell in full: "2016 Q1 · Kent County, Delaware · Retail trade"."""
        return " · ".join(filter(None, (self.group, self.row.words)))


@dataclass(frozen=True)
class CellPanel:
    """One cell: why it is withheld, what it protects and what protects it, and where the next published sum is."""

    line: Line
    state: CellState | None
    protects: list[Line]
    protected_by: list[Line]
    published_above: list[Line]
    intervals: list[str]


def lines_of(tables: Sequence[ShownTable]) -> list[Line]:
    """Every row of every table in order."""
    return [
        Line(place, table, group.words, row)
        for place, table in enumerate(tables)
        for group in table.groups
        for row in group.rows
    ]


def narrowed(lines: Iterable[Line], state: str, rule: str) -> list[Line]:
    """Those in a state (published, withheld, or one of the two reasons to withhold) and found by a rule."""
    return [line for line in lines if _is_in(line.row, state) and _is_found_by(line.row, rule)]


def _is_in(row: ShownRow, state: str) -> bool:
    if state in {PUBLISHED, WITHHELD}:
        return row.withheld == (state == WITHHELD)
    return not state or (row.state is not None and row.state.status == state)


def _is_found_by(row: ShownRow, rule: str) -> bool:
    return not rule or (row.state is not None and rule in row.state.rules)


def window(lines: Sequence[Line], number: object) -> tuple[Page[Line], list[ShownTable]]:
    """One page of rows, back in their tables and groups."""
    page = Paginator(lines, WINDOW).get_page(number if isinstance(number, int | str) else 1)
    tables = []
    for _, of_table in groupby(page.object_list, key=lambda line: line.place):
        rows = list(of_table)
        groups = [
            Group(words, [line.row for line in found]) for words, found in groupby(rows, key=lambda line: line.group)
        ]
        tables.append(replace(rows[0].table, groups=groups))
    return page, tables


def panel(lines: Sequence[Line], number: int | None, intervals: Mapping[Key, list[str]]) -> CellPanel | None:
    """The cell of this number looked at closely; None where there is no such cell."""
    chosen = next((line for line in lines if line.row.number == number), None)
    if chosen is None:
        return None
    by_key = {line.row.key: line for line in lines}
    state, key = chosen.row.state, chosen.row.key
    shields = [line for line in lines if line.row.state is not None and key in line.row.state.protects]
    return CellPanel(
        line=chosen,
        state=state,
        protects=_named(state.protects if state else (), by_key),
        protected_by=shields,
        published_above=_named(state.published_above if state else (), by_key),
        intervals=list(intervals.get(key, ())),
    )


def _named(keys: Iterable[Key], by_key: Mapping[Key, Line]) -> list[Line]:
    return [by_key[key] for key in keys if key in by_key]
