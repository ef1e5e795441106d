"""The figures of a load's quality: one list that the page of a load and the comparison of two read.

Counts and shares of what was loaded; a figure that the kind of file has not, or that was not computed, is None.
"""

from collections.abc import Callable
from dataclasses import dataclass

from matching.models import Kind, LoadQuality

Value = float | int | None
BOTH = frozenset(Kind)
RECORDS = frozenset({Kind.WAGE_RECORDS})
UNITS = frozenset({Kind.ESTABLISHMENTS})
MONTHS = 3


@dataclass(frozen=True)
class Figure:
    """One figure: `format` is count, money or percent; `what` says in words what is counted, and of what a share is."""

    key: str
    label: str
    format: str
    what: str
    value: Callable[[LoadQuality], Value]
    kinds: frozenset[Kind] = BOTH


def _share(part: Value, whole: Value) -> Value:
    return None if part is None or not whole else part / whole


def _field(name: str) -> Callable[[LoadQuality], Value]:
    return lambda quality: getattr(quality, name)


def _share_of_rows(name: str) -> Callable[[LoadQuality], Value]:
    return lambda quality: _share(getattr(quality, name), quality.rows)


COUNTS = (
    Figure("rows", "Rows loaded", "count", "Lines of the file that were loaded", _field("rows")),
    Figure("rejected", "Rows rejected", "count", "Lines that could not be read; never loaded", _field("rejected")),
    Figure("persons", "Persons", "count", "Different persons who can be matched", _field("persons"), RECORDS),
    Figure("accounts", "Accounts", "count", "Different unemployment insurance accounts", _field("accounts")),
    Figure("units", "Reporting units", "count", "Different reporting units of these accounts", _field("units")),
    Figure(
        "employment", "Employment, month 3", "count", "Without masters (MEEI 2)", _field("employment"), UNITS
    ),
    Figure("total_wages", "Total wages", "money", "Of all rows loaded, without masters", _field("total_wages")),
    Figure(
        "mean_wages", "Mean wages of a row", "money", "Total wages by rows",
        lambda quality: round(quality.total_wages / quality.rows) if quality.rows else None, RECORDS,
    ),
)  # fmt: skip
SHARES = (
    Figure(
        "rejected_share", "Rejected", "percent", "Of all lines of the file",
        lambda quality: _share(quality.rejected, quality.rows + quality.rejected),
    ),
    Figure(
        "unmatchable_share", "Unmatchable", "percent",
        "Rows whose SSN cannot exist: their wages count, nobody is ever matched to them", _share_of_rows("unmatchable"),
        RECORDS,
    ),
    Figure(
        "missing_hours", "Without hours", "percent", "Rows that say no hours", _share_of_rows("missing_hours"), RECORDS
    ),
    Figure(
        "missing_weeks", "Without weeks", "percent", "Rows that say no weeks", _share_of_rows("missing_weeks"), RECORDS
    ),
    Figure(
        "without_unit", "Reporting unit zero", "percent",
        "Rows that name no reporting unit: a single one, or the account as a whole", _share_of_rows("without_unit"),
        RECORDS,
    ),
    Figure("without_ein", "Without EIN", "percent", "Rows that name no employer number", _share_of_rows("without_ein")),
    Figure(
        "imputed_months", "Imputed months", "percent", "Months of employment that the state imputed",
        lambda quality: _share(quality.imputed_months, MONTHS * quality.rows), UNITS,
    ),
    Figure(
        "flagged_share", "Flagged by an edit", "percent", "Of the rows loaded; a row may be flagged more than once",
        lambda quality: _share(sum(quality.edits.values()), quality.rows),
    ),
    Figure(
        "flagged_accounts", "Accounts flagged", "percent", "Of the accounts; one may be flagged more than once",
        lambda quality: _share(sum(quality.account_edits.values()), quality.accounts),
    ),
)  # fmt: skip


def figures_of(kind: str) -> list[Figure]:
    """The figures that this kind of file has: counts, then shares."""
    return [figure for figure in (*COUNTS, *SHARES) if Kind(kind) in figure.kinds]


@dataclass(frozen=True)
class Line:
    """Two values beside each other, in words; `judged` says whether the change is usual, `outside` that it is not."""

    label: str
    left: str
    right: str
    difference: str
    share: str
    judged: str = ""
    outside: bool = False
