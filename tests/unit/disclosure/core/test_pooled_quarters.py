"""Quarters pooled by year or altogether: what is counted at a time is a mean, the rest a sum."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from disclosure.core.measures import CATALOGUE, Comparison, compute
from disclosure.core.tabulation.cell_summary import summarize
from disclosure.core.tabulation.cells import Cells, Observed, tabulate
from disclosure.core.tabulation.design import DesignError, TableDesign
from tests.unit.disclosure.core.wages import DESIGN, employers, random_employers

QCEW = TableDesign(
    "establishments", ("industry",), ("establishments", "month3", "employment", "wages", "avg_wkly_wage"), time="year"
)
# month 1 to 3 and wages of one establishment; BLS averages twelve months and divides the year's wages by 52 weeks
YEAR = {
    20161: (10, 11, 12, 130_000),
    20162: (12, 12, 13, 140_000),
    20163: (9, 9, 9, 90_500),
    20164: (14, 15, 15, 170_001),
}


def establishments(year: dict[int, tuple[int, int, int, int]]) -> pa.Table:
    months = np.array([row[:3] for row in year.values()])
    return pa.table({
        "quarter": pa.array(list(year), pa.int32()), "industry": ["722511"] * len(year),
        "enterprise": ["A"] * len(year),
        "establishments": [1] * len(year), "month1": months[:, 0], "month2": months[:, 1], "month3": months[:, 2],
        "wages": [row[3] for row in year.values()],
    })  # fmt: skip


def only(cells: Cells, name: str) -> list[int]:
    return cells.measure(name)[0].tolist()


def test_year_has_qcew_annual_averages() -> None:
    cells = tabulate(establishments(YEAR), QCEW)
    assert cells.keys == (("2016", "72"),)
    months = sum(sum(row[:3]) for row in YEAR.values())
    assert only(cells, "employment") == [round(months / 12)]  # 141 / 12 = 11.75
    assert only(cells, "avg_wkly_wage") == [round(530_501 / (52 * months / 12))]
    assert only(cells, "wages") == [530_501]
    assert only(cells, "establishments") == [1]
    assert only(cells, "month3") == [12]  # (12 + 13 + 9 + 15) / 4 = 12.25


def test_year_of_two_quarters_is_their_mean() -> None:
    cells = tabulate(establishments({quarter: YEAR[quarter] for quarter in (20161, 20164)}), QCEW)
    assert only(cells, "month3") == [14]  # (12 + 15) / 2, half up


def test_all_quarters_of_several_years_are_one() -> None:
    later = {quarter + 10: row for quarter, row in YEAR.items()}
    by_year = tabulate(establishments(YEAR | later), QCEW)
    together = tabulate(establishments(YEAR | later), replace(QCEW, time="all"))
    assert [key[0] for key in by_year.keys] == ["2016", "2017"]
    assert together.keys == (("ALL", "72"),)
    assert only(together, "wages") == [2 * 530_501]
    assert only(together, "employment") == only(by_year, "employment")[:1]


@pytest.mark.parametrize("seed", range(5))
def test_pooled_cells_are_the_sums_of_the_quarters_and_count_each_enterprise_once(seed: int) -> None:
    quarters = [random_employers(seed, 80), _in_quarter(random_employers(seed, 60), 20162)]
    pooled = tabulate(pa.concat_tables(quarters), replace(DESIGN, time="all"))
    apart = tabulate(pa.concat_tables(quarters), DESIGN)
    for name in ("jobs", "wages"):
        of_cell: dict[tuple[str, ...], int] = {}
        for key, value in zip(apart.keys, apart.values[name].tolist(), strict=True):
            of_cell[key[1:]] = of_cell.get(key[1:], 0) + value
        assert {key[1:]: value for key, value in zip(pooled.keys, pooled.values[name].tolist(), strict=True)} == of_cell
        matrix = pooled.contributions[name]
        assert (np.asarray(matrix.sum(axis=1)).ravel() == pooled.values[name]).all()
    summary = summarize(pa.concat_tables(quarters), replace(DESIGN, time="all"))
    assert (summary.enterprises == pooled.enterprises).all()
    assert (summary.largest["wages"] == pooled.largest("wages").amounts).all()


def _in_quarter(table: pa.Table, quarter: int) -> pa.Table:
    return table.set_column(0, "quarter", pa.array([quarter] * table.num_rows, pa.int32()))


def test_pooled_percentile_counts_a_job_below_it_once() -> None:
    design = TableDesign("wage_records", ("industry",), ("median_wages",), time="all")
    rows = [("44003", "722511", "A", 5, 500)]
    table = pa.concat_tables([employers(rows, quarter) for quarter in (20161, 20162)])
    values = np.array([100, 200, 300, 400, 500] * 2)
    found = tabulate(table, design, Observed(np.repeat([0, 1], 5), {"wages": values})).percentiles["median_wages"]
    assert (found.value.tolist(), found.below.tolist(), found.above.tolist()) == ([300], [2], [2])


def test_pooled_movers_are_at_least_those_of_one_quarter() -> None:
    table = pa.table({
        "quarter": pa.array([20161] * 3 + [20162] * 2, pa.int32()), "industry": ["722511"] * 5,
        "enterprise": list("ABCDE"), "people": [1] * 5, "moves_within": [1] * 5, "moves_next": [0] * 5,
    })  # fmt: skip
    cells = tabulate(table, TableDesign("wage_records", ("industry",), ("moves",), time="all"))
    assert cells.persons is not None
    assert cells.persons.tolist() == [3]  # five moves in two quarters may be of three persons
    assert only(cells, "moves") == [5]


@pytest.mark.parametrize(
    "design",
    [
        TableDesign("wage_records", ("cohort",), ("employed",), time="year"),
        TableDesign("wage_records", ("state",), ("employed",), followed_from=20161, time="all"),
        TableDesign("establishments", ("area", "ownership", "industry"), ("wages",), time="year", layout="qcew"),
    ],
)
def test_people_and_the_layout_of_qcew_are_not_pooled(design: TableDesign) -> None:
    with pytest.raises(DesignError, match=r"not pooled|annual averages"):
        design.validate()


def test_every_count_at_a_time_is_a_stock_and_no_flow_or_dollar_is() -> None:
    stocks = {one.name for one in CATALOGUE.values() if one.stock and not isinstance(one.formula, Comparison)}
    assert stocks == {
        "persons", "jobs", "establishments", "month1", "month2", "month3", "employment", "employment_before",
        "employment_after", "emp_total", "emp_beginning", "emp_end", "emp_full",
    }  # fmt: skip


def test_quarters_weigh_in_stocks_only() -> None:
    columns = {"jobs": np.array([7]), "wages": np.array([70]), "accessions": np.array([7])}
    assert [compute(name, columns, 2)[0].tolist() for name in ("jobs", "wages", "accessions")] == [[4], [70], [7]]
