"""Outcomes of people followed, worked by hand: who is employed, retained, moved, and what they earn."""

import numpy as np

from matching.core.tabulation.histories import Histories, QuarterRecords
from matching.core.tabulation.outcomes import TENURES, Outcomes, People, UnitFacts

# units: 0 and 1 in state 0 (sectors 62 and 44), 2 in state 1 (sector 62); one account each
UNITS = UnitFacts(np.array([0, 0, 1], np.int16), np.array([62, 44, 62], np.int16))
# person: unit and wages by quarter, 2016 Q1 to Q4; the reference quarter is Q2; person 3 has no record at all
WORK = {
    0: [(0, 900), (0, 1000), (0, 1100), (0, 1200)],
    1: [None, (0, 2000), (2, 3000), (2, 3001)],
    2: [(1, 500), (0, 400), None, (1, 800)],
}


def people(home: int = 0) -> People:
    records = {}
    for place, quarter in enumerate((20161, 20162, 20163, 20164)):
        rows = [(person, *work[place]) for person, work in WORK.items() if work[place]]  # type: ignore[misc]
        person, unit, wages = (np.array(column, np.int64) for column in zip(*rows, strict=True))
        records[quarter] = QuarterRecords(person, unit, unit, wages)
    return People(Histories.of(records), UNITS, 4, home, 1)


def column(outcomes: Outcomes, name: str) -> list[int]:
    values = outcomes.columns[name]
    assert values is not None
    return values.tolist()


def test_everybody_has_a_row_with_or_without_a_record() -> None:
    third = people().quarter(2)
    assert column(third, "persons") == [1, 1, 1, 1]
    assert column(third, "employed") == [1, 1, 0, 0]
    assert column(third, "earnings") == [1100, 3000, 0, 0]
    assert third.unit.tolist() == [0, 2, -1, -1]


def test_same_state_is_the_home_state_or_that_of_the_reference_quarter() -> None:
    assert column(people(home=1).quarter(3), "in_same_state") == [0, 1, 0, 0]
    followed = people(home=-1).quarter(3)
    assert column(followed, "in_same_state") == [1, 0, 1, 0]
    assert column(followed, "in_other_state") == [0, 1, 0, 0]


def test_retention_is_wages_from_the_same_employer_in_every_quarter_since() -> None:
    assert column(people().quarter(1), "started") == [1, 1, 1, 0]
    assert column(people().quarter(3), "retained") == [1, 0, 0, 0]
    assert people().quarter(0).columns["retained"] is None


def test_industry_changes_when_the_sector_of_the_main_job_does() -> None:
    last = people().quarter(3)
    assert column(last, "employed_both") == [1, 1, 1, 0]
    assert column(last, "industry_changed") == [0, 0, 1, 0]


def test_earnings_are_compared_with_the_quarters_before_the_reference_quarter() -> None:
    last = people().quarter(3)
    assert column(last, "compared") == [1, 0, 1, 0]
    assert column(last, "earnings_before") == [900, 0, 500, 0]
    assert column(last, "earnings_compared") == [1200, 0, 800, 0]


def test_full_quarter_needs_the_same_employer_before_and_after() -> None:
    third = people().quarter(2)
    assert column(third, "full_quarter") == [1, 0, 0, 0]
    assert column(third, "full_quarter_earnings") == [1100, 0, 0, 0]
    assert people().quarter(3).columns["full_quarter"] is None


def test_tenure_counts_quarters_without_a_gap() -> None:
    assert [TENURES[place] for place in people().quarter(3).tenure] == ["4-7", "2-3", "1", ""]
