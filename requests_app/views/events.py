"""The Auditor's page: every event, newest first, narrowed, and as CSV."""

import csv
from collections.abc import Iterator

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render

from requests_app.forms.filters import EventFilter
from requests_app.selectors import events as selector
from requests_app.selectors.history import words_of
from requests_app.services import events as log
from requests_app.views.access import person_of

PAGE_SIZE = 50


def event_list(request: HttpRequest) -> HttpResponseBase:
    """The log for the Auditor; `?export=csv` answers the same selection as a file."""
    person = person_of(request)
    narrowed = EventFilter(request.GET)
    narrowed.is_valid()
    wanted = {name: narrowed.cleaned_data.get(name, "") for name in ("request", "kind")}
    found = selector.events(wanted["request"].strip().upper(), wanted["kind"])
    if request.GET.get("export") == "csv":
        log.record("events.export", actor=person, detail={"request": wanted["request"], "kind": wanted["kind"]})
        return _csv(selector.rows(found))
    query = request.GET.copy()
    query.pop("page", None)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "filter": narrowed,
        "page": page,
        "lines": [{"event": event, "words": words_of(event.kind)} for event in page],
        "query": f"{query.urlencode()}&" if query else "",
    }
    return render(request, "events/list.html", context)


class _Line:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        """The line itself."""
        return text


def _csv(rows: Iterator[list[str]]) -> StreamingHttpResponse:
    writer = csv.writer(_Line())
    response = StreamingHttpResponse((writer.writerow(row) for row in rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="events.csv"'
    response["Cache-Control"] = "no-store"
    return response
