"""Size classes of establishments in crossed tables, and industries of five digits."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from disclosure.core.ledger.entry import enter
from disclosure.core.ledger.lines import Scope
from disclosure.core.qcew.cells import sizes_of, with_sizes
from disclosure.core.system import build
from disclosure.core.tabulation import hierarchy
from disclosure.core.tabulation.cells import tabulate
from disclosure.core.tabulation.design import DesignError, TableDesign

BY_SIZE = TableDesign("establishments", ("size", "industry"), ("establishments", "month3", "wages"))
# size_titles.csv of BLS: 1 fewer than 5, 2: 5 to 9, 3: 10 to 19, 4: 20 to 49, ... 9: 1000 or more
MARCH = {0: "1", 4: "1", 5: "2", 9: "2", 10: "3", 19: "3", 20: "4", 49: "4", 50: "5", 100: "6", 250: "7", 500: "8",
         999: "8", 1000: "9"}  # fmt: skip


def establishments(march: list[int], owners: list[str], quarter: int = 20161) -> pa.Table:
    count = len(march)
    amounts = dict.fromkeys(("month1", "month2", "month3"), march) | {"wages": [10_000 * one for one in march]}
    return pa.table({
        "quarter": pa.array([quarter] * count, pa.int32()), "area": ["44003"] * count, "state": ["44"] * count,
        "industry": ["722511", "441110"] * (count // 2) + ["722511"] * (count % 2), "ownership": owners,
        "enterprise": [f"E{number}" for number in range(count)], "establishments": [1] * count, **amounts,
        "taxable_wages": march, "contributions": march,
    })  # fmt: skip


def test_size_class_is_that_of_march_employment() -> None:
    table = with_sizes(establishments(list(MARCH), ["5"] * len(MARCH)), BY_SIZE)
    assert table["size"].to_pylist() == list(MARCH.values())
    cells = tabulate(table, BY_SIZE)
    found = dict(zip(cells.keys, cells.values["establishments"].tolist(), strict=True))
    assert [found["20161", size, "TOTAL"] for size in "123456789"] == [2, 2, 2, 2, 1, 1, 1, 2, 1]
    assert found["20161", "TOTAL", "TOTAL"] == len(MARCH)


@pytest.mark.parametrize(("owner", "quarter"), [("3", 20161), ("5", 20162)])
def test_governments_and_other_quarters_have_no_class(owner: str, quarter: int) -> None:
    table = with_sizes(establishments([3, 30], [owner] * 2, quarter), BY_SIZE)
    assert table["size"].to_pylist() == ["0", "0"]


@pytest.mark.parametrize("seed", range(4))
def test_size_classes_add_up_to_the_total_and_stand_in_the_ledger(seed: int) -> None:
    draw = np.random.default_rng(seed)
    march = (draw.pareto(0.6, 80) * 4).astype(int).clip(0, 3000).tolist()
    table = with_sizes(establishments(march, draw.choice(["3", "5"], 80).tolist()), BY_SIZE)
    cells = tabulate(table, BY_SIZE)
    system = build(cells)
    assert system.relations.shape[0] > 4
    assert not any((system.relations @ column).any() for column in system.values.values())
    entry = enter(cells, table, Scope("establishments", ("44",), (20161,)), "WR-2026-000001")
    assert (entry.values["wages"] == system.values["wages"]).all()


@pytest.mark.parametrize(
    "design",
    [
        TableDesign("wage_records", ("size",), ("jobs",)),
        TableDesign("establishments", ("size",), ("openings",), time="all"),
        TableDesign("establishments", ("size",), ("month3",), time="year"),
    ],
)
def test_sizes_where_there_are_none_are_refused(design: TableDesign) -> None:
    with pytest.raises(DesignError):
        design.validate()


def test_dynamics_have_sizes_by_march_where_march_is_one_of_the_two_quarters() -> None:
    columns = {"quarter": [20161, 20161, 20162, 20162, 20163], "employment_before": [3, 40, 12, 0, 300],
               "employment_after": [60, 0, 80, 7, 300]}  # fmt: skip
    assert sizes_of(pa.table(columns)) == ["5", "0", "3", "0", "0"]


def test_dynamics_by_size_add_up_and_stand_in_the_ledger_beside_dynamics_without() -> None:
    draw = np.random.default_rng(7)
    before, after = (draw.integers(0, 60, 40) for _ in range(2))
    rows = establishments(after.tolist(), ["5"] * 40).drop_columns(["month1", "month2", "month3"])
    changes = {"employment_before": before, "employment_after": after, "expansions": np.maximum(after - before, 0)}
    for name, column in changes.items():
        rows = rows.append_column(name, pa.array(column))
    plain = TableDesign("establishments", ("industry",), ("employment_after", "expansions"))
    by_size = TableDesign("establishments", ("size", "industry"), ("employment_after", "expansions"))
    scope, entries = Scope("dynamics", ("44",), (20161,)), []
    for design in (plain, by_size):
        table = with_sizes(rows, design)
        entries.append(enter(tabulate(table, design), table, scope, "WR-2026-000001"))
    assert entries[0].lines.codes == entries[1].lines.codes
    whole = [dict(zip(one.keys, one.values["employment_after"].tolist(), strict=True)) for one in entries]
    assert whole[0]["20161", "TOTAL"] == whole[1]["20161", "TOTAL", "TOTAL"] == after.sum()


def test_five_digits_stand_below_four() -> None:
    tree = hierarchy.industry(["722511", "722513", "722410"], 5)
    above = {code: tree.codes[up] if up >= 0 else "" for code, up in zip(tree.codes, tree.parent, strict=True)}
    assert above == {"72": "", "722": "72", "7224": "722", "72241": "7224", "7225": "722", "72251": "7225"}
    assert hierarchy.industry_levels(6) == (2, 3, 4, 6)
    assert hierarchy.industry_levels(5) == (2, 3, 4, 5)
