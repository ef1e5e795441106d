"""Every output knows which states' records are in it, whatever its measures are counted from."""

from __future__ import annotations

import pyarrow as pa
import pytest

from disclosure.core.measures import GROUPS, ROWS
from disclosure.core.tabulation.design import TableDesign
from disclosure.core.tabulation.lineage import FOUND_IN, states_in

# contributions of each kind with records of Delaware (10), Rhode Island (44) and Vermont (50), and a table of them
PLAIN = {"state": ["44", "10", "50"], "industry": ["722511", "722511", "441110"], "ownership": ["5", "5", "3"]}
MOVES = {**PLAIN, "state": ["44", "44", "44"], "origin_state": ["10", "50", "44"]}
PEOPLE = {**PLAIN, "state": ["44", "", "44"], "origin_state": ["10", "", "44"]}
CASES = {
    "employers": (TableDesign("wage_records", ("area",), ("wages",)), PLAIN, ["10", "44", "50"]),
    "jobs": (TableDesign("wage_records", ("area",), ("accessions",)), PLAIN, ["10", "44", "50"]),
    "moves": (TableDesign("wage_records", ("state",), ("moves",)), MOVES, ["10", "44", "50"]),
    "persons": (TableDesign("wage_records", ("cohort",), ("employed",)), PEOPLE, ["10", "44"]),
    "establishments": (TableDesign("establishments", ("area",), ("month3",)), PLAIN, ["10", "44", "50"]),
    "dynamics": (TableDesign("establishments", ("area",), ("openings",)), PLAIN, ["10", "44", "50"]),
}


@pytest.mark.parametrize("rows", ROWS)
def test_each_kind_of_table_names_the_states_of_its_records(rows: str) -> None:
    design, contributions, expected = CASES[rows]
    assert design.rows == rows
    assert states_in(pa.table(contributions), design) == expected


def test_every_group_of_measures_is_counted_from_one_of_them() -> None:
    for measures in GROUPS.values():
        assert {rows for measure in measures for rows in measure.rows} <= set(CASES)


@pytest.mark.parametrize("rows", ["employers", "jobs", "moves", "establishments", "dynamics"])
def test_state_without_records_in_the_industries_asked_for_is_not_in_it(rows: str) -> None:
    design, contributions, _ = CASES[rows]
    asked = TableDesign(design.source, design.dimensions, design.measures, industries=("44-45",))
    only = [contributions["state"][2], *contributions.get("origin_state", [])[2:]]
    assert states_in(pa.table(contributions), asked) == sorted(set(only))
    owners = TableDesign(design.source, design.dimensions, design.measures, ownerships=("3",))
    assert states_in(pa.table(contributions), owners) == sorted(set(only))


def test_people_with_a_second_job_elsewhere_bring_that_state_with_them() -> None:
    rows = pa.table(PEOPLE).replace_schema_metadata({FOUND_IN: "10,44,50"})
    assert states_in(rows, CASES["persons"][0]) == ["10", "44", "50"]
    assert states_in(pa.table(PEOPLE).replace_schema_metadata({FOUND_IN: ""}), CASES["persons"][0]) == ["10", "44"]
