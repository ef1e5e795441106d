"""Real published QCEW agrees with itself in every column; what was tampered with is found."""

import csv
import gzip
import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command

from matching.core.qcew.checks.changes import check_changes
from matching.core.qcew.checks.printed import Printed
from matching.core.qcew.checks.quotients import check_quotients
from matching.core.qcew.checks.years import check_years
from matching.core.qcew.figures import change_in_tenths, quotient_in_hundredths
from matching.core.qcew.layout import QcewError

DATA = Path(__file__).parents[4] / "data"
DELAWARE = sorted((DATA / "qcew_2016" / "de").glob("*.csv.gz"))
OHIO = sorted((DATA / "qcew_annual").glob("*.csv.gz"))

Row = dict[str, str]


@pytest.fixture(scope="module")
def delaware() -> Printed:
    return Printed(DELAWARE)


@pytest.fixture(scope="module")
def ohio() -> Printed:
    return Printed(OHIO)


def test_changes_over_the_year_agree(delaware: Printed) -> None:
    found = check_changes(delaware)
    assert found.good
    assert found.rows == 31_656
    assert found.values > 100_000
    assert found.sums > 70_000
    assert found.sums_of_ended < 0.02 * found.sums


def test_quotients_agree_on_the_nation(delaware: Printed) -> None:
    found = check_quotients(delaware)
    assert found.good
    assert found.values > 90_000
    assert found.shares > 20_000


def test_years_agree_with_each_other(ohio: Printed) -> None:
    years, changes = check_years(ohio), check_changes(ohio)
    assert years.good
    assert changes.good
    assert min(years.pairs, years.changes, years.pay) > 500


def change(name: str, by: Callable[[str], str]) -> Callable[[Row], None]:
    """Return what changes a column of a row."""

    def changed(row: Row) -> None:
        row[name] = by(row[name])

    return changed


def more(text: str) -> str:
    return str(int(text) + 1)


@pytest.mark.parametrize(
    ("tamper", "finds"),
    [
        (change("oty_month3_emplvl_chg", more), lambda read: check_changes(read).sums_broken),
        (change("oty_total_qtrly_wages_pct_chg", lambda text: str(float(text) + 0.1)),
         lambda read: check_changes(read).percent_wrong),
        (change("oty_month1_emplvl_chg", lambda _text: "999999999"), lambda read: check_changes(read).below_zero),
        (change("lq_month3_emplvl", lambda text: str(float(text) + 0.05)),
         lambda read: check_quotients(read).shares_broken),
    ],
)  # fmt: skip
def test_one_wrong_figure_is_found(
    tmp_path: Path, tamper: Callable[[Row], None], finds: Callable[[Printed], int]
) -> None:
    copies = [tmp_path / path.name.removesuffix(".gz") for path in DELAWARE]
    for path, copy in zip(DELAWARE, copies, strict=True):
        lines = gzip.decompress(path.read_bytes()).decode().splitlines()
        rows = [row for row in csv.DictReader(lines) if row["qtr"] == "1"]
        if "10003" in path.name:
            tamper(next(row for row in rows if (row["own_code"], row["industry_code"]) == ("5", "722")))
        with copy.open("w", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    assert finds(Printed(copies)) > 0


@pytest.mark.parametrize(
    ("change", "before", "tenths"),
    [(1, 16, 62), (3, 16, 188), (-1, 16, -62), (5, 0, 1000), (0, 0, 0), (-7, 7, -1000), (1, 3, 333)],
)
def test_percentages_are_rounded_half_to_even(change: int, before: int, tenths: int) -> None:
    assert change_in_tenths(np.array([change]), np.array([before])).tolist() == [tenths]


def test_quotient_is_the_share_to_the_share_of_the_nation() -> None:
    local, total, nation, national = (np.array([number]) for number in (30, 400, 5_000_000, 100_000_000))
    assert quotient_in_hundredths(local, total, nation, national).tolist() == [150]
    assert quotient_in_hundredths(local, total, 0 * nation, national).tolist() == [0]


def test_years_and_quarters_are_not_checked_together() -> None:
    with pytest.raises(QcewError, match="quarters or years"):
        Printed([*DELAWARE[:1], *OHIO[:1]])


def test_command_prints_counts_of_every_check(tmp_path: Path) -> None:
    summary = tmp_path / "counts.json"
    call_command("check_published_qcew", DATA / "qcew_annual", json=summary, stdout=StringIO(), stderr=StringIO())
    counts = json.loads(summary.read_text())
    assert set(counts) == {"annual changes", "annual quotients", "annual years"}
    assert counts["annual years"]["pay_wrong"] == 0
