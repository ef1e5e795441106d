"""What years of published QCEW say of each other, and whether annual wages per employee agree.

Weekly wage and pay of a year are made from the mean of twelve months, of which the file prints the rounded one: so one
sum of twelve months that rounds to it has to give both.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from matching.core.qcew.checks.changes import COUNT_OF
from matching.core.qcew.checks.printed import Printed
from matching.core.qcew.figures import MONTHS_OF_YEAR, annual_pay, annual_weekly_wage, half_up
from matching.core.qcew.layout import ANNUAL

_CELL: Final = ("area_fips", "own_code", "industry_code", "size_code", "qtr")


@dataclass(frozen=True)
class YearsCheck:
    """Counts over files. `pairs`: rows whose year before was read too; `changes` of values published in both,
    `changes_wrong` of these; `codes_wrong`: rows that print a change though a year is withheld, or none though none
    is. `pay`: published annual rows with employment, `pay_wrong` of these."""

    pairs: int
    changes: int
    changes_wrong: int
    codes_wrong: int
    pay: int
    pay_wrong: int

    @property
    def good(self) -> bool:
        """Nothing contradicts anything."""
        return not (self.changes_wrong or self.codes_wrong or self.pay_wrong)


def check_years(printed: Printed) -> YearsCheck:
    """Check changes against the year before where it was read, and annual wages per employee."""
    now, before = _pairs(printed)
    published = printed.codes("disclosure_code") == ""
    both = published[now] & published[before]
    changes = wrong = 0
    for name in printed.layout.values:
        value = printed.whole(name)
        told = np.ones_like(both) if name == COUNT_OF[printed.layout.frequency] else both
        left = value[now] - value[before] - printed.whole(f"oty_{name}_chg")[now]
        changes, wrong = changes + int(told.sum()), wrong + int(np.count_nonzero(left[told]))
    told = printed.codes("oty_disclosure_code")[now] == ""
    pay, pay_wrong = _pay(printed) if printed.layout is ANNUAL else (0, 0)
    return YearsCheck(len(now), changes, wrong, int((told != both).sum()), pay, pay_wrong)


def _pairs(printed: Printed) -> tuple[np.ndarray, np.ndarray]:
    """Rows of which the same cell was read a year earlier, and the rows of that."""
    year = printed.codes("year").astype(np.int64)
    label = printed.numbers(_CELL) * 10_000 + year
    order = np.argsort(label, kind="stable")
    place = np.minimum(np.searchsorted(label[order], label - 1), len(label) - 1)
    found = np.flatnonzero(label[order][place] == label - 1)
    return found, order[place[found]]


def _pay(printed: Printed) -> tuple[int, int]:
    """Published rows with employment, and those whose weekly wage and pay no sum of twelve months gives."""
    mean, wages = printed.whole("annual_avg_emplvl"), printed.whole("total_annual_wages")
    rows = np.flatnonzero((printed.codes("disclosure_code") == "") & (mean > 0))
    fits = np.zeros(len(rows), dtype=np.bool_)
    for part in range(-MONTHS_OF_YEAR // 2, MONTHS_OF_YEAR // 2 + 1):
        months = MONTHS_OF_YEAR * mean[rows] + part
        same = half_up(months, np.full_like(months, MONTHS_OF_YEAR)) == mean[rows]
        same &= annual_weekly_wage(wages[rows], months) == printed.whole("annual_avg_wkly_wage")[rows]
        fits |= same & (annual_pay(wages[rows], months) == printed.whole("avg_annual_pay")[rows])
    return len(rows), int((~fits).sum())
