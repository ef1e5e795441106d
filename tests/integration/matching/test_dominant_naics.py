"""Dominant NAICS of an account, worked by hand: the largest employment, ties, last quarter's answer, no answer."""

import pytest

from matching.loads.loading import load_establishments, load_wage_records
from matching.models import EmployerQuarter, Unit
from tests.integration.matching.load_files import establishments, records

pytestmark = pytest.mark.django_db
GROCER, BAKER, BANK = "445110", "311811", "522110"
Answer = tuple[str, float | None, int, str]


def answer(uin: str = "1", quarter: int = 20161) -> Answer:
    """NAICS, share, active units and source of an account."""
    unit = Unit.objects.filter(uin=uin.zfill(10), quarter=quarter, load__status="visible").first()
    assert unit is not None
    share = None if unit.naics_share is None else round(unit.naics_share, 3)
    return unit.naics, share, unit.naics_units, unit.naics_source


def load(folder, *units: dict, quarter: int = 20161) -> Answer:
    """Loads one record of account 1 and these establishments; run and MEEI 3 unless said otherwise."""
    plain = [{"run": str(place), "meei": 3, "total_wages": 1_000} | unit for place, unit in enumerate(units, 1)]
    load_wage_records(records(folder / f"r{quarter}.csv", {}, quarter=quarter))
    load_establishments(establishments(folder / f"e{quarter}.csv", *plain, quarter=quarter))
    return answer(quarter=quarter)


CASES = {
    "most employment of a code, not of a unit": (
        [{"naics": BANK, "employed": 30}, {"naics": GROCER, "employed": 20}, {"naics": GROCER, "employed": 20}],
        (GROCER, round(40 / 70, 3), 3),
    ),
    "the mean of three months, not the last": (
        [
            {"naics": BANK, "month1": 0, "month2": 0, "month3": 50},
            {"naics": GROCER, "month1": 20, "month2": 20, "month3": 20},
        ],
        (GROCER, round(60 / 110, 3), 2),
    ),
    "employment before wages": (
        [{"naics": BANK, "employed": 1, "total_wages": 9_000_000}, {"naics": GROCER, "employed": 2}],
        (GROCER, round(2 / 3, 3), 2),
    ),
    "wages where employment is equal": (
        [{"naics": BAKER, "employed": 5, "total_wages": 10}, {"naics": BANK, "employed": 5, "total_wages": 11}],
        (BANK, 0.5, 2),
    ),
    "wages where nobody is employed": (
        [{"naics": BANK, "employed": 0, "total_wages": 300}, {"naics": BAKER, "employed": 0, "total_wages": 100}],
        (BANK, 0.75, 2),
    ),
    "the lowest code where all is equal": ([{"naics": BANK}, {"naics": BAKER}], (BAKER, 0.5, 2)),
    "masters are never added": (
        [
            {"naics": BANK, "employed": 99, "meei": 2, "run": "0"}, {"naics": BANK, "employed": 40},
            {"naics": BAKER, "employed": 59},
        ],
        (BAKER, round(59 / 99, 3), 2),
    ),
    "units without employment and wages are not active": (
        [{"naics": BAKER, "employed": 0, "total_wages": 0}, {"naics": BANK, "employed": 0, "total_wages": 5}],
        (BANK, 1.0, 1),
    ),
    "inactive ones only": ([{"naics": BANK, "employed": 0, "total_wages": 0}], (BANK, 1.0, 0)),
    "really unclassified": ([{"naics": "999999"}], ("999999", 1.0, 1)),
}  # fmt: skip


def test_dominant_naics_by_hand(tmp_path):
    """Each case is an account of one load."""
    rows = [
        {"uin": account, "run": place, "meei": 3, "total_wages": 1_000}
        | ({"employed": 0} if "month1" in unit else {})
        | unit
        for account, (units, _) in enumerate(CASES.values(), 1)
        for place, unit in enumerate(units, 1)
    ]
    load_wage_records(records(tmp_path / "r.csv", *({"uin": account} for account, _ in enumerate(CASES, 1))))
    load_establishments(establishments(tmp_path / "e.csv", *rows))
    found = {case: answer(str(account)) for account, case in enumerate(CASES, 1)}
    assert found == {case: (*expected, "establishments") for case, (_, expected) in CASES.items()}


def test_no_establishment_record_is_told_from_unclassified(tmp_path):
    load(tmp_path, {"naics": BANK})
    load_establishments(establishments(tmp_path / "other.csv", {"uin": "2"}))
    assert answer() == ("999999", None, 0, "none")


def test_a_master_alone_is_no_establishment(tmp_path):
    assert load(tmp_path, {"meei": 2, "run": "0", "naics": BANK}) == ("999999", None, 0, "none")


def test_the_vintage_is_the_winners(tmp_path):
    load(tmp_path, {"naics": BANK, "naics_vintage": 2022, "employed": 9}, {"naics": BAKER, "naics_vintage": 2017})
    assert Unit.objects.get().naics_vintage == "2017"  # the baker employs 10
    assert Unit.objects.get().rule_version == 1


def test_every_unit_of_the_account_gets_the_accounts_answer(tmp_path):
    load_establishments(
        establishments(
            tmp_path / "e.csv", {"run": "1", "meei": 3, "naics": BANK, "employed": 2}, {"run": "2", "meei": 3}
        )
    )
    load_wage_records(records(tmp_path / "r.csv", {"run": "1"}, {"run": "2"}, {"run": "0"}, {"run": "7"}))
    assert set(Unit.objects.values_list("naics", flat=True)) == {GROCER}
    assert set(EmployerQuarter.objects.values_list("naics", flat=True)) == {GROCER}


TIED = ({"naics": BAKER}, {"naics": BANK})


def test_last_quarters_answer_decides_a_tie_before_the_lowest_code(tmp_path):
    assert load(tmp_path, {"naics": BANK}, quarter=20154)[0] == BANK
    assert load(tmp_path, *TIED)[0] == BANK
    assert load(tmp_path, *TIED, quarter=20162)[0] == BANK


def test_last_quarters_answer_counts_only_among_the_tied(tmp_path):
    load(tmp_path, {"naics": GROCER}, quarter=20154)
    assert load(tmp_path, *TIED)[0] == BAKER
    assert load(tmp_path, {"naics": BAKER, "employed": 11}, {"naics": BANK}, quarter=20162)[0] == BAKER


def test_a_quarter_loaded_later_decides_the_ties_of_those_after_it(tmp_path):
    assert load(tmp_path, *TIED, quarter=20162)[0] == BAKER
    assert load(tmp_path, *TIED, quarter=20161)[0] == BAKER
    load(tmp_path, {"naics": BANK}, quarter=20154)
    assert [answer(quarter=quarter)[0] for quarter in (20154, 20161, 20162)] == [BANK] * 3
    load_establishments(establishments(tmp_path / "new.csv", {"naics": BAKER, "total_wages": 5}, quarter=20154))
    assert [answer(quarter=quarter)[0] for quarter in (20154, 20161, 20162)] == [BAKER] * 3
