"""Quarters released one by one, then pooled: the pooled cell less the published quarter is the withheld one."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pytest

from disclosure.core.ledger.archive import pack, unpack
from disclosure.core.ledger.entry import Entry, enter
from disclosure.core.ledger.lines import Scope
from disclosure.core.ledger.protection import audit_history, protect_with_history
from disclosure.core.protected_table import protect_table
from disclosure.core.tabulation.cells import tabulate
from tests.unit.disclosure.core.ledger.releases import DESIGN, PARAMETERS, world

QUARTERS = (20161, 20162)
SCOPE = Scope("wage_records", ("44",), QUARTERS)


@pytest.fixture(scope="module")
def loads() -> pa.Table:
    return pa.concat_tables([world(seed, 250, 4, 5, quarter) for seed, quarter in enumerate(QUARTERS)])


@pytest.fixture(scope="module")
def quarterly(loads: pa.Table) -> Entry:
    cells = tabulate(loads, DESIGN)
    entry = enter(cells, loads, SCOPE, "WR-2026-000001")
    return entry.with_statuses(protect_table(cells, PARAMETERS, intervals=False).pattern.by_key)


def test_pooled_table_alone_gives_quarters_away(loads: pa.Table, quarterly: Entry) -> None:
    cells = tabulate(loads, replace(DESIGN, time="year"))
    pooled = enter(cells, loads, SCOPE, "WR-2026-000002")
    alone = pooled.with_statuses(protect_table(cells, PARAMETERS, intervals=False).pattern.by_key)
    assert audit_history([alone, quarterly], PARAMETERS).exact > 0


def test_pooled_table_with_the_ledger_gives_nothing_away(loads: pa.Table, quarterly: Entry) -> None:
    cells = tabulate(loads, replace(DESIGN, time="year"))
    pooled = enter(cells, loads, SCOPE, "WR-2026-000002")
    table = protect_with_history(cells, PARAMETERS, pooled, [quarterly])
    released = pooled.with_statuses(table.pattern.by_key)
    assert table.audit.clean
    assert audit_history([released, quarterly], PARAMETERS).clean
    assert audit_history([unpack(pack(released)), unpack(pack(quarterly))], PARAMETERS).clean
