"""Loads into real PostgreSQL: totals agree with the file, a repeat changes nothing, a correction replaces."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import connection

from matching.loads.loading import LoadRefused, load_establishments, load_wage_records
from matching.models import EmployerQuarter, Holding, Load, Unit, VaultPerson
from matching.services.match_scope import before_release
from requests_app.models import Event
from tests.integration.matching.load_files import establishments, records, specimen

pytestmark = pytest.mark.django_db


def snapshot() -> dict[str, list]:
    """Everything the loads keep, as rows."""
    tables = (
        "wages.wage_record",
        "wages.unit",
        "wages.employer_quarter",
        "wages.segment",
        "wages.establishment",
        "wages.load",
        "vault.person",
        "summaries.holding",
    )
    with connection.cursor() as cursor:
        found = {}
        for table in tables:
            cursor.execute(f"SELECT t::text FROM {table} t ORDER BY 1")
            found[table] = cursor.fetchall()
        return found


def test_load_keeps_what_the_file_says(tmp_path):
    path = records(
        tmp_path / "a.csv",
        {"wage": "100", "hours": "40", "weeks": "12"}, {"wage": "-30", "uin": "2"},
        {"ssn": specimen(2), "wage": "2147483647"}, {"ssn": specimen(3), "wage": "x"},
    )  # fmt: skip
    result = load_wage_records(path)
    assert (result.state, result.quarter, result.version, result.rows) == ("44", 20161, 1, 3)
    assert (result.rejects, result.reject_lines) == ({"wage_not_whole_dollars": 1}, {"wage_not_whole_dollars": [5]})
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), sum(wages), count(hours), max(weeks) FROM wages.wage_record")
        assert cursor.fetchone() == (3, 100 - 30 + 2147483647, 1, 12)
    assert (VaultPerson.objects.count(), result.total_wages) == (2, 2147483717)
    assert Event.objects.filter(kind="wage_records.load").count() == 1


def test_units_are_numbered_in_the_order_of_the_output(tmp_path):
    load_wage_records(
        records(tmp_path / "a.csv", {"uin": "9"}, {"uin": "1", "run": "2"}, {"uin": "1", "run": "1"}, {"uin": "10"})
    )
    assert list(Unit.objects.order_by("unit_id").values_list("uin", "run")) == [
        ("0000000001", "00001"), ("0000000001", "00002"), ("0000000009", "00000"), ("0000000010", "00000"),
    ]  # fmt: skip


def test_impossible_numbers_are_counted_and_get_no_token(tmp_path):
    rows = [{"ssn": "0" * 9}, {"ssn": "9" * 9}, {"ssn": "12345"}, {"ssn": ""}, {"ssn": specimen(1)}]
    result = load_wage_records(records(tmp_path / "a.csv", *rows))
    assert (result.rows, result.unmatchable, VaultPerson.objects.count()) == (5, 4, 1)
    kept = EmployerQuarter.objects.get()
    assert (kept.jobs, kept.persons, kept.wages) == (5, 5, 500)


def test_person_with_two_records_counts_once_per_employer(tmp_path):
    load_wage_records(records(tmp_path / "a.csv", {}, {}, {"uin": "2"}, {"ssn": specimen(2)}))
    sums = EmployerQuarter.objects.order_by("uin").values_list("persons", "jobs", "wages", "enterprise")
    assert list(sums) == [(2, 3, 300, "000000007"), (1, 1, 100, "000000007")]


def test_same_file_again_changes_nothing(tmp_path):
    path = records(tmp_path / "a.csv", {}, {"ssn": specimen(2)})
    load_wage_records(path)
    before = snapshot()
    assert load_wage_records(path).unchanged
    assert snapshot() == before


def test_corrected_file_replaces_and_keeps_the_old_version(tmp_path):
    load_wage_records(records(tmp_path / "a.csv", {"wage": "100"}))
    second = load_wage_records(records(tmp_path / "b.csv", {"wage": "250"}))
    assert second.version == 2
    assert list(Load.objects.order_by("version").values_list("status", flat=True)) == ["superseded", "visible"]
    assert list(Holding.objects.order_by("version").values_list("version", "status")) == [
        (1, "superseded"),
        (2, "visible"),
    ]
    assert VaultPerson.objects.count() == 1


BROKEN = {"two quarters": [{}, {"quarter": "2"}], "two states": [{}, {"state": "10"}], "nothing": [{"wage": "x"}]}


@pytest.mark.parametrize("case", BROKEN)
def test_refused_file_leaves_nothing(tmp_path, case):
    load_wage_records(records(tmp_path / "a.csv", {}))
    before = snapshot()
    with pytest.raises(LoadRefused):
        load_wage_records(records(tmp_path / "b.csv", *BROKEN[case]))
    assert snapshot() == before


def test_another_key_is_refused_before_a_token_is_written(tmp_path, settings):
    load_wage_records(records(tmp_path / "a.csv", {}))
    other = tmp_path / "key"
    other.write_bytes(bytes(32))
    settings.SSN_KEY_FILE = other
    with pytest.raises(LoadRefused, match="key"):
        load_wage_records(records(tmp_path / "b.csv", {"wage": "5"}))


def test_worlds_never_share_a_vault(tmp_path, settings):
    load_wage_records(records(tmp_path / "a.csv", {}))
    settings.SSN_WORLD = "real"
    with pytest.raises(LoadRefused, match="world"):
        load_wage_records(records(tmp_path / "b.csv", {"wage": "5"}))


UNITS = (
    {"uin": "1", "run": "0", "meei": "2", "naics": "999990", "employed": 99},
    {"uin": "1", "run": "1", "meei": "3", "naics": "445110", "county_fips": "001", "employed": 10},
    {"uin": "1", "run": "2", "meei": "3", "naics": "722511", "county_fips": "003", "employed": 6},
    {"uin": "1", "run": "3", "meei": "3", "naics": "722511", "county_fips": "003", "employed": 6},
    {"uin": "2", "naics": "111110", "county_fips": "005", "ownership": "3"},
)
FOUND_AT = ({"uin": "1"}, {"uin": "1", "run": "1"}, {"uin": "2"}, {"uin": "3"})
EXPECTED = [
    ("0000000001", "00000", "003", "dominant", "722511", "44995", "5"),
    ("0000000001", "00001", "001", "unit", "722511", "44001", "5"),
    ("0000000002", "00000", "005", "single", "111110", "44005", "3"),
    ("0000000003", "00000", None, "none", "999999", "44999", "X"),
]


@pytest.mark.parametrize("order", ["records first", "establishments first"])
def test_place_and_industry_do_not_depend_on_the_order_of_loading(tmp_path, order):
    steps = [
        lambda: load_wage_records(records(tmp_path / "a.csv", *FOUND_AT)),
        lambda: load_establishments(establishments(tmp_path / "e.csv", *map(dict, UNITS))),
    ]
    for step in steps if order == "records first" else reversed(steps):
        step()
    units = list(Unit.objects.order_by("unit_id").values_list("uin", "run", "county", "place_source", "naics"))
    kept = list(EmployerQuarter.objects.order_by("unit_id").values_list("area", "ownership"))
    assert [(*unit, *sums) for unit, sums in zip(units, kept, strict=True)] == EXPECTED
    shares = Unit.objects.order_by("unit_id").values_list("naics_share", "county_share", "naics_units")
    assert [tuple(round(Decimal(v), 4) for v in row) for row in shares[:1]] == [
        (round(Decimal(12 / 22), 4), round(Decimal(12 / 22), 4), 3)
    ]


def test_new_establishments_change_place_and_industry(tmp_path):
    load_wage_records(records(tmp_path / "a.csv", {"uin": "2"}))
    load_establishments(establishments(tmp_path / "e.csv", {"uin": "2", "naics": "111110"}))
    load_establishments(establishments(tmp_path / "f.csv", {"uin": "8"}))
    assert Unit.objects.values_list("naics", "naics_source", "county").get() == ("999999", "none", None)
    assert EmployerQuarter.objects.values_list("area", "naics", "ownership").get() == ("44999", "999999", "X")


TIES = {
    "larger wages": ({"naics": "722511", "total_wages": 5}, {"naics": "445110", "total_wages": 4}, None, "722511"),
    "lowest code": ({"naics": "722511"}, {"naics": "445110"}, None, "445110"),
    "last quarter's answer": ({"naics": "722511"}, {"naics": "445110"}, "722511", "722511"),
    "wages where employment is zero": (
        {"naics": "722511", "employed": 0, "total_wages": 9},
        {"naics": "445110", "employed": 0, "total_wages": 4},
        None,
        "722511",
    ),
}  # fmt: skip


@pytest.mark.parametrize("tie", TIES)
def test_ties_of_the_dominant_industry(tmp_path, tie):
    first, second, last_quarter, answer = TIES[tie]
    if last_quarter:
        load_establishments(establishments(tmp_path / "d.csv", {"naics": last_quarter}, quarter=20154))
        load_wage_records(records(tmp_path / "b.csv", {}, quarter=20154))
    load_establishments(
        establishments(tmp_path / "e.csv", {"run": "1", "meei": "3"} | first, {"run": "2", "meei": "3"} | second)
    )
    load_wage_records(records(tmp_path / "a.csv", {}))
    assert Unit.objects.get(quarter=20161).naics == answer


def test_no_number_of_a_person_is_kept_anywhere(tmp_path):
    load_wage_records(records(tmp_path / "a.csv", {"ssn": specimen(4321)}, {"ssn": "666" + "12" + "3456"}))
    kept = str(snapshot())
    assert specimen(4321) not in kept
    assert "666" + "12" not in kept


def test_official_release_is_kept_with_the_holding_and_by_a_correction(tmp_path):
    first, second = records(tmp_path / "a.csv", {}), records(tmp_path / "b.csv", {"wage": "101"})
    call_command("load_wage_records", str(first), "--released-on", "2031-05-04")
    assert Holding.objects.get().release_date == date(2031, 5, 4)
    load_wage_records(second)
    assert Holding.objects.get(version=2).release_date == date(2031, 5, 4)
    assert before_release(["44", "10"], [20161], date(2031, 5, 3)) == [("44", 20161)]
    assert before_release(["44"], [20161], date(2031, 5, 4)) == before_release(["44"], [20162], date(2030, 1, 1)) == []
    call_command("load_establishments", str(establishments(tmp_path / "c.csv", {})), "--released-on", "2032-01-01")
    assert before_release(["44"], [20161], date(2031, 12, 31)) == [("44", 20161)]
