"""Tables shown a window of rows at a time, so that a page of thousands of cells stays light.

Rows are taken out of their tables as lines, narrowed by whoever shows them, and put back in order a page at a time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from django.core.paginator import Page, Paginator

from disclosure.selectors.shown_tables import Group, ShownRow, ShownTable

WINDOW = 150


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


def lines_of(tables: Sequence[ShownTable]) -> list[Line]:
    """Every row of every table in order."""
    return [
        Line(place, table, group.words, row)
        for place, table in enumerate(tables)
        for group in table.groups
        for row in group.rows
    ]


def window(lines: Sequence[Line], number: object) -> tuple[Page[Line], list[ShownTable]]:
    """One page of rows, back in their tables and groups; the nearest page where there is none of this number."""
    page = Paginator(lines, WINDOW).get_page(number if isinstance(number, int | str) else 1)
    tables = []
    for _, of_table in groupby(page.object_list, key=lambda line: line.place):
        rows = list(of_table)
        groups = [
            Group(words, [line.row for line in found]) for words, found in groupby(rows, key=lambda line: line.group)
        ]
        tables.append(replace(rows[0].table, groups=groups))
    return page, tables
