"""Coarser designs, what each publishes, what each state adds, and why complementary cells are withheld."""

from dataclasses import replace

import numpy as np
import pyarrow as pa

from disclosure.core.advice import suggest
from disclosure.core.advice.explain import explain
from disclosure.core.advice.suggest import Change, Coarser
from disclosure.core.audit.auditor import audit
from disclosure.core.pattern import Pattern
from disclosure.core.protected_table import protect_table
from disclosure.core.rules.parameters import Parameters
from disclosure.core.tabulation.cells import tabulate
from disclosure.core.tabulation.design import TableDesign
from tests.unit.disclosure.core.wages import employers

DESIGN = TableDesign("wage_records", ("area", "industry"), ("jobs", "wages"), industry_level=3)
COUNTIES = ("44001", "44003", "44005", "44007", "10001", "10003")
INDUSTRIES = ("441110", "442110", "444110", "722511")


def two_states(seed: int = 3) -> pa.Table:
    """Employers of two states, few or many to a cell."""
    random = np.random.default_rng(seed)
    return employers([
        (county, industry, f"{county}{industry}{place}", int(jobs), int(jobs) * int(random.integers(4_000, 9_000)))
        for county in COUNTIES
        for industry in INDUSTRIES
        for place, jobs in enumerate(random.lognormal(2.5, 1.0, random.integers(1, 12)).astype(int) + 1)
    ])  # fmt: skip


def test_steps_are_offered_once_the_smallest_first() -> None:
    found = suggest.coarser(DESIGN, 4, at_most=30)
    assert [one.changes for one in found[:4]] == [
        (Change("area", "county", "state"),),
        (Change("area", "county", "metro"),),
        (Change("industry", "3", "2"),),
        (Change("quarters", "4"),),
    ]
    assert len({one.design for one in found}) == len(found)
    assert all(not one.design.problems() for one in found)
    assert not any(one.design.area_level == "region" for one in found)  # the design names none
    assert not any(one.design.time == "all" for one in suggest.coarser(DESIGN, 1, at_most=30))


def test_sectors_become_supersectors_where_they_are_whole() -> None:
    sectors = replace(DESIGN, industry_level=2)
    steps = {one.changes[0] for one in suggest.coarser(sectors, 1, at_most=30, steps=1)}
    assert Change("industry", "2", "1") in steps
    some = replace(sectors, industries=("44-45",))
    assert Change("industry", "2") in {one.changes[0] for one in suggest.coarser(some, 1, at_most=30, steps=1)}


def test_coarser_than_the_layout_of_qcew_are_its_dimensions_crossed() -> None:
    whole = TableDesign("establishments", ("area", "ownership", "industry"), ("month3", "wages"), layout="qcew")
    found = suggest.coarser(whole, 1, at_most=8)
    assert found[0].changes == (Change("layout", "qcew", "crossed"),)
    assert {one.design.layout for one in found} == {"crossed"}
    assert found[0].design.industry_level == 6
    assert (Change("layout", "qcew", "crossed"), Change("industry", "6", "5")) in [one.changes for one in found]
    assert all(not one.design.problems() for one in found)


def test_the_comparison_a_request_is_about_is_never_left_out() -> None:
    design = TableDesign("wage_records", ("cohort", "state"), ("persons",))
    assert all("cohort" in one.design.dimensions for one in suggest.coarser(design, 1, at_most=30, steps=3))


def test_outcome_is_that_of_the_protected_table() -> None:
    table = protect_table(tabulate(two_states(), DESIGN), Parameters(), intervals=False)
    found = suggest.outcome_of(two_states(), Coarser(DESIGN), Parameters())
    assert found is not None
    assert (found.cells, found.withheld) == (len(table.system), int(table.pattern.withheld.sum()))
    finest = [key[1] not in {"TOTAL", "44000", "10000"} and len(key[2]) == 3 for key in table.system.keys]
    wages = table.system.values["wages"]
    assert found.value == int(wages[finest].sum()) == sum(two_states()["wages"].to_pylist())
    assert found.value_published == int(wages[np.array(finest) & ~table.pattern.withheld].sum())


def test_a_coarser_design_publishes_a_larger_share() -> None:
    designed = suggest.outcome_of(two_states(), Coarser(DESIGN), Parameters())
    by_state, _ = suggest.coarser(DESIGN, 1, at_most=2)
    coarser = suggest.outcome_of(two_states(), by_state, Parameters())
    assert designed is not None
    assert coarser is not None
    assert coarser.share_published > designed.share_published
    assert coarser.share_of_value > designed.share_of_value


def test_pooled_quarters_are_one() -> None:
    both = pa.concat_tables([two_states(), employers([("44001", "441110", "A", 3, 900)], 20162)])
    pooled = suggest.outcome_of(both, Coarser(replace(DESIGN, time="all")), Parameters())
    one = suggest.outcome_of(two_states(), Coarser(DESIGN), Parameters())
    assert pooled is not None
    assert one is not None
    assert (pooled.cells, pooled.value) == (one.cells, one.value + 900)


def test_the_state_that_matters_most_comes_first() -> None:
    parts = suggest.state_parts(two_states(), DESIGN, Parameters())
    assert [part.state for part in parts] == ["44", "10"]
    assert round(sum(part.share_of_value for part in parts), 9) == 1
    lost = protect_table(tabulate(two_states(), DESIGN), Parameters(), intervals=False)
    safe = int((~lost.system.empty & ~lost.sensitivity.primary).sum())
    rest = two_states().filter(pa.compute.not_equal(two_states()["state"], "44"))
    left = protect_table(tabulate(rest, DESIGN), Parameters(), intervals=False)
    assert parts[0].safe_cells_lost == safe - int((~left.system.empty & ~left.sensitivity.primary).sum())


def test_every_complementary_cell_is_explained_by_what_it_would_give_away() -> None:
    table = protect_table(tabulate(two_states(), DESIGN), Parameters(), intervals=False)
    found = explain(table.system, table.pattern)
    assert set(found) == set(np.flatnonzero(table.pattern.withheld).tolist())
    near = [cell for cell, one in found.items() if one.sums_away == 1]
    assert near
    for cell in near[:6]:
        shown = table.pattern.complementary.copy()
        shown[cell] = False
        without = audit(table.system, table.sensitivity, Pattern(table.system.keys, table.pattern.primary, shown))
        assert not without.clean
    assert all(not one.protects for cell, one in found.items() if table.pattern.primary[cell])


def test_published_above_is_published_and_holds_the_cell() -> None:
    table = protect_table(tabulate(two_states(), DESIGN), Parameters(), intervals=False)
    above = {key for one in explain(table.system, table.pattern).values() for key in one.published_above}
    assert above
    assert not table.pattern.withheld[table.system.index(sorted(above))].any()
