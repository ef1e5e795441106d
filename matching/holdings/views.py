"""The heat map of holdings, for everybody signed in."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from matching.holdings import heat_map, listing, visibility
from matching.holdings.forms import HoldingFilter
from matching.holdings.looks import Findings, findings
from matching.models import Holding, Kind, Status
from requests_app.models import Agency, Person
from requests_app.templatetags.formats import count_of
from requests_app.views.people.access import person_of
from requests_app.views.site.csv_files import csv_file
from requests_app.views.site.events import query_of


def holding_list(request: HttpRequest) -> HttpResponseBase:
    """What is held, state by quarter: status and official release; `?export=csv` answers the same as a file."""
    person, today = person_of(request), timezone.localdate()
    kind = Kind(request.GET["kind"]) if request.GET.get("kind") in Kind.values else Kind.WAGE_RECORDS
    seen = list(visibility.seen_by(person, today).filter(status=Status.VISIBLE, kind=kind).order_by("state", "quarter"))
    narrowed = HoldingFilter(request.GET, {one.quarter // 10 for one in seen})
    chosen = [one for one in seen if _is_chosen(one, narrowed)]
    found = findings([one.load_id for one in chosen]) if visibility.reads_quality(person) else None
    if request.GET.get("export") == "csv":
        return csv_file("holdings.csv", listing.csv_rows(chosen, today, found))
    context = _frame(person, narrowed, kind) | {
        "map": _map(chosen, narrowed, found),
        "lines": listing.lines(chosen, today, found) if narrowed.state_wanted else [],
        "columns": listing.columns(with_quality=found is not None),
        "query": query_of(request),
    }
    return render(request, "holdings/list.html", context)


def _is_chosen(holding: Holding, narrowed: HoldingFilter) -> bool:
    return holding.quarter // 10 in narrowed.years_wanted and narrowed.state_wanted in {"", holding.state}


def _frame(person: Person, narrowed: HoldingFilter, kind: Kind) -> dict[str, Any]:
    """What stands around the map, by who looks."""
    return {
        "filter": narrowed,
        "kind": kind,
        "state_name": heat_map.STATE_NAMES.get(narrowed.state_wanted, ""),
        "reads_quality": visibility.reads_quality(person),
        "may_compare": visibility.is_steward(person),
        "hidden_words": _hidden_words(person),
    }


def _hidden_words(person: Person) -> str:
    """For the Data Steward who is not on the pre-release list: that there is more than is shown."""
    hidden = visibility.hidden_from(person) if visibility.is_steward(person) else 0
    if not hidden:
        return ""
    return (
        f"{count_of(hidden, 'more quarter is,more quarters are')} held before the official release. "
        "They are shown to people on the pre-release list only; ask the Administrator to be listed."
    )


def _map(chosen: list[Holding], narrowed: HoldingFilter, found: dict[int, Findings] | None) -> heat_map.HeatMap:
    partners = Agency.objects.filter(fips__isnull=False).values_list("fips", flat=True)
    return heat_map.heat_map(
        chosen, narrowed.years_wanted, [] if narrowed.state_wanted else [str(fips) for fips in partners],
        today=timezone.localdate(), flagged={load for load, one in (found or {}).items() if one.wait},
        linked=found is not None,
    )  # fmt: skip
