"""The Auditor's log: every event, newest first, narrowed, and as CSV; and what the last check of the log found."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from requests_app.forms.audit import EventFilter
from requests_app.selectors.audit import events as selector
from requests_app.selectors.audit.event_words import detail_of
from requests_app.selectors.audit.events import Page
from requests_app.selectors.audit.history import words_of
from requests_app.services.event_log import events as log
from requests_app.views.people.access import person_of
from requests_app.views.site.csv_files import csv_file

LONGEST_NUMBER = 19  # digits of a bigint


def event_list(request: HttpRequest) -> HttpResponseBase:
    """The log for the Auditor; `?export=csv` answers the same selection as a file."""
    narrowed = EventFilter(request.GET)
    wanted = asked_for(narrowed)
    found = selector.events(wanted)
    if request.GET.get("export") == "csv" and narrowed.is_valid():
        log.record("events.export", actor=person_of(request), detail=wanted)
        return csv_file("events.csv", selector.rows(found))
    shown = selector.page(found, **place_of(request))
    context = {
        "form": narrowed,
        "page": shown,
        "lines": lines(shown),
        "query": query_of(request),
        "narrowed": bool(wanted),
        "verification": selector.last_verification(),
    }
    return render(request, "events/list.html", context)


def asked_for(narrowed: Any) -> dict[str, Any]:
    """What a filter asks for: its answered questions, and only those that could be read."""
    narrowed.is_valid()
    return {name: value for name, value in narrowed.cleaned_data.items() if value}


def lines(shown: Page) -> list[dict[str, Any]]:
    """The events of a page with their words; a number links to its record where there is one."""
    names, recorded = selector.names_of(shown.events), selector.recorded_numbers(shown.events)
    return [
        {
            "event": event,
            "words": words_of(event.kind),
            "about": names.get(event.subject, event.subject),
            "has_record": event.request_number in recorded,
            "detail": detail_of(event, names),
        }
        for event in shown.events
    ]


def query_of(request: HttpRequest) -> str:
    """The question as it stands in the address, without the place in the list."""
    query = request.GET.copy()
    for place in ("older_than", "newer_than", "export", "page"):
        query.pop(place, None)
    return f"{query.urlencode()}&" if query else ""


def place_of(request: HttpRequest) -> dict[str, int]:
    """The event beside which the page begins or ends, if the address names one."""
    named = {name: request.GET.get(name, "") for name in ("older_than", "newer_than")}
    return {name: int(text) for name, text in named.items() if text.isdecimal() and len(text) < LONGEST_NUMBER}
