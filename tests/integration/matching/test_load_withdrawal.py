"""Loads taken back and dropped: what is in use afterwards, what is gone, and who is told."""

from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from matching.core.load_files.rejects import LoadRefused
from matching.core.tokens import tokens
from matching.loads import unit_ranges
from matching.loads.loading import load_establishments, load_wage_records
from matching.loads.withdrawal import drop_load, undo_load
from matching.models import Establishment, Holding, Kind, Load, PinnedLoad, Segment, Unit
from matching.store import match, open_quarter, resolve
from matching.vault.persons import ssn_key
from requests_app.models import Event
from tests.integration.matching.test_loads import establishments, records, specimen

pytestmark = pytest.mark.django_db
WAGES = Kind.WAGE_RECORDS
WHICH = ("44", "20161", "wage_records")


@pytest.fixture
def loaded(tmp_path: Path) -> Path:
    """Version 1 with wages of 100, version 2 with 250."""
    load_wage_records(records(tmp_path / "a.csv", {"wage": "100"}))
    load_wage_records(records(tmp_path / "b.csv", {"wage": "250"}))
    return tmp_path


def wages() -> list[int]:
    ids = resolve(tokens(np.array([int(specimen(1))], np.uint32), ssn_key()))
    return list(match(ids, open_quarter(20161, ["44"])).table().column("wages").to_pylist())


def statuses() -> list[str]:
    of_loads = list(Load.objects.filter(kind=WAGES).order_by("version").values_list("status", flat=True))
    assert of_loads == list(Holding.objects.filter(kind=WAGES).order_by("version").values_list("status", flat=True))
    return of_loads


def test_undone_load_gives_way_to_the_one_before(loaded: Path) -> None:
    assert wages() == [250]
    undone, before, concerned = undo_load(WAGES, "44", 20161)
    assert (undone.version, before and before.version, concerned) == (2, 1, [])
    assert (wages(), statuses()) == ([100], ["visible", "undone"])
    assert Event.objects.get(kind="wage_records.undo").detail == {"in_use": 1}
    undo_load(WAGES, "44", 20161)
    assert (wages(), statuses()) == ([], ["undone", "undone"])
    with pytest.raises(LoadRefused, match="nothing can be undone"):
        undo_load(WAGES, "44", 20161)


def test_place_follows_establishments_that_are_undone(tmp_path: Path) -> None:
    load_wage_records(records(tmp_path / "a.csv", {}))
    load_establishments(establishments(tmp_path / "e.csv", {}))
    assert Unit.objects.get().naics == "445110"
    undo_load(Kind.ESTABLISHMENTS, "44", 20161)
    assert Unit.objects.get().naics == "999999"


def test_final_load_is_undone_on_purpose_only(tmp_path: Path) -> None:
    load_wage_records(records(tmp_path / "a.csv", {}), final=True)
    with pytest.raises(CommandError, match="--final"):
        call_command("undo_load", *WHICH)
    call_command("undo_load", *WHICH, "--final", stdout=StringIO())
    assert statuses() == ["undone"]


def test_dropped_version_leaves_its_counts_only(loaded: Path) -> None:
    out = StringIO()
    call_command("drop_load", *WHICH, "1", stdout=out)
    assert "version 1 is dropped, 1 rows" in out.getvalue()
    assert (statuses(), wages()) == (["dropped", "visible"], [250])
    assert not Unit.objects.filter(load__version=1).exists()
    assert not Segment.objects.filter(load__version=1).exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('wages.wage_record_1'), to_regclass('wages.wage_record_2') IS NULL")
        assert cursor.fetchone() == (None, False)
    undo_load(WAGES, "44", 20161)
    assert statuses() == ["dropped", "undone"]  # what is dropped does not come back


def ranges() -> list[tuple[int, int]]:
    kept = Load.objects.filter(kind=WAGES).exclude(status="dropped").order_by("first_unit")
    return [(first or 0, last or 0) for first, last in kept.values_list("first_unit", "last_unit")]


def test_unit_numbers_of_a_dropped_version_are_used_again(loaded: Path) -> None:
    assert ranges() == [(1, 1), (2, 2)]
    drop_load(WAGES, "44", 20161, 1)
    two = records(loaded / "two.csv", {}, {"uin": "8"}, quarter=20162)
    load_wage_records(two)
    assert ranges() == [(2, 2), (3, 4)]  # the gap is too small for two
    load_wage_records(records(loaded / "one.csv", {"wage": "7"}, quarter=20163))
    assert ranges() == [(1, 1), (2, 2), (3, 4)]
    assert wages() == [250]
    undo_load(WAGES, "44", 20162)
    drop_load(WAGES, "44", 20162, 1)
    load_wage_records(two)
    assert ranges() == [(1, 1), (2, 2), (3, 4)]


def test_file_for_whose_units_no_numbers_are_left_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unit_ranges, "LAST", 1)
    load_wage_records(records(tmp_path / "a.csv", {}))
    with pytest.raises(LoadRefused, match="drop versions out of use"):
        load_wage_records(records(tmp_path / "b.csv", {}, quarter=20162))
    assert Load.objects.count() == 1


@pytest.mark.parametrize(("version", "words"), [("2", "cannot be dropped"), ("3", "no version 3")])
def test_version_in_use_or_unknown_is_not_dropped(loaded: Path, version: str, words: str) -> None:
    with pytest.raises(CommandError, match=words):
        call_command("drop_load", *WHICH, version)


def test_version_that_results_rest_on_is_dropped_on_purpose_only(loaded: Path) -> None:
    PinnedLoad.objects.create(
        request_number="WR-2026-000007", step="match", load_id=1, state="44", quarter=20161, kind=WAGES, version=1,
        pinned_at=timezone.now(),
    )  # fmt: skip
    with pytest.raises(LoadRefused, match="WR-2026-000007"):
        drop_load(WAGES, "44", 20161, 1)
    assert drop_load(WAGES, "44", 20161, 1, although_used=True).status == "dropped"


def test_dropped_establishments_are_gone(tmp_path: Path) -> None:
    load_establishments(establishments(tmp_path / "e.csv", {}))
    load_establishments(establishments(tmp_path / "f.csv", {"uin": "8"}))
    drop_load(Kind.ESTABLISHMENTS, "44", 20161, 1)
    assert [one.uin for one in Establishment.objects.all()] == ["0000000008"]


def test_several_files_are_loaded_each_for_itself(tmp_path: Path) -> None:
    good = records(tmp_path / "a.csv", {})
    other = records(tmp_path / "b.csv", {}, quarter=20162)
    bad = records(tmp_path / "c.csv", {}, {"state": "10"})
    out, errors = StringIO(), StringIO()
    paths = [str(good), str(bad), str(tmp_path / "nothing.csv"), str(other)]
    with pytest.raises(CommandError, match="2 of 4 files were refused; the others are loaded"):
        call_command("load_wage_records", *paths, stdout=out, stderr=errors)
    assert sorted(Load.objects.values_list("quarter", flat=True)) == [20161, 20162]
    assert "c.csv: Line 3 is of another state or quarter" in errors.getvalue()
    assert "nothing.csv: No such file or directory. Nothing of it was loaded." in errors.getvalue()
    assert out.getvalue().count("1 rows, 0 rejected") == 2
