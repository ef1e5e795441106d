"""Negative contributions: netted within their enterprise and cell, or set aside, and counted."""

from disclosure.core.rules.screening import screen
from tests.unit.disclosure.core.wages import employers

ROWS = [
    ("44003", "722511", "A", 3, 300),
    ("44003", "722511", "A", 1, -100),  # the same enterprise and cell: 200 is left
    ("44007", "722511", "A", 2, 50),  # another cell of the same enterprise: untouched
    ("44003", "722511", "B", 1, -70),  # nothing to take it from: set aside
    ("44003", "722511", "C", 1, 500),
]


def test_correction_takes_from_the_same_enterprise_in_the_same_cell() -> None:
    screened = screen(employers(ROWS), ["jobs", "wages"])
    assert screened.contributions["wages"].to_pylist() == [200, 0, 50, 0, 500]
    assert screened.contributions["jobs"].to_pylist() == [3, 1, 2, 1, 1]
    assert (screened.netted, screened.set_aside) == (1, 1)


def test_correction_larger_than_what_it_corrects_is_set_aside() -> None:
    screened = screen(employers([("44003", "722511", "A", 1, 30), ("44003", "722511", "A", 1, -100)]), ["wages"])
    assert screened.contributions["wages"].to_pylist() == [0, 0]
    assert (screened.netted, screened.set_aside) == (0, 1)


def test_contributions_without_negative_amounts_are_the_same_table() -> None:
    table = employers(ROWS[:1])
    assert screen(table, ["jobs", "wages"]).contributions is table
