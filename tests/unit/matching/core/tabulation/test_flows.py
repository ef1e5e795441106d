"""Flows of workers against histories worked by hand, and the identities that hold for any records.

Source of the definitions: Abowd and others (2009), "The LEHD Infrastructure Files and the Creation of the Quarterly
Workforce Indicators", appendix A: b, e, f, a, s, h, r of a job with its employer.
"""

import numpy as np
import pytest

from matching.core.tabulation.flows import FLOW_COLUMNS, flows
from matching.core.tabulation.histories import Histories, QuarterRecords, between

# one letter a quarter from 2016 Q1 on: x has wages of 1,000 in it; each line another job
HISTORY = ("xxxxxxx", "....xxx", "xxxx...", "xx..xxx", "....x..", "x...x..", ".xxxxx.")
# of quarter 5 (2017 Q1), by the definitions
EXPECTED = {
    "emp_total":     (1, 1, 0, 1, 1, 1, 1),
    "emp_beginning": (1, 0, 0, 0, 0, 0, 1),
    "emp_end":       (1, 1, 0, 1, 0, 0, 1),
    "emp_full":      (1, 0, 0, 0, 0, 0, 1),
    "accessions":    (0, 1, 0, 1, 1, 1, 0),
    "new_hires":     (0, 1, 0, 0, 1, 0, 0),
    "recalls":       (0, 0, 0, 1, 0, 1, 0),
    "separations":   (0, 0, 0, 0, 1, 1, 0),
}  # fmt: skip


def histories(lines: tuple[str, ...], first: int = 20161) -> Histories:
    """Each line is a person with one employer."""
    quarters = between(first, 20174)[: len(lines[0])]
    records = {}
    for place, quarter in enumerate(quarters):
        person = np.array([number for number, line in enumerate(lines) if line[place] == "x"], np.int64)
        records[quarter] = QuarterRecords(person, person % 3, person, np.full(len(person), 1000))
    return Histories.of(records)


@pytest.mark.parametrize("name", EXPECTED)
def test_flow_of_a_quarter_is_what_the_definition_says(name: str) -> None:
    found = flows(histories(HISTORY), 4).columns[name]
    assert found is not None
    assert tuple(found) == EXPECTED[name]


def test_flows_that_need_a_quarter_not_searched_are_not_known() -> None:
    first, last = flows(histories(HISTORY), 0).columns, flows(histories(HISTORY), 6).columns
    assert [name for name in FLOW_COLUMNS if first[name] is None] == [
        "emp_beginning", "emp_full", "accessions", "new_hires", "recalls", "full_quarter_wages",
    ]  # fmt: skip
    assert [name for name in FLOW_COLUMNS if last[name] is None] == [
        "emp_end", "emp_full", "separations", "full_quarter_wages",
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_flows_add_up_to_the_change_in_stock(seed: int) -> None:
    draw = np.random.default_rng(seed)
    lines = tuple("".join(draw.choice(["x", "."], 7)) for _ in range(200))
    jobs = histories(lines)
    found = {name: int(column.sum()) for name, column in flows(jobs, 4).columns.items() if column is not None}
    assert found["emp_beginning"] + found["accessions"] == found["emp_total"]
    assert found["emp_end"] + found["separations"] == found["emp_total"]
    assert found["new_hires"] + found["recalls"] == found["accessions"]
    assert found["emp_end"] - found["emp_beginning"] == found["accessions"] - found["separations"]
    after = flows(jobs, 5).columns["emp_beginning"]
    assert after is not None
    assert after.sum() == found["emp_end"]  # a quarter begins with what the one before ended with


def test_records_of_one_account_are_one_job_placed_where_most_is_paid() -> None:
    one, two = np.zeros(3, np.int64), np.array([0, 0, 1])
    jobs = Histories.of({20161: QuarterRecords(one, two, np.array([5, 6, 7]), np.array([100, 300, 250]))})
    assert (jobs.wages[:, 0].tolist(), jobs.unit[:, 0].tolist(), jobs.records[:, 0].tolist()) == (
        [400, 250], [6, 7], [2, 1],
    )  # fmt: skip
