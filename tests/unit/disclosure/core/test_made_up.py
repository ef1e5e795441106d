"""The example of a table: in the layout of its design, plausible, and the same every time."""

import pytest

from disclosure.core.advice.made_up import Example, made_up
from disclosure.core.measures import CATALOGUE, GROUPS, Quotient
from disclosure.core.tabulation.design import DesignError, TableDesign

EXAMPLE = Example((20191, 20192), ("10", "44"), ("10001", "44003"), ("445110", "622110", "622210"), ("Nurses",))
DESIGNS = {
    "workers": TableDesign("wage_records", ("area", "industry"), ("jobs", "mean_wages", "median_wages")),
    "flows": TableDesign("wage_records", ("state", "origin_state"), ("moves", "pay_before", "pay_after")),
    "establishments": TableDesign("establishments", ("area", "ownership"), ("establishments", "avg_wkly_wage")),
    "dynamics": TableDesign("establishments", ("industry",), ("job_gains", "net_change_rate"), industry_level=3),
    "outcomes": TableDesign("wage_records", ("cohort", "state", "tenure"), ("persons", "employed_share", "earnings"),
                            time="since", after=(4, 8), people=True),
    "qcew": TableDesign.from_dict({"layout": "qcew", "source": "establishments", "industry_level": 6,
                                   "dimensions": ["area", "ownership", "industry"], "measures": ["wages"]}),
}  # fmt: skip


@pytest.mark.parametrize("name", DESIGNS)
def test_example_has_the_design_s_columns_totals_and_withheld_cells(name: str) -> None:
    design, table = DESIGNS[name], made_up(DESIGNS[name], EXAMPLE)
    assert table.dimensions[: 1 + len(design.dimensions)] == ("quarter", *design.dimensions)
    assert {"TOTAL"} & {code for codes, _, _ in table.rows for code in codes} or name == "qcew"
    shown = [values for _, values, code in table.rows if code == ""]
    assert any(value for values in shown for value in values)
    assert table == made_up(design, EXAMPLE)
    assert name == "qcew" or 0 < table.withheld < len(table.rows) / 2


def test_quarters_are_named_as_the_design_counts_them() -> None:
    assert {codes[0] for codes, _, _ in made_up(DESIGNS["outcomes"], EXAMPLE).rows} == {"Q+4", "Q+8"}
    assert {codes[0] for codes, _, _ in made_up(DESIGNS["flows"], EXAMPLE).rows} == {"20191", "20192"}


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_measure_has_an_example_and_no_share_is_beyond_the_whole(name: str) -> None:
    measure = CATALOGUE[name]
    source = sorted(measure.sources)[-1]
    people = measure.rows == ("persons",)
    dimensions = ("area", "industry") if isinstance(measure.formula, Quotient) else ("industry",)
    design = TableDesign(source, dimensions, (name,), people=people)
    rows = made_up(design, EXAMPLE).rows
    values = [values[0] for _, values, code in rows if code == "" and values[0] is not None]
    assert values
    if measure.is_share:
        assert all(0 <= value <= 100 for value in values)
    assert measure in [one for group in GROUPS.values() for one in group]


def test_unsound_design_has_no_example() -> None:
    with pytest.raises(DesignError):
        made_up(TableDesign("wage_records", (), ()), EXAMPLE)
