"""The tables of a package laid out for people: words beside codes, rows in groups, totals told apart."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from disclosure.core.measures import CATALOGUE
from disclosure.core.package.titles import code_title, is_crossed
from disclosure.core.qcew.codes import industry_depth
from disclosure.core.tabulation.hierarchy import NONE, TOTAL
from disclosure.selectors.cell_states import CellState
from requests_app.models import Package, Person
from requests_app.selectors.life.titles import title
from requests_app.services.event_log import openings
from requests_app.wording import DIMENSIONS

WITHHELD = "N"

Key = tuple[str, ...]


@dataclass(frozen=True)
class ShownRow:
    """One cell of a table. `number` counts the cells of all tables in order: by it a form names the cell.

    `code` stands beside the words where they are not the code itself; `depth` 0 is the dimension's top.
    """

    number: int
    key: Key
    words: str
    code: str
    depth: int
    is_total: bool
    values: list[Any]
    withheld: bool
    state: CellState | None = None
    is_own: bool = False
    change: str = ""

    @property
    def mark(self) -> str:
        """The number as a form sends it."""
        return str(self.number)


@dataclass(frozen=True)
class Group:
    """The rows that differ in the last dimension only; `words` say what they share."""

    words: str
    rows: list[ShownRow]


@dataclass(frozen=True)
class ShownTable:
    """A table for a page: what its rows are, the columns of figures, and the rows in groups."""

    title: str
    row_heading: str
    columns: list[dict[str, str]]
    groups: list[Group]

    @property
    def width(self) -> int:
        """Columns of the table as released: the rows' names and the figures."""
        return len(self.columns) + 1

    @property
    def rows(self) -> Iterator[ShownRow]:
        """Every row in order."""
        return (row for group in self.groups for row in group.rows)


def opened_tables(package: Package, person: Person, purpose: str) -> list[dict[str, Any]]:
    """The tables as they are kept, opened by grant for `person`."""
    assert package.tables is not None  # noqa: S101  an aggregated package has them
    tables: list[dict[str, Any]] = json.loads(
        b"".join(openings.open_file(package.tables, person=person, purpose=purpose))
    )
    return tables


def laid_out(tables: list[dict[str, Any]], states: Mapping[Key, CellState]) -> list[ShownTable]:
    """All tables of a package, their rows numbered through; for analysts with each cell's state."""
    shown: list[ShownTable] = []
    for table in tables:
        shown.append(lay_out(table, states, first=sum(1 for one in shown for _ in one.rows)))
    return shown


def lay_out(table: dict[str, Any], states: Mapping[Key, CellState], first: int = 0) -> ShownTable:
    """One table of a package as it is kept, with rows numbered from `first`."""
    dimensions, axis = table["dimensions"], _row_axis(table["dimensions"])
    levels = sorted({depth(dimensions[axis], codes[axis]) for codes, _, _ in table["rows"] if codes[axis] != NONE})
    rows = [
        _row(number, (dimensions[axis], line[0][axis]), line, states, levels)
        for number, line in enumerate(table["rows"], start=first)
    ]
    shared_by = dimensions[:axis] + dimensions[axis + 1 :]
    crossed = is_crossed([codes for codes, _, _ in table["rows"]])
    found: dict[Key, list[ShownRow]] = {}
    for row in rows:
        found.setdefault(row.key[:axis] + row.key[axis + 1 :], []).append(row)
    groups = [Group(_shared_words(shared_by, shared, crossed=crossed), members) for shared, members in found.items()]
    columns = [
        {"label": CATALOGUE[name].title, "format": "count", "unit": CATALOGUE[name].unit} for name in table["measures"]
    ]
    return ShownTable(table["title"], DIMENSIONS.get(dimensions[axis], "Quarter"), columns, groups)


def _shared_words(dimensions: list[str], codes: Key, *, crossed: bool) -> str:
    return " · ".join(code_title(title, *one, crossed=crossed) for one in zip(dimensions, codes, strict=True))


def _row_axis(dimensions: list[str]) -> int:
    """Which dimension makes the rows: the last one, but never the size class."""
    return len(dimensions) - (2 if dimensions[-1] == "size" else 1)


def _row(
    number: int, of: tuple[str, str], line: list[Any], states: Mapping[Key, CellState], levels: list[int]
) -> ShownRow:
    """One row of the dimension and code it is `of`; `levels` are the depths that the table has."""
    key, values, marker = tuple(line[0]), line[1], line[2]
    dimension, code = of
    deepest = max(len(levels) - 1, 0)
    words, level = title(dimension, code), deepest if code == NONE else levels.index(depth(dimension, code))
    withheld = marker == WITHHELD
    return ShownRow(
        number=number,
        key=key,
        words=words,
        code="" if code in {words, TOTAL, NONE} or dimension == "quarter" else code,
        depth=level,
        is_total=level < deepest,
        values=[WITHHELD] * len(values) if withheld else values,
        withheld=withheld,
        state=states.get(key),
    )


def depth(dimension: str, code: str) -> int:
    """How far below the total a code stands: areas by state and what states are made of, industries by domain,
    supersector, sector, and digits of NAICS."""
    if code == TOTAL:
        return 0
    if dimension == "area":
        return 1 if code.isdigit() and code.endswith("000") else 2
    if dimension in {"industry", "origin_industry"}:
        return industry_depth(code)
    return 1
