"""A protected table as the outside may see it: codes, published values and one marker for what is withheld."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from disclosure.core.measures import CATALOGUE
from disclosure.core.protected_table import ProtectedTable
from disclosure.core.qcew.cells import QcewCells
from disclosure.core.tabulation.cells import Cells, Key
from disclosure.core.tabulation.prices import Prices, in_words

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

    def as_shown(self) -> dict[str, Any]:
        """Return the table as pages and the disclosure record keep it."""
        rows = [[list(map(str, codes)), list(values), code] for codes, values, code in self.rows]
        return {"name": self.name, "title": self.title, "dimensions": list(self.dimensions),
                "measures": list(self.measures), "rows": rows}  # fmt: skip

    def records(self) -> list[dict[str, str | Value]]:
        """Return the rows as mappings, for display."""
        return [dict(zip(self.header, (*codes, *values, code), strict=True)) for codes, values, code in self.rows]


def publish(name: str, title: str, table: ProtectedTable) -> PublishedTable:
    """Return what of a protected table may be seen."""
    statuses = table.pattern.by_key
    rows = rows_of(table.cells, {key for key in table.cells.keys if statuses[key] != "F"})
    prices = table.cells.design.prices
    title += f", in dollars of {in_words(Prices.of(prices).base)}" if prices else ""
    return PublishedTable(name, title, ("quarter", *table.cells.design.dimensions), table.cells.design.measures, rows)


def rows_of(cells: Cells | QcewCells, withheld: Collection[Key]) -> tuple[Row, ...]:
    """Return the rows of a table's cells, those `withheld` without values."""
    keys = cells.keys
    hidden = np.array([key in withheld for key in keys], dtype=np.bool_)
    columns = []
    for measure in cells.design.measures:
        values, defined = cells.measure(measure)
        for other in cells.beside(measure):  # what is compared with a withheld cell would tell it
            defined = defined & ~hidden[other]
        step = 10 ** CATALOGUE[measure].decimals
        columns.append([None if not known else value if step == 1 else value / step
                        for value, known in zip(values.tolist(), defined.tolist(), strict=True)])  # fmt: skip
    rows = []
    for number, (key, is_hidden) in enumerate(zip(keys, hidden.tolist(), strict=True)):
        shown = tuple(None if is_hidden else column[number] for column in columns)
        rows.append((key, shown, WITHHELD if is_hidden else ""))
    return tuple(rows)
