"""Releases of one quarter for the tests of the ledger: by county, by custom region, from a corrected load."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from disclosure.core.ledger.entry import Entry, enter
from disclosure.core.ledger.lines import Scope
from disclosure.core.ledger.protection import protect_with_history
from disclosure.core.protected_table import ProtectedTable
from disclosure.core.rules.sensitivity import Parameters
from disclosure.core.tabulation.cells import Cells, tabulate
from disclosure.core.tabulation.design import TableDesign
from tests.unit.disclosure.core.wages import employers

PARAMETERS = Parameters()
DESIGN = TableDesign("wage_records", ("area", "industry"), ("wages",), industry_level=2)
INDUSTRIES = ("441110", "445110", "722511", "311811", "541110", "236115", "238210", "621111")
Regions = Mapping[str, str]


def world(seed: int, size: int, counties: int, industries: int, quarter: int = 20161) -> pa.Table:
    """Employers of one state with skewed wages; some stand at several places."""
    draw = np.random.default_rng(seed)
    jobs, pay = draw.integers(1, 40, size), (draw.lognormal(3, 1.5, size) * 10).astype(int)
    places = [(county(int(draw.integers(counties))), INDUSTRIES[draw.integers(industries)]) for _ in range(size)]
    names = [f"E{draw.integers(size)}" for _ in range(size)]
    rows = [
        (*place, name, int(count), int(count * each))
        for place, name, count, each in zip(places, names, jobs, pay, strict=True)
    ]
    return employers(rows, quarter)


def county(number: int) -> str:
    """The number-th county of the state."""
    return f"44{2 * number + 1:03}"


def regions(counties: int, count: int) -> dict[str, str]:
    """Each county's custom region, which is written like a county."""
    return {county(number): f"44{901 + number % count}" for number in range(counties)}


def regrouped(table: pa.Table, of: Regions) -> pa.Table:
    """The same contributions by region."""
    place = table.column_names.index("area")
    return table.set_column(place, "area", pa.array([of[code] for code in table["area"].to_pylist()]))


def corrected(table: pa.Table, seed: int, changed: int, gone: int = 0) -> pa.Table:
    """A corrected load: some employers' wages differ, and the last `gone` have left it."""
    draw = np.random.default_rng(seed)
    wages = table["wages"].to_numpy().copy()
    which = draw.choice(len(wages), changed, replace=False)
    wages[which] = (wages[which] * draw.uniform(0.7, 1.4, changed)).astype(int) + 1
    place = table.column_names.index("wages")
    return table.set_column(place, "wages", pa.array(wages, pa.int64())).slice(0, table.num_rows - gone)


def entered(name: str, contributions: pa.Table, of: Regions | None = None) -> tuple[Cells, Entry]:
    """A table by county or, with `of`, by region, ready for the ledger."""
    grouped = contributions if of is None else regrouped(contributions, of)
    cells = tabulate(grouped, DESIGN)
    scope = Scope("wage_records", ("44",), cells.quarters)
    return cells, enter(cells, grouped, scope, name, places=contributions)


def release(
    name: str,
    contributions: pa.Table,
    past: Sequence[Entry],
    of: Regions | None = None,
    parameters: Parameters = PARAMETERS,
) -> tuple[ProtectedTable, Entry]:
    """Protect a table with its history, and enter it as released."""
    cells, entry = entered(name, contributions, of)
    table = protect_with_history(cells, parameters, entry, past)
    return table, entry.with_statuses(table.pattern.by_key)
