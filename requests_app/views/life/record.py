"""The record of a request on one page, and the Auditor's list of records."""

import hashlib
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from requests_app.forms.audit import RecordFilter
from requests_app.models import DataRequest
from requests_app.papers.paper import CONTENT_TYPE, pdf_of
from requests_app.selectors.audit.event_words import who_is
from requests_app.selectors.audit.history import words_of
from requests_app.selectors.audit.record import EVERY, record_of, recorded
from requests_app.selectors.audit.record_paper import paper_of
from requests_app.selectors.life.status import step_line
from requests_app.services.event_log import events as log
from requests_app.standing import roles_of
from requests_app.states import Role
from requests_app.templatetags.formats import day
from requests_app.views.people.access import person_of, seen_request
from requests_app.views.site.events import asked_for, query_of
from requests_app.views.site.paging import LongPaginator

PAGE_SIZE = 50
COLUMNS = ["Number", "Where it stands", "Title", "Package type", "State", "Since"]


def record(request: HttpRequest, number: str) -> HttpResponse:
    """Everything about one request that the person may read, from top to bottom."""
    person, data_request = person_of(request), seen_request(request, number)
    found = record_of(data_request, person)
    names = who_is({event.subject for event in found.events})
    context = {
        "data_request": data_request,
        "record": found,
        "steps": step_line(data_request),
        "reads_log": Role.AUDITOR in roles_of(person),
        "event_lines": [
            {"event": event, "words": words_of(event.kind), "about": names.get(event.subject, event.subject)}
            for event in found.events
        ],
    }
    return render(request, "record/record.html", context)


def record_pdf(request: HttpRequest, number: str) -> HttpResponse:
    """The same as a tagged PDF, complete; that it was made, and its hash, is an event."""
    person, data_request = person_of(request), seen_request(request, number)
    content = pdf_of(paper_of(data_request, record_of(data_request, person, EVERY), person))
    detail = {"sha256": hashlib.sha256(content).hexdigest()}
    log.record("record.export", actor=person, request_number=data_request.number, detail=detail)
    response = HttpResponse(content, content_type=CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{data_request.number}-record.pdf"'
    response["Cache-Control"] = "no-store"
    return response


def record_list(request: HttpRequest) -> HttpResponse:
    """The numbers of all requests but drafts, with where they stand; each leads to its record."""
    narrowed = RecordFilter(request.GET)
    wanted = asked_for(narrowed)
    page = LongPaginator(recorded(wanted), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "form": narrowed,
        "narrowed": bool(wanted),
        "page": page,
        "query": query_of(request),
        "columns": COLUMNS,
        "rows": [_row(row) for row in page],
    }
    return render(request, "record/list.html", context)


def _row(row: DataRequest) -> dict[str, Any]:
    cells = [row.title or "Without a title", row.get_kind_display(), row.agency.state_name, day(row.state_since)]
    return {"label": row.number, "url": reverse("record", args=[row.number]), "status": row.state, "cells": cells}
