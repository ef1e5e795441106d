"""The match report of a request: for BLS, before anything is released."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from matching.match_report.section import tables
from matching.match_report.statistics import statistics
from matching.services import match_scope
from requests_app.models import DataRequest
from requests_app.selectors.life.titles import title
from requests_app.views.life.requests import page_frame
from requests_app.views.people.access import person_of, seen_request


def match_report(http: HttpRequest, number: str) -> HttpResponse:
    """Rates by state and quarter, states searched and found, unusual cohorts, overlaps with earlier ones."""
    request = seen_request(http, number)
    found = statistics(request)
    context = (
        page_frame(request, person_of(http))
        | tables(found)
        | {
            "signs": found.signs,
            "matched": bool(found.files),
            "facts": _lineage(request, found.searched, found.found),
        }
    )
    return render(http, "matching/match_report.html", context)


def _lineage(request: DataRequest, searched: list[str], found: list[str]) -> list[dict[str, Any]]:
    """Rows for components/summary_list.html."""
    left_out = [f"{state}: {' '.join(why)}" for state, why in match_scope.states_left_out(request).items()]
    return [
        {"key": "States searched", "value": _names(searched) or "None yet"},
        {"key": "States in which records were found", "value": _names(found) or "None"},
        {"key": "States not searched today", "value": " ".join(left_out) or "None"},
    ]


def _names(states: list[str]) -> str:
    return ", ".join(title("state", state) for state in states)
