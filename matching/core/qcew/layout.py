"""The layouts of published QCEW: quarterly and annual, open-data slices and downloads with titles.

BLS, "QCEW open data access: CSV data slices" (42 columns a quarter, 38 a year) and "QCEW NAICS-based data files" (by
area, by industry, single file: the same columns, five titles more, and `_estabs_count` where slices say `_estabs`).
Names here are those of the slices.
"""

from dataclasses import dataclass
from typing import Final

KEY: Final = ("area_fips", "own_code", "industry_code", "agglvl_code", "size_code", "year", "qtr")
DISCLOSURE: Final = ("disclosure_code", "lq_disclosure_code", "oty_disclosure_code")
CODES: Final = frozenset({*KEY, *DISCLOSURE})
TITLES: Final = ("area_title", "own_title", "industry_title", "agglvl_title", "size_title")
DISCLOSURE_CODES: Final = frozenset({"", "N", "-"})
# Longest code of each kind: an industry is six digits or a range like 31-33.
CODE_WIDTHS: Final = {
    "area_fips": 5, "own_code": 1, "industry_code": 6, "agglvl_code": 2, "size_code": 1, "year": 4, "qtr": 1,
}  # fmt: skip


class QcewError(ValueError):
    """A file that is not published QCEW, or rows that contradict each other."""


@dataclass(frozen=True)
class Layout:
    """One frequency: its name, its quarters, and the values that each have a quotient and two changes over the year."""

    frequency: str
    quarters: frozenset[str]
    values: tuple[str, ...]

    @property
    def whole(self) -> tuple[str, ...]:
        """Columns of whole numbers."""
        return (*self.values, *(f"oty_{value}_chg" for value in self.values))

    @property
    def decimal(self) -> tuple[str, ...]:
        """Columns with decimals: location quotients, changes in percent."""
        return (*(f"lq_{value}" for value in self.values), *(f"oty_{value}_pct_chg" for value in self.values))

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns but titles: 42 of a quarter, 38 of a year."""
        return (*KEY, *DISCLOSURE, *self.whole, *self.decimal)

    @property
    def printed(self) -> tuple[str, ...]:
        """The same columns in the order of the slices: a year ago each change stands with its percentage."""
        code, quotient_code, change_code = DISCLOSURE
        quotients = (f"lq_{value}" for value in self.values)
        changes = (name for value in self.values for name in (f"oty_{value}_chg", f"oty_{value}_pct_chg"))
        return (*KEY, code, *self.values, quotient_code, *quotients, change_code, *changes)


QUARTERLY: Final = Layout(
    "quarterly",
    frozenset("1234"),
    (
        "qtrly_estabs", "month1_emplvl", "month2_emplvl", "month3_emplvl", "total_qtrly_wages", "taxable_qtrly_wages",
        "qtrly_contributions", "avg_wkly_wage",
    ),
)  # fmt: skip
ANNUAL: Final = Layout(
    "annual",
    frozenset("A"),
    (
        "annual_avg_estabs", "annual_avg_emplvl", "total_annual_wages", "taxable_annual_wages", "annual_contributions",
        "annual_avg_wkly_wage", "avg_annual_pay",
    ),
)  # fmt: skip


def canonical(name: str) -> str:
    """The slices' name of a column, whichever layout it was read from."""
    return name.strip().strip('"').strip().lower().replace("_estabs_count", "_estabs")


def layout_of(header: list[str], file: str) -> Layout:
    """The layout of a header of canonical names. Raises QcewError naming what is missing, repeated or unknown."""
    found = set(header)
    layout = ANNUAL if len(found & set(ANNUAL.values)) > len(found & set(QUARTERLY.values)) else QUARTERLY
    missing = [name for name in layout.columns if name not in found]
    if missing:
        shown = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
        raise QcewError(f"{file}: not a file of published QCEW; missing columns: {shown}.")
    unknown = sorted(found - set(layout.columns) - set(TITLES))
    if unknown or len(header) != len(found):
        raise QcewError(f"{file}: repeated or unknown columns ({', '.join(unknown) or 'repeated'}).")
    return layout
