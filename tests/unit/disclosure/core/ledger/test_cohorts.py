"""Cohorts that differ by few persons are found by fingerprints, and only the cells concerned are withheld."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from disclosure.core.ledger.archive import pack_cohort, unpack_cohort
from disclosure.core.ledger.cohorts import CohortEntry, enter_cohort, likeness
from disclosure.core.protected_table import protect_table
from disclosure.core.rules.sensitivity import Parameters
from disclosure.core.tabulation.cells import Cells, tabulate
from tests.unit.disclosure.core.wages import PERSON_DESIGN, followed

MINIMUM = Parameters().min_persons
NURSES = [("nurses", "10", name, 20) for name in "ABC"] + [("nurses", "44", name, 20) for name in "DEF"]
TOTAL, DELAWARE, RHODE_ISLAND = (("20161", "nurses", code) for code in ("TOTAL", "10", "44"))


def entered(name: str, groups: list[tuple[str, str, str, int]], marks: np.ndarray) -> tuple[Cells, CohortEntry]:
    contributions = followed(groups)
    cells = tabulate(contributions, PERSON_DESIGN)
    return cells, enter_cohort(cells, contributions, marks, name)


def people(count: int, first: int = 1) -> np.ndarray:
    """Fingerprints of so many persons."""
    return np.arange(first, first + count, dtype=np.uint64)


def first_release() -> CohortEntry:
    cells, entry = entered("WR-2026-000001", NURSES, people(120))
    return entry.with_statuses(dict(protect_table(cells, Parameters()).pattern.by_key))


def test_three_persons_more_in_one_state_withhold_what_they_are_in() -> None:
    more = [*NURSES, ("nurses", "44", "D", 3)]
    _, entry = entered("WR-2026-000002", more, people(123))
    alike = likeness(entry, [first_release()], MINIMUM)
    assert alike.apart == {TOTAL, RHODE_ISLAND}
    assert alike.published == {DELAWARE}
    assert alike.earlier == {TOTAL: ("WR-2026-000001",), RHODE_ISLAND: ("WR-2026-000001",)}


def test_cells_apart_are_withheld_and_protected() -> None:
    groups = [*NURSES, *[("nurses", "25", name, 30) for name in "GHI"]]
    cells, old = entered("WR-2026-000001", groups, people(210))
    old = old.with_statuses(dict(protect_table(cells, Parameters()).pattern.by_key))
    more, marks = [*groups, ("nurses", "44", "D", 3)], np.concatenate([people(210), people(3, 900)])
    cells, entry = entered("WR-2026-000002", more, marks)
    alike = likeness(entry, [old], MINIMUM)
    table = protect_table(cells, Parameters(), apart=alike.apart)
    assert {key for key, status in table.pattern.by_key.items() if status == "P"} == {RHODE_ISLAND, TOTAL}
    assert table.audit.clean
    assert table.sensitivity.reasons(table.system.keys.index(RHODE_ISLAND))[0].rule == "earlier release"


def test_ten_persons_more_are_no_secret() -> None:
    more = [*NURSES, ("nurses", "44", "D", 10)]
    _, entry = entered("WR-2026-000002", more, people(130))
    assert not likeness(entry, [first_release()], MINIMUM).apart


def test_same_persons_whose_records_were_corrected_are_apart() -> None:
    corrected = people(120)
    corrected[70:72] += 5000
    _, entry = entered("WR-2026-000002", NURSES, corrected)
    assert likeness(entry, [first_release()], MINIMUM).apart == {TOTAL, RHODE_ISLAND}


def test_unknown_persons_are_told_apart_by_their_number() -> None:
    groups = [*NURSES, ("nurses", "", "", 30)]
    marks = np.concatenate([people(120), np.zeros(30, dtype=np.uint64)])
    _, old = entered("WR-2026-000001", groups, marks)
    fewer = [*NURSES, ("nurses", "", "", 28)]
    _, entry = entered("WR-2026-000002", fewer, marks[:148])
    assert likeness(entry, [old], MINIMUM).apart == {TOTAL}


def test_cell_withheld_for_the_same_persons_before_is_withheld_again() -> None:
    first = first_release().with_statuses({TOTAL: "F", DELAWARE: "S", RHODE_ISLAND: "S"})
    _, entry = entered("WR-2026-000002", NURSES, people(120))
    assert likeness(entry, [first], MINIMUM).withheld == {DELAWARE, RHODE_ISLAND}


def test_two_cohorts_of_one_table_that_differ_by_few() -> None:
    others = [("welders", state, name, count) for _, state, name, count in NURSES]
    marks = np.concatenate([people(120), people(120)])
    marks[-1] = 9999
    _, entry = entered("WR-2026-000002", [*NURSES, *others], marks)
    assert ("20161", "welders", "44") in likeness(entry, [], MINIMUM).apart
    assert not likeness(first_release(), [], MINIMUM).apart


def test_cohort_entry_survives_its_archive_and_holds_no_values() -> None:
    entry = first_release()
    packed = pack_cohort(entry)
    again = unpack_cohort(packed)
    assert pack_cohort(again) == packed
    assert (again.keys, again.statuses) == (entry.keys, entry.statuses)
    assert set(pa.ipc.open_stream(packed).read_all().column_names).isdisjoint({"wages", "jobs", "enterprise"})
