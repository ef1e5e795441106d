"""Edits of accounts and of reporting units: what is flagged, in words. The rules stand in sql/account_flags_*.sql.

The same numbers stand there as parameters, so that a page can say what the rule is.
"""

from enum import StrEnum
from typing import Final

from matching.core.edits.fences import MULTIPLIER

# All ours. A total is apart when both hold, so that neither small employers nor rounding fill the list.
APART_SHARE: Final = 0.10
APART_DOLLARS: Final = 10_000
APART_JOBS: Final = 3
# A month's employment jumps when it at least doubles (or halves) against the month before, by this many or more.
JUMP_TIMES: Final = 2
JUMP_PERSONS: Final = 50


class AccountEdit(StrEnum):
    """What is flagged of an account or a unit of it; both kinds of load share the first two."""

    NEW = "new_account"
    VANISHED = "vanished_account"
    NO_ESTABLISHMENT = "no_establishment"
    NO_RECORDS = "no_wage_records"
    WAGES_APART = "wages_apart"
    FEWER_JOBS = "fewer_jobs"
    TWICE = "unit_twice"
    MEEI_RUN = "meei_and_run"
    LONE_MASTER = "master_without_units"
    LONE_UNITS = "units_without_master"
    MASTER_APART = "master_apart"
    SEVERAL_SINGLES = "several_single_units"
    NO_EMPLOYMENT = "wages_no_employment"
    NO_WAGES = "employment_no_wages"
    MONTH_JUMP = "month_jump"
    TAXABLE = "taxable_over_total"
    WEEKLY_HIGH = "high_weekly_wage"
    WEEKLY_LOW = "low_weekly_wage"


# Edits of one reporting unit of an establishment load; all others are of an account.
OF_UNITS: Final = frozenset(
    {
        AccountEdit.TWICE, AccountEdit.MEEI_RUN, AccountEdit.NO_EMPLOYMENT, AccountEdit.NO_WAGES,
        AccountEdit.MONTH_JUMP, AccountEdit.TAXABLE, AccountEdit.WEEKLY_HIGH, AccountEdit.WEEKLY_LOW,
    }
)  # fmt: skip
WORDS: Final = {
    AccountEdit.NEW: "Not in the visible load of the quarter before",
    AccountEdit.VANISHED: "In the visible load of the quarter before, and not in this one",
    AccountEdit.NO_ESTABLISHMENT: "No establishment record in the quarter",
    AccountEdit.NO_RECORDS: "Establishments with wages, and no wage record (federal ones aside)",
    AccountEdit.WAGES_APART: (
        f"Wages differ from its establishments' by more than {APART_SHARE:.0%} and {APART_DOLLARS:,} dollars"
    ),
    AccountEdit.FEWER_JOBS: (
        f"Fewer jobs in the quarter than persons employed in its largest month, by more than {APART_SHARE:.0%} and "
        f"{APART_JOBS} persons"
    ),
    AccountEdit.TWICE: "The same account and unit number more than once",
    AccountEdit.MEEI_RUN: "MEEI and unit number disagree: 1, 2 and 6 have unit 00000, 3 and 5 another",
    AccountEdit.LONE_MASTER: "A master (MEEI 2) without worksites (MEEI 3, 5)",
    AccountEdit.LONE_UNITS: "Worksites (MEEI 3, 5) without a master (MEEI 2)",
    AccountEdit.MASTER_APART: "The master's third month or wages are not the sum of its worksites",
    AccountEdit.SEVERAL_SINGLES: "More than one single-unit record (MEEI 1, 6) of the account",
    AccountEdit.NO_EMPLOYMENT: "Wages, and nobody employed in any month",
    AccountEdit.NO_WAGES: "Persons employed, and no wages",
    AccountEdit.MONTH_JUMP: (
        f"Employment of a month {JUMP_TIMES} times that of the month before, or the reverse, by {JUMP_PERSONS} persons"
    ),
    AccountEdit.TAXABLE: "Taxable wages above total wages",
    AccountEdit.WEEKLY_HIGH: f"Average weekly wage above the load's outer fence (k = {MULTIPLIER}, logarithms)",
    AccountEdit.WEEKLY_LOW: f"Average weekly wage below the load's outer fence (k = {MULTIPLIER}, logarithms)",
}
