"""Dollars of one quarter for another, by an index that the user supplies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from disclosure.core.measures import CATALOGUE
from disclosure.core.package.published_table import publish
from disclosure.core.protected_table import protect_table
from disclosure.core.rules.parameters import Parameters
from disclosure.core.tabulation.cells import Observed, tabulate
from disclosure.core.tabulation.design import OF_SEVERAL_QUARTERS, DesignError, TableDesign
from disclosure.core.tabulation.prices import Prices
from tests.unit.disclosure.core.wages import employers, random_employers

INDEX = ("20211=120", "20201=100", "20191=96")
DESIGN = TableDesign(
    "wage_records", ("industry",), ("jobs", "wages", "mean_wages", "wages_change", "wages_change_percent"), prices=INDEX
)


def three_years() -> pa.Table:
    paid = {20191: 9_600, 20201: 10_005, 20211: 12_000}
    return pa.concat_tables(
        [employers([("44003", "722511", "A", 10, wages)], quarter) for quarter, wages in paid.items()]
    )


def test_dollars_are_those_of_the_first_quarter_named() -> None:
    cells = tabulate(three_years(), DESIGN)
    found = {name: cells.measure(name)[0].tolist() for name in DESIGN.measures}
    assert found["jobs"] == [10, 10, 10]
    assert found["wages"] == [12_000, 12_006, 12_000]  # 9,600 x 120 / 96; 10,005 x 120 / 100
    assert found["mean_wages"] == [1200, 1201, 1200]  # 960 x 1.25; 1,000.5 rounds to 1,001, x 1.2 is 1,201.2


def test_change_over_the_year_is_that_of_constant_dollars() -> None:
    cells = tabulate(three_years(), DESIGN)
    change, percent = cells.measure("wages_change"), cells.measure("wages_change_percent")
    assert (change[0].tolist(), change[1].tolist()) == ([0, 6, -6], [False, True, True])
    assert percent[0].tolist() == [0, 0, 0]
    nominal = tabulate(three_years(), replace(DESIGN, prices=()))
    assert nominal.measure("wages_change_percent")[0].tolist() == [0, 42, 199]


def test_quarter_without_an_index_has_no_constant_dollars() -> None:
    cells = tabulate(three_years(), replace(DESIGN, prices=INDEX[:2]))
    assert cells.measure("wages")[1].tolist() == [False, True, True]
    assert cells.measure("jobs")[1].all()


def test_percentiles_are_in_constant_dollars_too() -> None:
    design = TableDesign("wage_records", ("industry",), ("median_wages",), prices=("20211=120", "20201=100"))
    values = Observed(np.zeros(3, dtype=np.int64), {"wages": np.array([100, 205, 300])})
    cells = tabulate(employers([("44003", "722511", "A", 3, 605)], 20201), design, values)
    assert cells.measure("median_wages")[0].tolist() == [246]


def test_what_is_withheld_and_protected_does_not_depend_on_prices() -> None:
    table = random_employers(3, 120)
    design = replace(DESIGN, measures=("jobs", "wages"), prices=("20211=3.5", "20161=2"))
    real, nominal = (protect_table(tabulate(table, one), Parameters()) for one in (design, replace(design, prices=())))
    assert real.pattern.by_key == nominal.pattern.by_key
    shown = [publish("table", "Wages", one) for one in (real, nominal)]
    assert (shown[0].title, shown[1].title) == ("Wages, in dollars of 2021 Q1", "Wages")
    for one, other in zip(shown[0].rows, shown[1].rows, strict=True):
        dollars, plain = one[1][1], other[1][1]
        assert (dollars is None) == (plain is None)
        assert plain is None or dollars == (plain * 7 + 2) // 4  # half up of plain x 1.75


def test_large_sums_are_exact() -> None:
    prices = Prices.of(("20211=278.802123", "20161=237.111111"))
    (found,), _ = prices.constant(np.array([9_007_199_254_740_993]), np.array([20161]))
    exact = 9_007_199_254_740_993 * 278_802_123 * 2 + 237_111_111
    assert found == exact // (2 * 237_111_111)


@pytest.mark.parametrize(
    "change",
    [
        {"prices": ("20215=100",)},
        {"prices": ("20211=0",)},
        {"prices": ("20211=100", "20211=101")},
        {"prices": ("20211=-3",)},
        {"prices": ("2021Q1=100",)},
        {"prices": ("20211=1e5",)},
        {"prices": INDEX, "time": "year"},
        {"prices": INDEX, "measures": ("pay_before",), "dimensions": ("state",)},
    ],
)
def test_index_that_says_nothing_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(DesignError):
        TableDesign.from_dict(DESIGN.as_dict() | change)


def test_measures_of_several_quarters_are_in_the_catalogue() -> None:
    assert set(CATALOGUE) >= OF_SEVERAL_QUARTERS
