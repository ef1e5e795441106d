"""Cells beside others: changes over the year and location quotients, and what of them may be shown."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pytest

from disclosure.core.measures import CATALOGUE, Change, Quotient
from disclosure.core.package.published_table import publish
from disclosure.core.protected_table import protect_table
from disclosure.core.rules.parameters import Parameters
from disclosure.core.tabulation.cells import Cells, Key, tabulate
from disclosure.core.tabulation.design import DesignError, TableDesign
from tests.unit.disclosure.core.wages import employers, random_employers

CHANGES = ("wages", "wages_change", "wages_change_percent", "mean_wages_change")
DESIGN = TableDesign("wage_records", ("area", "industry"), CHANGES, industry_level=3)
QUOTIENT = replace(DESIGN, measures=("wages_lq", "jobs_lq"))


def shown(cells: Cells, name: str) -> dict[Key, int | None]:
    values, defined = cells.measure(name)
    return {key: value if known else None
            for key, value, known in zip(cells.keys, values.tolist(), defined.tolist(), strict=True)}  # fmt: skip


def two_years() -> Cells:
    before = [("44003", "722511", "A", 10, 1000), ("44007", "722511", "B", 20, 3000)]
    after = [("44003", "722511", "A", 11, 1105), ("44007", "722511", "B", 20, 2500), ("44007", "441110", "C", 1, 70)]
    return tabulate(pa.concat_tables([employers(before, 20161), employers(after, 20171)]), DESIGN)


def test_change_is_that_of_the_same_cell_a_year_before() -> None:
    cells = two_years()
    change, percent = shown(cells, "wages_change"), shown(cells, "wages_change_percent")
    assert (change["20171", "44003", "722"], percent["20171", "44003", "722"]) == (105, 105)  # 10.5 percent
    assert (change["20171", "44007", "722"], percent["20171", "44007", "722"]) == (-500, -167)  # -16.666 percent
    assert (change["20171", "44007", "441"], percent["20171", "44007", "441"]) == (
        70,
        1000,
    )  # as QCEW: 100 from nothing
    assert change["20161", "44003", "722"] is None  # the year before is not in the table


def test_change_of_a_mean_is_not_defined_where_one_of_them_is_not() -> None:
    change = shown(two_years(), "mean_wages_change")
    assert change["20171", "44003", "722"] == 0  # 1105 / 11 rounds to 100, as 1000 / 10
    assert change["20171", "44007", "441"] is None  # nobody there a year before


def test_change_of_pooled_years_compares_years() -> None:
    tables = [employers([("44003", "722511", "A", jobs, 100 * jobs)], quarter)
              for quarter, jobs in ((20161, 10), (20162, 13), (20171, 14), (20172, 14))]  # fmt: skip
    design = replace(DESIGN, measures=("jobs_change", "wages_change"), time="year")
    cells = tabulate(pa.concat_tables(tables), design)
    assert shown(cells, "jobs_change")["2017", "44003", "722"] == 2  # means 14 and 11.5, which rounds to 12
    assert shown(cells, "wages_change")["2017", "44003", "722"] == 500
    assert shown(cells, "wages_change")["2016", "44003", "722"] is None


def test_quotient_is_the_share_here_to_the_share_everywhere() -> None:
    rows = [("44003", "722511", "A", 10, 250), ("44003", "441110", "B", 10, 750), ("44007", "722511", "C", 10, 250),
            ("44007", "541110", "D", 70, 2750)]  # fmt: skip
    cells = tabulate(employers(rows), QUOTIENT)
    quotient = shown(cells, "wages_lq")
    assert quotient["20161", "44003", "722"] == 200  # 250/1000 against 500/4000
    assert quotient["20161", "44007", "722"] == 67  # 250/3000 against 500/4000: .6667
    assert quotient["20161", "44000", "722"] == quotient["20161", "44007", "TOTAL"] == 100


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("measures", [CHANGES, ("wages_lq",)])
def test_comparison_with_a_withheld_cell_is_not_shown(seed: int, measures: tuple[str, ...]) -> None:
    years = [random_employers(seed, 150), random_employers(seed + 100, 150)]
    years[1] = years[1].set_column(0, "quarter", pa.array([20171] * 150, pa.int32()))
    table = protect_table(tabulate(pa.concat_tables(years), replace(DESIGN, measures=measures)), Parameters())
    rows = {codes: values for codes, values, _ in publish("table", "", table).rows}
    withheld = {key for key, status in table.pattern.by_key.items() if status != "F"}
    assert withheld
    for key, values in rows.items():
        if measures == CHANGES:
            against = [(str(int(key[0]) - 10), *key[1:])]
        else:
            against = [(key[0], key[1], "TOTAL"), (key[0], "TOTAL", key[2]), (key[0], "TOTAL", "TOTAL")]
        if withheld & {key, *against}:
            assert values[-1] is None
    assert any(values[-1] is not None for values in rows.values())


def test_every_comparison_has_the_bases_of_what_it_compares() -> None:
    found = [measure for measure in CATALOGUE.values() if isinstance(measure.formula, Change | Quotient)]
    assert len(found) == 22
    for measure in found:
        plain = measure.name.split("_change")[0].split("_lq")[0]
        assert measure.bases == CATALOGUE[plain].bases
    assert CATALOGUE["month3_change_percent"].known_as == "QCEW oty_month3_emplvl_pct_chg"
    assert CATALOGUE["jobs_change"].known_as == ""


@pytest.mark.parametrize(
    "design",
    [
        replace(DESIGN, time="all"),
        replace(QUOTIENT, dimensions=("industry",)),
        replace(QUOTIENT, dimensions=("area",)),
        replace(DESIGN, dimensions=("cohort",)),
    ],
)
def test_comparisons_that_have_nothing_to_compare_with_are_refused(design: TableDesign) -> None:
    with pytest.raises(DesignError):
        design.validate()
