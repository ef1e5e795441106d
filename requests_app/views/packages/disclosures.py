"""The accounting of disclosures, for the Auditor: every opening and delivery, narrowed, and as CSV."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from requests_app.forms.audit import DisclosureFilter
from requests_app.selectors.audit import accounting
from requests_app.selectors.audit.events import page, recorded_numbers
from requests_app.services.event_log import events as log
from requests_app.views.people.access import person_of
from requests_app.views.site.csv_files import csv_file
from requests_app.views.site.events import asked_for, place_of, query_of


def disclosure_list(request: HttpRequest) -> HttpResponseBase:
    """Who was given what, when and why; `?export=csv` answers the same selection as a file."""
    narrowed = DisclosureFilter(request.GET)
    wanted = asked_for(narrowed)
    found = accounting.disclosures(wanted)
    if request.GET.get("export") == "csv" and narrowed.is_valid():
        log.record("disclosures.export", actor=person_of(request), detail=wanted)
        return csv_file("disclosures.csv", accounting.rows(found))
    shown = page(found, **place_of(request))
    context = {
        "form": narrowed,
        "page": shown,
        "lines": accounting.lines(shown.events),
        "recorded": recorded_numbers(shown.events),
        "query": query_of(request),
        "narrowed": bool(wanted),
    }
    return render(request, "events/disclosures.html", context)
