"""How good a load is, worked by hand: flagged records and accounts, comparisons, in whatever order files come."""

from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from matching.core.edits.fences import FEWEST
from matching.loads.loading import LoadRefused, load_establishments, load_wage_records
from matching.loads.published_qcew import load_published
from matching.loads.quality import RULES
from matching.models import AccountFlag, Holding, Load, LoadQuality, PublishedComparison, RecordFlag, Unit
from matching.sql.statements import statement
from tests.integration.matching.load_files import establishments, records, specimen
from tests.integration.matching.test_published_qcew import cell, file

pytestmark = pytest.mark.django_db


def quality(kind: str = "wage_records", quarter: int = 20161) -> LoadQuality:
    load = Load.objects.get(kind=kind, quarter=quarter, status="visible")
    return LoadQuality.objects.get(pk=load.pk)


def account_flags(kind: str = "wage_records", quarter: int = 20161) -> set[tuple]:
    """Edit, account, unit, and the two figures."""
    flags = AccountFlag.objects.filter(load_id=quality(kind, quarter).pk).values_list(
        "edit", "uin", "run", "loaded", "compared"
    )
    return {(edit, int(uin), run, loaded, compared) for edit, uin, run, loaded, compared in flags}


def test_records_are_counted_and_flagged(tmp_path):
    plain = [{"ssn": specimen(n), "wage": 9_000 + n, "hours": 40, "weeks": 13} for n in range(10, 60)]
    many = [{"ssn": specimen(99), "uin": 100 + n, "wage": 9_000} for n in range(14)]
    odd = [
        {"ssn": specimen(1), "wage": 9_000}, {"ssn": specimen(1), "wage": 9_000}, {"ssn": specimen(1), "wage": 8_999},
        {"ssn": specimen(2), "wage": -5, "ein": ""}, {"ssn": specimen(3), "wage": 9_000_000, "run": 3},
        {"ssn": specimen(4), "wage": 1}, {"ssn": "000000000", "wage": 9_000}, {"ssn": "000000000", "wage": 9_000},
        {"ssn": specimen(5), "wage": "x"},
    ]  # fmt: skip
    load_wage_records(records(tmp_path / "r.csv", *plain, *many, *odd))
    found = quality()
    assert found.edits == {
        "duplicate": 1, "same_unit": 1, "negative_wages": 1, "high_wages": 1, "low_wages": 1, "many_employers": 14,
    }  # fmt: skip
    assert (found.rows, found.rejected, found.unmatchable, found.persons) == (72, 1, 2, 55)
    assert (found.reject_lines, found.missing_hours, found.missing_weeks) == ({"wage_not_whole_dollars": [74]}, 22, 22)
    assert (found.accounts, found.units, found.without_unit, found.without_ein) == (15, 17, 71, 1)
    assert (found.places["none"], found.rules["multiplier"], found.rows_quarter_before) == (72, 3.0, None)
    listed = RecordFlag.objects.exclude(edit="many_employers").order_by("number")
    assert sorted(listed.values_list("edit", "wages")) == [
        ("duplicate", 9_000), ("high_wages", 9_000_000), ("low_wages", 1), ("negative_wages", -5), ("same_unit", 9_000),
    ]  # fmt: skip
    high = RecordFlag.objects.get(edit="high_wages")
    assert (Unit.objects.get(pk=high.unit_id).run, high.load_id) == ("00003", found.pk)


def test_accounts_against_the_quarter_before_and_the_establishments(tmp_path):
    load_wage_records(records(tmp_path / "a.csv", {"uin": 1}, {"uin": 2}, {"uin": 2}, quarter=20154))
    persons = [{"ssn": specimen(n), "uin": 4, "wage": 9_000} for n in range(10)]
    load_wage_records(records(tmp_path / "b.csv", {"uin": 1, "wage": 90_000}, {"uin": 3, "wage": 1_000}, *persons))
    assert account_flags() == {
        ("new_account", 3, "", 1, None), ("new_account", 4, "", 10, None), ("vanished_account", 2, "", None, 2),
    }  # fmt: skip
    load_establishments(
        establishments(
            tmp_path / "e.csv",
            {"uin": 1, "employed": 1, "total_wages": 70_000},
            {"uin": 4, "run": 0, "meei": 2, "employed": 900, "total_wages": 900_000},
            {"uin": 4, "run": 1, "meei": 3, "employed": 10, "total_wages": 50_000},
            {"uin": 4, "run": 2, "meei": 3, "employed": 6, "total_wages": 40_000},
            {"uin": 5, "total_wages": 7},
            {"uin": 6, "total_wages": 7, "ownership": 1},
            {"uin": 7, "total_wages": 0},
        )
    )
    assert {flag for flag in account_flags() if flag[0] not in ("new_account", "vanished_account")} == {
        ("no_establishment", 3, "", 1_000, None), ("no_wage_records", 5, "", None, 7),
        ("wages_apart", 1, "", 90_000, 70_000), ("fewer_jobs", 4, "", 10, 16),
    }  # fmt: skip
    assert quality().account_edits == {
        "new_account": 2, "vanished_account": 1, "no_establishment": 1, "no_wage_records": 1, "wages_apart": 1,
        "fewer_jobs": 1,
    }  # fmt: skip
    assert quality().places == {"unit": 0, "single": 1, "dominant": 10, "several": 0, "none": 1}


def test_comparisons_follow_what_comes_later_or_is_corrected(tmp_path):
    load_wage_records(records(tmp_path / "now.csv", {"uin": 1}, {"uin": 2}))
    assert (account_flags(), quality().rows_quarter_before) == (set(), None)
    load_wage_records(records(tmp_path / "before.csv", {"uin": 1}, quarter=20154))
    load_wage_records(records(tmp_path / "year.csv", {"uin": 9}, {"uin": 9}, {"uin": 9, "wage": 7}, quarter=20151))
    assert account_flags() == {("new_account", 2, "", 1, None)}
    assert (quality().rows_quarter_before, quality().wages_quarter_before) == (1, 100)
    assert (quality().rows_year_before, quality().wages_year_before) == (3, 207)
    load_wage_records(records(tmp_path / "corrected.csv", {"uin": 2}, {"uin": 3}, quarter=20154))
    assert account_flags() == {("new_account", 1, "", 1, None), ("vanished_account", 3, "", None, 1)}
    assert LoadQuality.objects.count() == 4


def test_establishments_are_flagged(tmp_path):
    usual = [{"uin": n, "total_wages": 1_000 * n} for n in range(100, 180, 2)]
    odd = [
        {"uin": 1, "run": 4, "total_wages": 130_000}, {"uin": 2, "total_wages": 130_000},
        {"uin": 2, "total_wages": 130_000}, {"uin": 3, "meei": 2, "total_wages": 5},
        {"uin": 4, "meei": 3, "run": 1, "total_wages": 130_000},
        {"uin": 5, "meei": 2, "employed": 9, "total_wages": 130_000},
        {"uin": 5, "meei": 3, "run": 1, "total_wages": 130_000}, {"uin": 6, "employed": 0, "total_wages": 8},
        {"uin": 7, "total_wages": 0, "taxable_wages": 0},
        {"uin": 8, "month1": 50, "month2": 100, "month3": 99, "total_wages": 1_300_000},
        {"uin": 9, "taxable_wages": 130_001, "total_wages": 130_000}, {"uin": 10, "total_wages": 9_000_000},
        {"uin": 11, "total_wages": 910, "taxable_wages": 0, "month2_flag": "I", "month3_flag": "R"},
    ]  # fmt: skip
    load_establishments(establishments(tmp_path / "e.csv", *usual, *odd))
    found = {flag[:3]: flag[3:] for flag in account_flags("establishments")}
    assert found.pop(("low_weekly_wage", 11, "00000"))[0] == 7
    assert found.pop(("high_weekly_wage", 10, "00000"))[0] == 69_231
    assert found == {
        ("meei_and_run", 1, "00004"): (1, None), ("unit_twice", 2, "00000"): (2, 1),
        ("several_single_units", 2, ""): (2, 1), ("master_without_units", 3, ""): (None, None),
        ("units_without_master", 4, ""): (None, None), ("master_apart", 5, ""): (130_000, 130_000),
        ("wages_no_employment", 6, "00000"): (8, 0), ("taxable_over_total", 6, "00000"): (900, 8),
        ("employment_no_wages", 7, "00000"): (0, 30), ("month_jump", 8, "00000"): (100, 50),
        ("taxable_over_total", 9, "00000"): (130_001, 130_000),
    }  # fmt: skip
    kept = quality("establishments")
    assert (kept.accounts, kept.units, kept.imputed_months, kept.employment) == (50, 51, 1, 49 * 10 + 99)
    assert (kept.edits["unit_twice"], kept.edits["taxable_over_total"]) == (1, 2)
    assert kept.account_edits["several_single_units"] == 1


def compared(kind: str) -> dict[tuple[str, str], tuple]:
    rows = PublishedComparison.objects.filter(load_id=quality(kind).pk)
    return {(row.ownership, row.measure): (row.loaded, row.published, row.disclosure_code) for row in rows}


def published(folder: Path) -> Path:
    """Statewide totals by owner: private published, local government withheld, federal published."""
    values = {"month1_emplvl": 10, "month2_emplvl": 10, "month3_emplvl": 12, "total_qtrly_wages": 2_000}
    zeros = dict.fromkeys(values, 0)
    here = {"area_fips": "44000", "agglvl_code": 51}
    return file(
        folder / "p.csv", cell(**here, own_code=5, qtrly_estabs=2, **values),
        cell(**here, own_code=3, qtrly_estabs=4, disclosure_code="N", **zeros), cell(**here, own_code=1, **values),
    )  # fmt: skip


@pytest.mark.parametrize("published_first", [True, False])
def test_totals_beside_published_qcew(tmp_path, published_first):
    path = published(tmp_path)
    if published_first:
        load_published(path, lambda _done, _known: None)
    load_establishments(establishments(tmp_path / "e.csv", {"total_wages": 1_900}))
    load_wage_records(records(tmp_path / "r.csv", {}, {"ssn": specimen(2), "wage": 60}, {"uin": 9}))
    if not published_first:
        load_published(path, lambda _done, _known: None)
    assert compared("wage_records") == {
        ("5", "employment"): (2, Decimal("10.7"), ""), ("5", "total_wages"): (160, 2_000, ""),
        ("3", "employment"): (0, None, "N"), ("3", "total_wages"): (0, None, "N"),
        ("X", "employment"): (1, None, None), ("X", "total_wages"): (100, None, None),
    }  # fmt: skip
    establishment = compared("establishments")
    assert establishment["5", "establishments"] == (1, 2, "")
    assert establishment["5", "month3"] == (10, 12, "")
    assert establishment["3", "establishments"] == (0, 4, "N")
    assert establishment["3", "total_wages"] == (0, None, "N")
    assert establishment["1", "total_wages"] == (0, 2_000, "")


def test_a_final_load_is_corrected_only_by_a_final_one(tmp_path):
    path = records(tmp_path / "a.csv", {})
    load_wage_records(path)
    load_wage_records(records(tmp_path / "b.csv", {"wage": 7}))
    assert [holding.edition for holding in Holding.objects.order_by("version")] == ["Initial", "Revision 1"]
    assert load_wage_records(tmp_path / "b.csv", final=True).unchanged
    assert Holding.objects.get(version=2).edition == "Final"
    with pytest.raises(LoadRefused, match="is final"):
        load_wage_records(path)
    assert load_wage_records(path, final=True).version == 3
    assert Holding.objects.get(status="visible").edition == "Final"


def test_report_says_lines_codes_and_accounts_and_no_person(tmp_path, capsys):
    paid = [{"ssn": specimen(n), "wage": 9_000 + n} for n in range(30)]
    load_wage_records(
        records(tmp_path / "r.csv", *paid, {"ssn": specimen(40), "wage": -5}, {"wage": "x"}, {"wage": "y"})
    )
    load_establishments(establishments(tmp_path / "e.csv", {"uin": 8}))
    accounts, flagged = tmp_path / "accounts.csv", tmp_path / "records.csv"
    call_command("load_report", "44", "20161", "wage_records", "--accounts", accounts, "--records", flagged)
    said = capsys.readouterr().out
    assert "wage_not_whole_dollars: 2, lines 33 to 34" in said
    assert "1: Wages below zero (negative_wages)" in said
    assert "No establishment record in the quarter (no_establishment):\n  0000000001: 270,430 / -" in said
    assert flagged.read_text().splitlines() == ["edit,uin,run,wages", "negative_wages,0000000001,00000,-5"]
    assert "no_wage_records,0000000008,,,1000" in accounts.read_text()
    assert accounts.stat().st_mode & 0o077 == 0
    assert specimen(40) not in said + accounts.read_text() + flagged.read_text()
    with pytest.raises(CommandError, match="File exists"):
        call_command("load_report", "44", "20161", "wage_records", "--accounts", accounts)
    with pytest.raises(CommandError, match="No such load"):
        call_command("load_report", "44", "20162", "wage_records")


def test_flags_of_a_load_are_the_same_when_it_is_loaded_again_elsewhere(tmp_path):
    rows = [{"ssn": specimen(n % 20), "wage": (n * n) % 700, "uin": n % 3} for n in range(300)]
    load_wage_records(records(tmp_path / "a.csv", *rows))
    first = list(RecordFlag.objects.order_by("number").values_list("number", "wages", "edit"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM wages.wage_record WHERE person_id > 0")
        assert cursor.fetchone() == (300,)
    load_wage_records(records(tmp_path / "b.csv", *rows, {"ssn": specimen(77), "wage": "x"}))
    again = RecordFlag.objects.filter(load_id=quality().pk).order_by("number")
    assert list(again.values_list("number", "wages", "edit")) == first
    assert len(first) > 10


def test_fences_of_weekly_wages_are_worked_out_once(tmp_path):
    """Rows of a load have no statistics yet; a planner that takes them for one would work fences out for every row."""
    many = [{"uin": n, "total_wages": 1_000 * n} for n in range(100, 300)]
    load_establishments(establishments(tmp_path / "e.csv", *many))
    parameters = RULES | {"load": quality("establishments").pk, "before": None, "fewest": FEWEST}
    with connection.cursor() as cursor:
        AccountFlag.objects.all().delete()
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement('account_flags_establishments')}", parameters)
        plan = cursor.fetchone()[0][0]["Plan"]
    percentiles = [node for node in nodes(plan) if node.get("Subplan Name") == "CTE fourth"]
    assert [node["Actual Loops"] for node in percentiles] == [1]


def nodes(plan: dict) -> list[dict]:
    return [plan, *(below for part in plan.get("Plans", []) for below in nodes(part))]
