"""Edits of wage records by hand-worked cases, and against a slow reading of the same rules."""

from collections import Counter
from itertools import pairwise
from math import exp, log
from statistics import median

import numpy as np
import pytest

from matching.core.edits.fences import FEWEST, MULTIPLIER, Fences, WageHistogram
from matching.core.edits.records import EDITS, MOST_EMPLOYERS, WORDS, RecordEdit, RecordEdits

Record = tuple[int, int, int, int, int]


def flags_of(records: list[Record], bounds: Fences | None = None, accounts: list[int] | None = None):
    """(record, edit) pairs of the sorted records, and the tally. Without accounts each unit is one."""
    columns = np.array(sorted(records), np.int32).T
    edits = RecordEdits(np.array(accounts if accounts is not None else range(100)), 1, bounds)
    flags = edits.check(*columns)
    return [(sorted(records)[row], EDITS[edit]) for row, edit in zip(flags.row, flags.edit, strict=True)], edits.tally


def test_repeats_are_told_from_second_records_of_a_unit():
    first, other_unit, other_person = (1, 1, 100, 40, 13), (1, 2, 100, 40, 13), (2, 1, 100, 40, 13)
    found, tally = flags_of([first, first, first, (1, 1, 100, 41, 13), other_unit, other_person])
    assert found == [(first, RecordEdit.DUPLICATE)] * 2 + [((1, 1, 100, 41, 13), RecordEdit.SAME_UNIT)]
    assert (tally.persons, tally.edits["duplicate"], tally.edits["same_unit"]) == (2, 2, 1)


def test_who_cannot_be_matched_repeats_nobody_and_has_no_employers():
    found, tally = flags_of([(0, unit, 100, -1, -1) for unit in range(1, 40)] + [(0, 1, 100, -1, -1)])
    assert (found, tally.persons, tally.unmatchable) == ([], 0, 40)
    assert (tally.missing_hours, tally.missing_weeks) == (40, 40)


def test_wages_at_the_fences_are_inside():
    rows = [(person, 1, wages, 1, 1) for person, wages in enumerate((-5, 0, 1, 9, 10, 99, 100), 1)]
    found, _ = flags_of(rows, Fences(low=10, high=99))
    assert [(record[2], edit) for record, edit in found] == [
        (-5, RecordEdit.NEGATIVE), (1, RecordEdit.LOW), (9, RecordEdit.LOW), (100, RecordEdit.HIGH),
    ]  # fmt: skip
    assert flags_of(rows)[0] == [((1, 1, -5, 1, 1), RecordEdit.NEGATIVE)]


@pytest.mark.parametrize(("accounts", "flagged"), [(MOST_EMPLOYERS, 0), (MOST_EMPLOYERS + 1, 20)])
def test_employers_are_accounts_and_not_their_units(accounts: int, flagged: int):
    account_of_unit = [min(unit, accounts - 1) for unit in range(20)]
    rows = [(7, unit, 100, 1, 1) for unit in range(1, 21)] + [(8, unit, 100, 1, 1) for unit in range(1, 5)]
    found, tally = flags_of(rows, accounts=account_of_unit)
    assert Counter(edit for _, edit in found)[RecordEdit.EMPLOYERS] == flagged == tally.edits["many_employers"]


def test_edits_equal_a_slow_reading_whatever_the_ranges():
    chance = np.random.default_rng(4)
    rows = sorted(
        (int(p), int(u), int(w), -1, int(k))
        for p, u, w, k in zip(
            chance.integers(0, 60, 3_000), chance.integers(1, 30, 3_000), chance.integers(-3, 40, 3_000),
            chance.integers(0, 2, 3_000), strict=True,
        )
    )  # fmt: skip
    bounds, columns = Fences(low=3, high=37), np.array(rows, np.int32).T
    edits = RecordEdits(np.arange(30) // 2, 1, bounds)
    cuts = np.searchsorted(columns[0], [0, 17, 18, 40, 61])
    for start, end in pairwise(cuts):
        edits.check(*columns[:, start:end])
    assert {edit: n for edit, n in edits.tally.edits.items() if n} == slowly(rows, bounds)
    assert edits.tally.persons == len({row[0] for row in rows} - {0})


def slowly(rows: list[Record], bounds: Fences) -> dict[str, int]:
    employers: dict[int, set[int]] = {}
    for person, unit, *_ in rows:
        employers.setdefault(person, set()).add((unit - 1) // 2)
    found: Counter[str] = Counter()
    for place, (person, unit, wages, *rest) in enumerate(rows):
        before = rows[place - 1] if place else None
        if person and before and before[:2] == (person, unit):
            found["duplicate" if before[2:] == (wages, *rest) else "same_unit"] += 1
        found["negative_wages"] += wages < 0
        found["low_wages"] += 0 < wages < bounds.low
        found["high_wages"] += wages > bounds.high
        found["many_employers"] += person > 0 and len(employers[person]) > MOST_EMPLOYERS
    return {edit: n for edit, n in found.items() if n}


def test_every_edit_has_words():
    assert set(WORDS) == set(RecordEdit)


def histogram(wages: list[int]) -> WageHistogram:
    counted = WageHistogram()
    for start in range(0, len(wages), 7):
        counted.add(np.array(wages[start : start + 7], np.int32))
    return counted


@pytest.mark.parametrize("n", [20, 21, 22, 23, 1_000])
def test_fences_are_the_papers_on_logarithms(n: int):
    wages = np.random.default_rng(n).integers(1, 90_000, n).tolist()
    logs = sorted(map(log, wages))
    half = (n + 1) // 2  # the fourths are the medians of the halves, the middle one in both
    lower, upper = median(logs[:half]), median(logs[-half:])
    reach = MULTIPLIER * (upper - lower)
    found = histogram([*wages, 0, -5, 0]).fences()
    assert found is not None
    assert found.low - 1 < exp(lower - reach) <= found.low
    assert found.high == min(int(exp(upper + reach)), 2_147_483_647)


def test_hand_worked_fences():
    # fourths 100 and 400: logarithms apart by ln 4; three times that is a factor of 64
    found = histogram([100] * 10 + [400] * 10).fences()
    assert found == Fences(low=2, high=25_600)


def test_no_fences_of_few_records_or_of_no_wages():
    assert histogram([5] * (FEWEST - 1) + [0] * 50).fences() is None
    assert histogram([2_147_483_647] * 50).fences() is None
    assert histogram([-2_147_483_648] * 50).fences() is None
