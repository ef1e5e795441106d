"""The match on the request page, for the analysts and officials of BLS: what was found, and what is unusual."""

from typing import Any

from matching.match_report.statistics import Statistics, reads, statistics
from requests_app.hooks import PageSection, page_section
from requests_app.models import DataRequest, Person
from requests_app.selectors.life.titles import title
from requests_app.states import WITH_COHORT
from requests_app.templatetags.formats import quarter

FILE_COLUMNS = [
    {"label": "Cohort and quarter"},
    {"label": "Lines sent", "format": "count"},
    {"label": "People accepted", "format": "count"},
    {"label": "People found", "format": "count"},
    {"label": "Records", "format": "count"},
]
RATE_COLUMNS = [
    {"label": "Cohort and quarter"},
    {"label": "State searched"},
    {"label": "People found", "format": "count"},
    {"label": "Records", "format": "count"},
    {"label": "Match rate", "format": "percent"},
    {"label": "What is unusual"},
]
OVERLAP_COLUMNS = [
    {"label": "Cohort and quarter"},
    {"label": "Earlier cohort"},
    {"label": "People here", "format": "count"},
    {"label": "People there", "format": "count"},
    {"label": "In both", "format": "count"},
    {"label": "What is unusual"},
]


def match_context(request: DataRequest, person: Person) -> dict[str, Any] | None:
    """Shown once the first file is matched."""
    if request.kind not in WITH_COHORT or not reads(person):
        return None
    found = statistics(request)
    return {"signs": found.signs, **tables(found)} if found.files else None


def tables(found: Statistics) -> dict[str, Any]:
    """Columns and rows for components/data_table.html."""
    return {
        "file_columns": FILE_COLUMNS,
        "file_rows": [
            [f"{one.cohort}, {quarter(one.quarter)}", one.sent, one.accepted, one.found, one.records]
            for one in found.files
        ],
        "rate_columns": RATE_COLUMNS,
        "rate_rows": [
            [
                f"{one.cohort}, {quarter(one.quarter)}", title("state", one.state), one.found, one.records,
                one.rate, one.sign or "Nothing",
            ]
            for one in found.rates
        ],
        "overlap_columns": OVERLAP_COLUMNS,
        "overlap_rows": [
            [
                f"{one.counts.cohort}, {quarter(one.counts.quarter)}",
                f"{one.counts.other_number}: {one.counts.other_cohort}, {quarter(one.counts.other_quarter)}",
                one.counts.persons, one.counts.other_persons, one.counts.shared, one.sign or "Nothing",
            ]
            for one in found.overlaps
        ],
    }  # fmt: skip


page_section(PageSection("match", "matching/match_section.html", match_context))
