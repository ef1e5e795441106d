"""Figures as QCEW publishes them, by cell and period: a withheld cell shows its establishments and nothing else.

Figures come from a protected table or from published rows. Whatever is compared over areas or years starts here, so a
comparison can only use what is published.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from disclosure.core.protected_table import ProtectedTable
from disclosure.core.qcew.cells import AMOUNTS, COUNTED, Key
from disclosure.core.tabulation.contributions import Ints
from matching.core.qcew.figures import MONTHS_OF_YEAR, annual_pay, annual_weekly_wage, half_up, weekly_wage
from matching.core.qcew.published import NO_ESTABLISHMENT, WITHHELD

PUBLISHED, NOBODY = "", "-"
QUARTERS = ("1", "2", "3", "4")
_MONTHS = 3
_ROW_CODES = ("area_fips", "own_code", "industry_code", "size_code")
_ROW_VALUES = ("establishments", "month1", "month2", "month3", "total_wages", "taxable_wages", "contributions",
               "avg_wkly_wage")  # fmt: skip


@dataclass(frozen=True)
class Figures:
    """Cells with values as published. A key is the period (20161, or 2016 for a year), area, ownership, industry, size
    class; `codes` say published, withheld (N) or nobody there (-); `values` (n, values of the layout) begin with the
    establishments and are zero where withheld."""

    keys: tuple[Key, ...]
    codes: tuple[str, ...]
    values: Ints

    @cached_property
    def place(self) -> Mapping[Key, int]:
        """Return the row of each key."""
        return {key: row for row, key in enumerate(self.keys)}

    @cached_property
    def covered(self) -> frozenset[tuple[str, str]]:
        """Return the periods and areas that the figures speak of."""
        return frozenset((key[0], key[1]) for key in self.keys)


def of_table(table: ProtectedTable) -> Figures:
    """Return what may be published of a protected table in the layout of QCEW."""
    values, statuses = table.cells.values, table.pattern.by_key
    employment = values["month1"] + values["month2"] + values["month3"]
    columns = [values[COUNTED], *(values[name] for name in AMOUNTS), weekly_wage(values["wages"], employment)]
    withheld = np.array([statuses[key] != "F" for key in table.cells.keys], dtype=np.bool_)
    codes = np.where(values[COUNTED] == 0, NOBODY, np.where(withheld, WITHHELD, PUBLISHED))
    shown = np.column_stack(columns)
    shown[codes == WITHHELD, 1:] = 0
    return Figures(table.cells.keys, tuple(codes.tolist()), shown)


def of_rows(rows: pa.Table) -> Figures:
    """Return the figures of published quarterly rows (columns as of matching's `read_quarterly`)."""
    periods = pc.binary_join_element_wise(rows["year"].cast(pa.string()), rows["qtr"].cast(pa.string()), "")
    keys = zip(periods.to_pylist(), *(rows[name].to_pylist() for name in _ROW_CODES), strict=True)
    code = {WITHHELD: WITHHELD, NO_ESTABLISHMENT: NOBODY}
    values = np.column_stack([pc.fill_null(rows[name], 0).to_numpy() for name in _ROW_VALUES])
    return Figures(tuple(keys), tuple(code.get(one, PUBLISHED) for one in rows["status"].to_pylist()), values)


def together(parts: Iterable[Figures]) -> Figures:
    """Return all figures; of a cell and period given twice the first counts."""
    keys: dict[Key, tuple[str, Ints]] = {}
    for part in parts:
        for key, code, values in zip(part.keys, part.codes, part.values, strict=True):
            keys.setdefault(key, (code, values))
    values = np.array([values for _, values in keys.values()], dtype=np.int64)
    return Figures(tuple(keys), tuple(code for code, _ in keys.values()), values)


def annual(quarters: Figures) -> Figures:
    """Return the annual averages of every year with four quarters, of cells with anybody there.

    They are made of published quarters only: a year is withheld where one of its quarters is. Rounded half up, weekly
    wage and pay from the mean of twelve months before it is rounded.
    """
    cells = sorted({(key[0][:4], *key[1:]) for key in quarters.keys if key[4] == "0"})
    found = [[quarters.place.get((cell[0] + qtr, *cell[1:]), -1) for qtr in QUARTERS] for cell in cells]
    rows = np.array(found, dtype=np.int64).reshape(len(cells), len(QUARTERS))
    code = np.array([*quarters.codes, NOBODY])
    whole = (rows >= 0).all(axis=1) & (code[rows] != NOBODY).any(axis=1)
    rows = rows[whole]
    withheld = (code[rows] == WITHHELD).any(axis=1)
    values = _averages(quarters.values[rows])
    values[withheld, 1:] = 0
    keys = tuple(cell for cell, there in zip(cells, whole.tolist(), strict=True) if there)
    return Figures(keys, tuple(np.where(withheld, WITHHELD, PUBLISHED).tolist()), values)


def _averages(values: Ints) -> Ints:
    """Return the annual values (n, 7) of quarterly ones (n, quarters, 8)."""
    sums = values.sum(axis=1)
    months = sums[:, 1 : 1 + _MONTHS].sum(axis=1)
    wages, taxable, contributions = (sums[:, column] for column in range(1 + _MONTHS, 4 + _MONTHS))
    return np.column_stack(
        [
            _mean(sums[:, 0], len(QUARTERS)), _mean(months, MONTHS_OF_YEAR), wages, taxable, contributions,
            annual_weekly_wage(wages, months), annual_pay(wages, months),
        ]
    )  # fmt: skip


def _mean(total: Ints, count: int) -> Ints:
    return half_up(total, np.full_like(total, count))
