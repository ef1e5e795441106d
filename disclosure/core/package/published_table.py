"""A protected table as the outside may see it: codes, published values and one marker for what is withheld."""

from __future__ import annotations

from dataclasses import dataclass

from disclosure.core.measures import CATALOGUE
from disclosure.core.protected_table import ProtectedTable

WITHHELD = "N"

Value = int | float | None  # float: a value with decimals
Row = tuple[tuple[str, ...], tuple[Value, ...], str]


@dataclass(frozen=True)
class PublishedTable:
    """Rows in display order: codes (quarter first), a value per measure, and the disclosure code.

    Three things stay apart: 0 is zero; None with code N is withheld; None without a code is not defined, such as a
    mean over no jobs.
    """

    name: str
    title: str
    dimensions: tuple[str, ...]
    measures: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def header(self) -> tuple[str, ...]:
        """Return the column names."""
        return (*self.dimensions, *self.measures, "disclosure_code")

    @property
    def withheld(self) -> int:
        """Return how many cells are withheld."""
        return sum(code == WITHHELD for _, _, code in self.rows)

    def records(self) -> list[dict[str, str | Value]]:
        """Return the rows as mappings, for display."""
        return [dict(zip(self.header, (*codes, *values, code), strict=True)) for codes, values, code in self.rows]


def publish(name: str, title: str, table: ProtectedTable) -> PublishedTable:
    """Return what of a protected table may be seen."""
    measures = table.cells.design.measures
    columns = []
    for measure in measures:
        values, defined = table.cells.measure(measure)
        step = 10 ** CATALOGUE[measure].decimals
        columns.append([None if not known else value if step == 1 else value / step
                        for value, known in zip(values.tolist(), defined.tolist(), strict=True)])  # fmt: skip
    statuses = table.pattern.by_key
    rows = []
    for number, key in enumerate(table.cells.keys):
        withheld = statuses[key] != "F"
        shown = tuple(None if withheld else column[number] for column in columns)
        rows.append((key, shown, WITHHELD if withheld else ""))
    return PublishedTable(name, title, ("quarter", *table.cells.design.dimensions), measures, tuple(rows))
