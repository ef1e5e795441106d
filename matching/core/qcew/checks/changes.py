"""Whether the over-the-year columns of published QCEW agree with what they are changes of.

A printed value less its change is the value of a year ago. It is never negative, the percentage follows from it, and
it adds up over every relation of which nothing was withheld in either year: so a year that was not read is checked too.
A sum may lack members that ended before the year that was read; then its establishments of a year ago are too many.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from matching.core.qcew.checks.printed import Printed
from matching.core.qcew.figures import Counts, change_in_tenths
from matching.core.qcew.layout import ANNUAL, QUARTERLY
from matching.core.qcew.published import relations_between

COUNT_OF: Final = {QUARTERLY.frequency: "qtrly_estabs", ANNUAL.frequency: "annual_avg_estabs"}
_AVERAGES: Final = frozenset({"avg_wkly_wage"})
_CELL: Final = ("area_fips", "own_code", "industry_code")


@dataclass(frozen=True)
class ChangesCheck:
    """Counts over files. `values`: printed changes, of rows published in both years and of establishments everywhere;
    `below_zero` and `percent_wrong` of these. `not_zero`: changes that should be 0 because a year is withheld. `sums`:
    relations x values of which nothing is withheld, `sums_of_ended` with members that ended, `sums_broken`: others."""

    rows: int
    values: int
    below_zero: int
    percent_wrong: int
    not_zero: int
    sums: int
    sums_of_ended: int
    sums_broken: int

    @property
    def good(self) -> bool:
        """Nothing contradicts anything."""
        return not (self.below_zero or self.percent_wrong or self.not_zero or self.sums_broken)


def check_changes(printed: Printed) -> ChangesCheck:
    """Check every change over the year; sums in quarterly files only, since annual averages are rounded."""
    known = printed.codes("oty_disclosure_code") == ""
    counts = [_value(printed, name, known) for name in printed.layout.values]
    sums = [_sums(printed, rows, known) for rows in _quarters(printed)] if printed.layout is QUARTERLY else []
    values, below_zero, percent_wrong, not_zero = (sum(column) for column in zip(*counts, strict=True))
    checked, ended, broken = (sum(column) for column in zip((0, 0, 0), *sums, strict=True))
    return ChangesCheck(len(printed), values, below_zero, percent_wrong, not_zero, checked, ended, broken)


def _value(printed: Printed, name: str, known: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """How many changes of a value there are; below zero; with a wrong percentage; not zero though withheld."""
    change, percent = printed.whole(f"oty_{name}_chg"), printed.decimal(f"oty_{name}_pct_chg", 10)
    before = printed.whole(name) - change
    told = np.ones_like(known) if name == COUNT_OF[printed.layout.frequency] else known
    wrong = change_in_tenths(change, before) != percent
    quiet = (change == 0) & (percent == 0)
    return int(told.sum()), int((told & (before < 0)).sum()), int((told & wrong).sum()), int((~told & ~quiet).sum())


def _sums(printed: Printed, rows: Counts, known: NDArray[np.bool_]) -> tuple[int, int, int]:
    """Sums of a year ago over every relation and value; those with members that ended; other broken ones."""
    system = relations_between((area, own, code) for area, own, code in printed.keys(rows, _CELL)).matrix
    shown = abs(system) @ (~known[rows]).astype(np.int64) == 0
    count = COUNT_OF[printed.layout.frequency]
    has_ended = system @ _year_ago(printed, count, rows) > 0
    checked, ended, broken = (
        len(has_ended),
        int(has_ended.sum()),
        int((system @ _year_ago(printed, count, rows) < 0).sum()),
    )
    for name in printed.layout.values:
        if name != count and name not in _AVERAGES:
            left = (system @ _year_ago(printed, name, rows))[shown]
            more = has_ended[shown] & (left > 0)
            checked, ended = checked + len(left), ended + int(more.sum())
            broken += int(np.count_nonzero(left[~more]))
    return checked, ended, broken


def _year_ago(printed: Printed, name: str, rows: Counts) -> Counts:
    return (printed.whole(name) - printed.whole(f"oty_{name}_chg"))[rows]


def _quarters(printed: Printed) -> list[Counts]:
    """The rows of all sizes together, by state, year and quarter."""
    label = (
        printed.numbers(("year", "qtr")) * 100
        + np.unique(printed.codes("area_fips").astype("U2"), return_inverse=True)[1]
    )
    whole = printed.codes("size_code") == "0"
    return [np.flatnonzero(whole & (label == one)) for one in np.unique(label).tolist()]
