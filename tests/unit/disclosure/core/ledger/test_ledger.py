"""The ledger: a table by county, the same quarter by custom region, then a corrected load; attacked by brute force."""

from __future__ import annotations

import os

import numpy as np
import pyarrow as pa
import pytest

from disclosure.core.ledger.archive import pack, unpack
from disclosure.core.ledger.entry import Entry
from disclosure.core.ledger.protection import HistoryRefused, audit_history, protect_with_history
from disclosure.core.protected_table import ProtectedTable, protect_table
from disclosure.core.rules.sensitivity import Parameters
from tests.unit.disclosure.core.ledger.attack import Attack
from tests.unit.disclosure.core.ledger.releases import (
    PARAMETERS,
    Regions,
    corrected,
    county,
    entered,
    regions,
    release,
    world,
)  # fmt: skip
from tests.unit.disclosure.core.wages import shuffled

COUNTIES, INDUSTRIES = 8, 6
REGIONS = regions(COUNTIES, 3)
CHANGED = 120


@pytest.fixture(scope="module")
def load() -> pa.Table:
    return world(4, 500, COUNTIES, INDUSTRIES)


@pytest.fixture(scope="module")
def by_county(load: pa.Table) -> tuple[ProtectedTable, Entry]:
    return release("WR-2026-000001", load, [])


@pytest.fixture(scope="module")
def by_region(load: pa.Table, by_county: tuple[ProtectedTable, Entry]) -> tuple[ProtectedTable, Entry]:
    return release("WR-2026-000002", load, [by_county[1]], REGIONS)


def alone(name: str, contributions: pa.Table, of: Regions | None = None) -> Entry:
    """A table released as if nothing had been released before."""
    cells, entry = entered(name, contributions, of)
    return entry.with_statuses(protect_table(cells, PARAMETERS).pattern.by_key)


def test_region_table_alone_gives_away_county_cells(load: pa.Table, by_county: tuple[ProtectedTable, Entry]) -> None:
    fresh = alone("WR-2026-000002", load, REGIONS)
    found = audit_history([fresh, by_county[1]], PARAMETERS)
    assert found.exact > 0
    assert not found.clean


def test_region_table_with_the_ledger_gives_nothing_away(
    by_county: tuple[ProtectedTable, Entry], by_region: tuple[ProtectedTable, Entry]
) -> None:
    table, entry = by_region
    assert table.audit.clean
    assert audit_history([entry, by_county[1]], PARAMETERS).clean
    assert table.history is not None
    assert table.history.releases == ("WR-2026-000001",)
    assert table.history.cells_lost


def test_corrected_load_alone_gives_away_the_employers_that_changed(
    load: pa.Table, by_county: tuple[ProtectedTable, Entry], by_region: tuple[ProtectedTable, Entry]
) -> None:
    fresh = alone("WR-2026-000003", corrected(load, 1, CHANGED))
    found = audit_history([fresh, by_county[1], by_region[1]], PARAMETERS)
    assert found.exact > 0


def test_corrected_load_with_the_ledger_gives_nothing_away(
    load: pa.Table, by_county: tuple[ProtectedTable, Entry], by_region: tuple[ProtectedTable, Entry]
) -> None:
    past = [by_county[1], by_region[1]]
    table, entry = release("WR-2026-000003", corrected(load, 1, CHANGED), past)
    assert table.audit.clean
    assert audit_history([entry, *past], PARAMETERS).clean
    assert table.pattern.withheld.sum() < len(table.system)  # something is still published
    assert entry.published[[key[1:] == ("44000", "TOTAL") for key in entry.keys]].all()  # 120 changed: no secret


def test_employer_that_left_the_load_is_not_told_by_the_difference() -> None:
    """All else is unchanged: whoever has both loads' totals would read the employer's wages."""
    load = world(7, 120, 4, 3)
    _, first = release("WR-2026-000001", load, [])
    after = corrected(load, 1, 0, gone=1)
    assert audit_history([alone("WR-2026-000002", after), first], PARAMETERS).exact > 0
    table, entry = release("WR-2026-000002", after, [first])
    assert audit_history([entry, first], PARAMETERS).clean
    assert table.pattern.by_key["20161", "44000", "TOTAL"] == "S"


def test_what_was_withheld_stays_withheld_and_what_was_published_is_published_again(load: pa.Table) -> None:
    first, entry = release("WR-2026-000001", load, [])
    again, _ = release("WR-2026-000002", load, [entry])
    assert again.pattern.statuses == first.pattern.statuses


def test_unrelated_releases_change_nothing(load: pa.Table, by_county: tuple[ProtectedTable, Entry]) -> None:
    _, other_quarter = release("WR-2026-000009", world(4, 60, 3, 3, 20162), [])
    table, _ = release("WR-2026-000002", load, [other_quarter])
    assert table.history is None
    assert table.pattern.digest == by_county[0].pattern.digest


@pytest.mark.parametrize("seed", range(3))
def test_pattern_does_not_depend_on_the_order_of_rows_or_releases(seed: int) -> None:
    load = world(seed, 150, 5, 4)
    past = [release("WR-2026-000001", load, [])[1]]
    past.append(release("WR-2026-000002", load, past, regions(5, 2))[1])
    after = corrected(load, seed, 9)
    one, _ = release("WR-2026-000003", after, past)
    other, _ = release("WR-2026-000003", shuffled(after, seed), past[::-1])
    assert one.pattern.digest == other.pattern.digest


def test_published_cell_that_stricter_rules_find_sensitive_refuses_the_table(load: pa.Table) -> None:
    _, first = release("WR-2026-000001", load, [])
    cells, entry = entered("WR-2026-000002", load, REGIONS)
    with pytest.raises(HistoryRefused, match="published before") as refused:
        protect_with_history(cells, Parameters(min_enterprises=12), entry, [first])
    assert {name for name, _ in refused.value.in_the_way} == {"WR-2026-000001"}
    assert not any(
        str(value) in reason for reason in refused.value.reasons for value in first.values["wages"] if value > 99
    )


def test_last_quarters_pattern_is_preferred() -> None:
    first, _ = release("WR-2026-000001", world(11, 700, 8, 8), [])
    before = {key[1:] for key, status in first.pattern.by_key.items() if status == "S"}
    drifted = corrected(world(11, 700, 8, 8), 5, 650)
    cells, entry = entered("WR-2026-000002", drifted)
    kept = [key for key in entry.keys if key[1:] in before]
    by_itself = protect_with_history(cells, PARAMETERS, entry, [])
    steady = protect_with_history(cells, PARAMETERS, entry, [], preferred=kept)
    assert steady.audit.clean
    assert _share(steady, before) >= _share(by_itself, before)


def _share(table: ProtectedTable, before: set[tuple[str, ...]]) -> float:
    chosen = {key[1:] for key, status in table.pattern.by_key.items() if status == "S"}
    return len(chosen & before) / max(len(chosen), 1)


def test_entry_survives_its_archive(by_region: tuple[ProtectedTable, Entry]) -> None:
    entry = by_region[1]
    packed = pack(entry)
    again = unpack(packed)
    assert pack(again) == packed
    assert (again.keys, again.statuses, again.scope, again.design) == (
        entry.keys,
        entry.statuses,
        entry.scope,
        entry.design,
    )
    assert (again.values["wages"] == entry.values["wages"]).all()


def sequence(seed: int) -> tuple[Attack, list[tuple[ProtectedTable, Regions | None, int]]]:
    """Three or four releases of a small random world: counties, regions, a corrected load, regions once more."""
    draw = np.random.default_rng(seed)
    counties, industries = int(draw.integers(3, 6)), int(draw.integers(2, 5))
    loads = [world(seed, int(draw.integers(12, 60)), counties, industries)]
    loads.append(corrected(loads[0], seed, int(draw.integers(1, 8)), gone=int(draw.integers(0, 3))))
    plans: list[tuple[Regions | None, int]] = [
        (None, 0),
        (regions(counties, 2), 0),
        (None, 1),
        (regions(counties, 2), 1),
    ]
    order = draw.permutation(len(plans))[: int(draw.integers(2, 5))]
    attack, past, made = Attack(loads), [], []
    for number, plan in enumerate(sorted(order.tolist(), key=lambda one: plans[one][1])):
        of, load = plans[plan]
        try:
            table, entry = release(f"WR-2026-{number:06}", loads[load], past, of)
        except HistoryRefused:
            continue
        past.append(entry)
        made.append((table, of, load))
        _print(attack, table, of, load)
    attack.settle()
    return attack, made


def _print(attack: Attack, table: ProtectedTable, of: Regions | None, load: int) -> None:
    for key, status in table.pattern.by_key.items():
        attack.prints(_vector(attack, key, of, load), status == "F")


def _vector(attack: Attack, key: tuple[str, ...], of: Regions | None, load: int) -> np.ndarray:
    places = {code for code, _, _ in attack.groups}
    if key[1] != "44000":
        places = {place for place in places if (of or {}).get(place, place) == key[1]}
    return attack.vector(places, None if key[2] == "TOTAL" else key[2], load)


def assert_unbroken(seed: int) -> int:
    """Attack every sensitive cell of every release, from outside and from inside; return how many were attacked.

    Where an employer told apart by a later load knows more of shared cells than it was credited with, outside only.
    """
    attack, made = sequence(seed)
    spared = any(table.history is not None and table.history.lost_before for table, _, _ in made)
    inside = [] if spared else list(attack.insiders().values())
    attacked = 0
    for table, of, load in made:
        keys = table.system.keys
        for cell in np.flatnonzero(table.sensitivity.primary).tolist():
            target = attack.parts(_vector(attack, keys[cell], of, load))
            for known in [set(), *inside]:
                _assert_far(attack, target, known, int(table.sensitivity.need_up["wages"][cell]))
            attacked += 1
    return attacked


def _assert_far(attack: Attack, target: np.ndarray, known: set[int], need: int) -> None:
    others = sum(attack.truth[number] for number in np.flatnonzero(target) if number not in known)
    if not any(number not in known for number in np.flatnonzero(target)):
        return  # it is all their own
    below, above = attack.reach(target, known)
    assert above >= need * (1 - 1e-5)
    assert below >= min(need, others) * (1 - 1e-5)


def test_random_sequences_of_releases_withstand_brute_force() -> None:
    assert sum(assert_unbroken(seed) for seed in range(300 if os.environ.get("WR_LONG") else 4)) > 10


def test_brute_force_breaks_releases_that_ignore_each_other() -> None:
    broken = 0
    for seed in range(5):
        load = world(seed, 60, 4, 3)
        attack, tables = Attack([load]), []
        for of in (None, regions(4, 2)):
            cells, _ = entered("WR-2026-000001", load, of)
            table = protect_table(cells, PARAMETERS)
            tables.append((table, of))
            _print(attack, table, of, 0)
        attack.settle()
        for table, of in tables:
            for cell in np.flatnonzero(table.sensitivity.primary).tolist():
                target = attack.parts(_vector(attack, table.system.keys[cell], of, 0))
                below, above = attack.reach(target, set())
                broken += below < 0.5 and above < 0.5
    assert broken > 0
    assert county(0) == "44001"
