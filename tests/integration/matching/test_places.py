"""Where the wages of a record were earned, worked by hand: the unit named, the only unit, the dominant county."""

import pytest

from matching.loads.loading import load_establishments, load_wage_records
from matching.models import EmployerQuarter, Unit
from tests.integration.matching.load_files import establishments, records

pytestmark = pytest.mark.django_db


Place = tuple[str | None, str | None, float | None, str, str]


def place(uin: int) -> Place:
    """County, ownership, share, source and area of the one record of an account."""
    unit, kept = Unit.objects.get(uin=f"{uin:010}"), EmployerQuarter.objects.get(uin=f"{uin:010}")
    share = None if unit.county_share is None else round(unit.county_share, 3)
    return unit.county, unit.ownership, share, unit.place_source, kept.area


TWO = [{"county_fips": "001", "employed": 30, "ownership": 5}, {"county_fips": "003", "employed": 10, "ownership": 3}]
CASES = {
    "the unit that is named": (TWO, "2", ("003", "3", 1.0, "unit", "44003")),
    "a single-unit account": (
        [{"run": "0", "meei": 1, "county_fips": "009"}], "0", ("009", "5", 1.0, "single", "44009"),
    ),
    "a single-unit account whose record names another unit": (
        [{"run": "0", "meei": 1, "county_fips": "009"}], "5", ("009", "5", 1.0, "single", "44009"),
    ),
    "the dominant county has less than all: several counties": (TWO, "0", ("001", "5", 0.75, "dominant", "44995")),
    "a unit that is not in the file": (TWO, "7", ("001", "5", 0.75, "dominant", "44995")),
    "all units in one county": (
        [{"county_fips": "001"}, {"county_fips": "001"}], "0", ("001", "5", 1.0, "dominant", "44001"),
    ),
    "the others have nobody and nothing": (
        [{"county_fips": "001"}, {"county_fips": "003", "employed": 0, "total_wages": 0}], "0",
        ("001", "5", 1.0, "dominant", "44001"),
    ),
    "counties are added up": (
        [
            {"county_fips": "001", "employed": 3}, {"county_fips": "003", "employed": 2},
            {"county_fips": "003", "employed": 2},
        ],
        "0", ("003", "5", round(4 / 7, 3), "dominant", "44995"),
    ),
    "wages where nobody is employed": (
        [
            {"county_fips": "001", "employed": 0, "total_wages": 10},
            {"county_fips": "003", "employed": 0, "total_wages": 30},
        ],
        "0", ("003", "5", 0.75, "dominant", "44995"),
    ),
    "nobody and nothing anywhere": (
        [
            {"county_fips": "003", "employed": 0, "total_wages": 0},
            {"county_fips": "001", "employed": 0, "total_wages": 0},
        ],
        "0", ("001", "5", 0.0, "dominant", "44995"),
    ),
    "a tie: more wages": (
        [{"county_fips": "001", "total_wages": 10}, {"county_fips": "003", "total_wages": 11}], "0",
        ("003", "5", 0.5, "dominant", "44995"),
    ),
    "a tie in all: the lowest county": (
        [{"county_fips": "003"}, {"county_fips": "001"}], "0", ("001", "5", 0.5, "dominant", "44995"),
    ),
    "masters are never added": (
        [{"meei": 2, "run": "0", "county_fips": "009", "employed": 900}, *TWO], "0",
        ("001", "5", 0.75, "dominant", "44995"),
    ),
    "no establishment record": ([{"uin": "999"}], "0", (None, None, None, "none", "44999")),
}  # fmt: skip


def test_place_by_hand(tmp_path):
    """Each case is an account of one load: its establishments, and the unit that its record names."""
    units = [
        {"uin": account, "run": at, "meei": 3} | unit
        for account, (given, _, _) in enumerate(CASES.values(), 1)
        for at, unit in enumerate(given, 1)
    ]
    named = [{"uin": account, "run": run} for account, (_, run, _) in enumerate(CASES.values(), 1)]
    load_establishments(establishments(tmp_path / "e.csv", *units))
    load_wage_records(records(tmp_path / "r.csv", *named))
    assert {case: place(account) for account, case in enumerate(CASES, 1)} == {
        c: want for c, (_, _, want) in CASES.items()
    }


def kept() -> list[tuple]:
    """The employers' sums with place and industry, of visible loads."""
    rows = EmployerQuarter.objects.filter(load__status="visible").order_by("quarter", "uin", "run")
    return list(rows.values_list("quarter", "uin", "run", "area", "naics", "ownership", "persons", "jobs", "wages"))


def test_sums_are_the_same_in_both_orders_of_loading(tmp_path):
    employers = establishments(
        tmp_path / "e.csv", *({"run": str(at), "meei": 3, **unit} for at, unit in enumerate(TWO))
    )
    paid = records(tmp_path / "r.csv", {"run": "0"}, {"run": "1"}, {"uin": "2"})
    load_establishments(employers)
    load_wage_records(paid)
    first = kept()
    load_wage_records(records(tmp_path / "other.csv", {"uin": "3"}))
    load_establishments(establishments(tmp_path / "none.csv", {"uin": "9"}))
    assert {row[3:6] for row in kept()} == {("44999", "999999", "X")}
    load_wage_records(paid)
    load_establishments(employers)
    assert kept() == first
    assert {row[3] for row in first} == {"44995", "44003", "44999"}


def test_a_corrected_establishment_file_moves_the_sums_with_it(tmp_path):
    load_wage_records(records(tmp_path / "r.csv", {}))
    load_establishments(establishments(tmp_path / "e.csv", {"county_fips": "001"}))
    load_establishments(establishments(tmp_path / "f.csv", {"county_fips": "003", "naics": "522110", "ownership": 2}))
    assert [row[3:6] for row in kept()] == [("44003", "522110", "2")]
