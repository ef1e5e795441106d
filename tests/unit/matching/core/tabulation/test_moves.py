"""Moves between main jobs, worked by hand (LEHD Public Use Schema 4.6, J2J: EEHire, AQHire, stable moves)."""

import numpy as np
import pytest

from matching.core.tabulation.histories import Histories, QuarterRecords, between
from matching.core.tabulation.moves import Moves, moves

# Each person: a line per employer, wages in thousands by quarter from 2016 Q1 on; the quarter looked at is the sixth.
PERSONS = {
    "within": ("1111110..", ".....2333"),   # leaves the first and begins the second in quarter 6
    "next": ("111110...", ".....2333"),     # the first ends in quarter 5, the second begins in 6
    "later": ("111......", ".....2333"),    # idle in quarters 4 and 5
    "stays": ("111111111", "........."),
    "adds": ("999999999", ".....2333"),     # a second job that does not become the main one
    "new": (".........", ".....2333"),      # nothing before
    "short": ("....110..", ".....2333"),    # the first was held two quarters: no full quarter before it ended
}  # fmt: skip
NAMES = list(PERSONS)


@pytest.fixture
def found() -> Moves:
    quarters = between(20161, 20181)
    records = {}
    for place, quarter in enumerate(quarters):
        rows = [
            (number, employer, int(line[place]) * 1000)
            for number, lines in enumerate(PERSONS.values())
            for employer, line in enumerate(lines)
            if line[place] not in ".0"
        ]
        person, account, wages = (np.array(column, np.int64) for column in zip(*rows, strict=True))
        records[quarter] = QuarterRecords(person, account, 10 * person + account, wages)
    return moves(Histories.of(records), 5)


def of(found: Moves, name: str) -> dict[str, int]:
    """The sum of a column by person, told by the unit of the new job."""
    column = found.columns[name]
    assert column is not None
    return {NAMES[unit // 10]: int(value) for unit, value in zip(found.unit, column, strict=True) if value}


def test_each_move_is_of_one_kind(found: Moves) -> None:
    assert of(found, "moves_within") == {"within": 1, "short": 1}
    assert of(found, "moves_next") == {"next": 1}
    assert of(found, "moves_later") == {"later": 1}


def test_a_move_leads_from_the_old_unit_to_the_new_one(found: Moves) -> None:
    assert {(int(one), int(two)) for one, two in zip(found.origin_unit, found.unit, strict=True)} == {
        (10 * number, 10 * number + 1)
        for number, name in enumerate(NAMES)
        if name in {"within", "next", "later", "short"}
    }  # fmt: skip


def test_pay_is_of_full_quarters_before_and_after(found: Moves) -> None:
    assert of(found, "stable_moves") == {"within": 1, "next": 1}
    assert of(found, "pay_before") == {"within": 1000, "next": 1000}
    assert of(found, "pay_after") == {"within": 3000, "next": 3000}
