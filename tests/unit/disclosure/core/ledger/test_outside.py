"""Cells that others show: a table is protected beside published QCEW, and what QCEW gives away is no fault of ours."""

from __future__ import annotations

import pyarrow as pa
import pytest

from disclosure.core.ledger.entry import Entry
from disclosure.core.ledger.outside import outside_entry, published_cells
from disclosure.core.ledger.protection import audit_history, protect_with_history
from disclosure.core.protected_table import protect_table
from tests.unit.disclosure.core.ledger.releases import PARAMETERS, entered
from tests.unit.disclosure.core.wages import employers

SMALL, NEXT, OTHER, LAST = "44001", "44003", "44005", "44007"
Published = dict[tuple[str, str, str], dict[str, int] | None]


@pytest.fixture
def load() -> pa.Table:
    """One employer of retail in a county, and many in the others; construction everywhere."""
    rows = [(SMALL, "441110", "ONE", 9, 9_000)]
    rows += [(county, "441110", f"R{county}{n}", 9, 4_000 + 7 * n) for county in (NEXT, OTHER, LAST) for n in range(6)]
    rows += [
        (county, "236115", f"C{county}{n}", 9, 5_000 + 9 * n) for county in (SMALL, NEXT, OTHER, LAST) for n in range(8)
    ]
    return employers(rows)


def published(load: pa.Table, *withheld: tuple[str, str]) -> Published:
    """QCEW's private cells by county and sector, as the load has them but for those withheld."""
    sums: dict[tuple[str, str, str], int] = {}
    for row in load.to_pylist():
        sector = {"44": "44-45", "23": "23"}[row["industry"][:2]]
        for place in (row["area"], "44000"):
            for industry in (sector, "10"):
                sums[place, "5", industry] = sums.get((place, "5", industry), 0) + row["wages"]
    return {key: None if (key[0], key[2]) in withheld else {"wages": value} for key, value in sums.items()}


def outside(entry: Entry, cells: Published) -> Entry:
    found = outside_entry("QCEW 2016 Q1", entry, published_cells(entry, 20161, cells))
    assert found is not None
    return found


def test_table_is_protected_beside_what_qcew_shows(load: pa.Table) -> None:
    """QCEW hides the small county behind one county; a table that hides it behind another tells both."""
    cells, entry = entered("WR-2026-000001", load)
    fresh = protect_table(cells, PARAMETERS)
    behind = {key[1] for key, status in fresh.pattern.by_key.items() if status == "S" and key[2] == "44-45"}
    another = min({NEXT, OTHER, LAST} - behind)
    hidden = [(county, sector) for county in (SMALL, another) for sector in ("44-45", "23")]
    qcew = outside(entry, published(load, *hidden))
    assert not audit_history([entry.with_statuses(fresh.pattern.by_key), qcew], PARAMETERS).clean
    table = protect_with_history(cells, PARAMETERS, entry, [qcew])
    assert table.audit.clean
    status = table.pattern.by_key
    assert status["20161", SMALL, "44-45"] == "P"
    assert status["20161", another, "44-45"] == "S"
    assert all(status["20161", county, "44-45"] == "F" for county in behind - {another})


def test_cell_that_qcew_gives_away_is_lost_and_stays_withheld(load: pa.Table) -> None:
    """QCEW withholds the small county alone: anybody subtracts. No table of ours can mend that, nor says it again."""
    cells, entry = entered("WR-2026-000001", load)
    table = protect_with_history(cells, PARAMETERS, entry, [outside(entry, published(load, (SMALL, "44-45")))])
    assert table.pattern.by_key["20161", SMALL, "44-45"] == "P"
    assert table.history is not None
    assert table.history.lost_before > 0


def test_sum_of_two_employers_that_qcew_reveals_is_lost_and_refuses_no_table(load: pa.Table) -> None:
    """QCEW withholds two counties of one employer each: the state less the others is the sum of just these two."""
    two = employers([("44009", "441110", "TWO", 9, 8_000), *(("44009", "236115", f"D{n}", 9, 5_000) for n in range(8))])
    load = pa.concat_tables([load, two])
    cells, entry = entered("WR-2026-000001", load)
    qcew = outside(entry, published(load, (SMALL, "44-45"), ("44009", "44-45")))
    table = protect_with_history(cells, PARAMETERS, entry, [qcew])
    status = table.pattern.by_key
    assert status["20161", SMALL, "44-45"] == status["20161", "44009", "44-45"] == "P"
    assert status["20161", NEXT, "44-45"] == "F"
    assert table.audit.clean
    assert table.history is not None
    assert table.history.lost_before > 0


def test_published_value_of_another_vintage_says_nothing_exact(load: pa.Table) -> None:
    _, entry = entered("WR-2026-000001", load)
    cells = published(load)
    cells[NEXT, "5", "44-45"] = {"wages": 1}
    kept = outside(entry, cells)
    assert ("20161", NEXT, "5", "44-45") not in kept.keys
    assert ("20161", OTHER, "5", "44-45") in kept.keys
