"""An SSN that cannot exist is no reject: its wages belong in the totals, and nobody is ever found under it.

In both worlds, with numbers that were never issued only, made at run time.
"""

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.db import connection

from matching import store
from matching.core.ssn import SsnFault, SsnWorld, refuse_reason
from matching.core.tokens import tokens
from matching.loads.loading import load_wage_records
from matching.models import Holding, Load, VaultPerson
from matching.vault import keys as vault_keys
from tests.integration.matching.test_loads import records, specimen
from tests.unit.matching.core.test_wage_layouts import fixed

pytestmark = pytest.mark.django_db
DRAW = random.Random(20161)
# area, group, serial that were never issued to anybody
NEVER_ISSUED = {
    "area 000": lambda: (0, DRAW.randint(1, 99), DRAW.randint(1, 9999)),
    "area 666": lambda: (666, DRAW.randint(1, 99), DRAW.randint(1, 9999)),
    "group 00": lambda: (DRAW.randint(1, 665), 0, DRAW.randint(1, 9999)),
    "serial 0000": lambda: (DRAW.randint(1, 665), DRAW.randint(1, 99), 0),
    "ITIN": lambda: (DRAW.randint(900, 999), DRAW.choice((50, 65, 70, 88, 90, 99)), DRAW.randint(1, 9999)),
    "ATIN": lambda: (DRAW.randint(900, 999), 93, DRAW.randint(1, 9999)),
    "all nines": lambda: (999, 99, 9999),
    "all zeros": lambda: (0, 0, 0),
}
IN_ONE_WORLD = {SsnWorld.REAL: lambda: (DRAW.randint(900, 999), 1, DRAW.randint(0, 9999)), SsnWorld.SPECIMEN: None}


def numbers(world: SsnWorld) -> list[str]:
    """One of each kind that cannot be an SSN in this world."""
    also = IN_ONE_WORLD[world]
    made = [make() for make in NEVER_ISSUED.values()] + ([also()] if also else [])
    return [f"{area:03}{group:02}{serial:04}" for area, group, serial in made]


@pytest.mark.parametrize("layout", ["csv", "fixed"])
@pytest.mark.parametrize("world", list(SsnWorld))
def test_impossible_numbers_are_loaded_counted_and_found_by_nobody(
    world: SsnWorld, layout: str, settings: Any, tmp_path: Path
) -> None:
    settings.SSN_WORLD = world.value
    impossible = [*numbers(world), "", "12345"]  # too short, and none at all
    path = tmp_path / "file"
    if layout == "csv":
        records(path, *({"ssn": ssn, "wage": 100} for ssn in impossible))
    else:
        path.write_text("\n".join(fixed(ssn=ssn.ljust(9), wage="0000000100") for ssn in impossible) + "\n")

    result = load_wage_records(path)

    assert (result.rows, result.rejected, result.unmatchable) == (len(impossible), 0, len(impossible))
    assert result.total_wages == 100 * len(impossible)
    assert (Load.objects.get().unmatchable, Holding.objects.get().unmatchable) == (len(impossible), len(impossible))
    assert not VaultPerson.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), sum(wages), max(person_id) FROM wages.wage_record")
        assert cursor.fetchone() == (len(impossible), 100 * len(impossible), 0)
    with vault_keys.held() as live:
        asked = np.array([int(ssn or 0) for ssn in impossible], np.uint32)
        assert set(store.resolve(tokens(asked, live.key)).tolist()) == {-1}


def test_every_kind_of_impossible_number_is_among_them() -> None:
    made = np.array([int(number) for number in numbers(SsnWorld.REAL)], np.uint32)
    found = {SsnFault(int(code)) for code in refuse_reason(made, SsnWorld.REAL)}
    assert found == set(SsnFault) - {SsnFault.NONE, SsnFault.NOT_A_SPECIMEN}


@pytest.mark.parametrize("layout", ["csv", "fixed"])
def test_matchable_persons_beside_them_are_found(layout: str, tmp_path: Path) -> None:
    rows = [specimen(1), *numbers(SsnWorld.SPECIMEN), specimen(2)]
    path = tmp_path / "file"
    if layout == "csv":
        records(path, *({"ssn": ssn} for ssn in rows))
    else:
        path.write_text("\n".join(fixed(ssn=ssn) for ssn in rows) + "\n")
    result = load_wage_records(path)
    assert (result.unmatchable, VaultPerson.objects.count()) == (len(rows) - 2, 2)
    with vault_keys.held() as live:
        found = store.resolve(tokens(np.array([int(ssn) for ssn in rows], np.uint32), live.key))
    assert (found > 0).tolist() == [True, *[False] * (len(rows) - 2), True]
    assert store.match(found, store.open_quarter(20161, ["44"])).table().num_rows == 2
