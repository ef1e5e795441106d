"""The page of cohort files: every kind of problem the checker names, and what to do about it."""

from config.reference.markdown import page, table
from matching.core.cohort.problems import HINTS, LINE_KINDS, LINES_KEPT, Kind

INTRODUCTION = f"""
One file for each named cohort and quarter: UTF-8 text, first line the requesting state's two-digit FIPS code, a comma
and year and quarter as five digits; then one line for each person, temporary ID, a comma, SSN. Line ends of any kind,
quoted fields, a byte order mark and blank lines at the end are accepted.

All problems of a file are named at once: kind, count, the first {LINES_KEPT:,} line numbers, what to do. BLS sets for
a request whether a file with a wrong line is refused (the default), or its wrong lines are left out once the
coordinator has confirmed it. No report holds anything read from the file. The browser checks by these rules before it
sends a file, and so does `./run manage check_cohort FILE --state 44 --quarters 20161` on this machine.
"""


def cohort_file_page() -> str:
    """Problems of the file, then problems of lines."""
    return page(
        "Problems of cohort files",
        INTRODUCTION,
        "## Problems of the whole file",
        _table([kind for kind in Kind if kind not in LINE_KINDS]),
        "## Problems of single lines",
        _table([kind for kind in Kind if kind in LINE_KINDS]),
    )


def _table(kinds: list[Kind]) -> str:
    return table(["Kind", "What to do"], ([f"`{kind}`", HINTS[kind]] for kind in kinds))
