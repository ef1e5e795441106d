"""The list of requests, and the hub of one request."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from requests_app import hooks, policies
from requests_app.form import SECTIONS
from requests_app.forms.filters import RequestFilter
from requests_app.models import DataRequest, Person
from requests_app.policies import Denied
from requests_app.selectors.audit.history import history
from requests_app.selectors.holdings.packages import packages_of, statements_of
from requests_app.selectors.life import answers, status
from requests_app.selectors.life.progress import progress
from requests_app.selectors.life.requests import actions, visible_to
from requests_app.selectors.life.turns import holder
from requests_app.services.life import requests as service
from requests_app.standing import roles_of
from requests_app.states import Role, State
from requests_app.templatetags import formats
from requests_app.views.life.buttons import buttons
from requests_app.views.people.access import person_of, seen_request
from requests_app.views.site.paging import LongPaginator

PAGE_SIZE = 25
STOP_POLLING = 286
WORK_IN_SECTIONS = {State.AWAITING_COHORT, State.DISCLOSURE_REVIEW}  # files and tables come before the steps
COLUMNS = ["Number", "Where it stands", "Title", "Package type", "State", "Who has it", "Since"]


def request_list(request: HttpRequest) -> HttpResponse:
    """The requests the person sees, narrowed by words, state and kind."""
    person = person_of(request)
    narrowed = RequestFilter(request.GET)
    page = LongPaginator(narrowed.narrow(visible_to(person)), PAGE_SIZE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "filter": narrowed,
        "page": page,
        "columns": COLUMNS,
        "rows": [_row(row) for row in page],
        "query": f"{query.urlencode()}&" if query else "",
        "filtered": any(narrowed.cleaned_data.values()) if narrowed.is_valid() else False,
        "start": None if person.agency.is_bls else _start_button(person),
    }
    return render(request, "requests/list.html", context)


def _row(row: DataRequest) -> dict[str, Any]:
    days = (timezone.localdate() - timezone.localdate(row.state_since)).days
    since = "today" if not days else formats.count_of(days, "day")
    title = row.title or "No title yet"
    cells = [title, row.get_kind_display() or "Not chosen yet", row.agency.state_name, holder(row), since]
    return {"label": row.number, "url": reverse("request", args=[row.number]), "status": row.state, "cells": cells}


def _start_button(person: Person) -> dict[str, Any]:
    try:
        policies.check_start_draft(person)
    except Denied as denied:
        return {"enabled": False, "reason": " ".join(denied.reasons)}
    return {"enabled": True, "reason": ""}


def start_request(request: HttpRequest) -> HttpResponse:
    """A new draft; its form opens."""
    started = service.start_draft(actor=person_of(request))
    return redirect("form", started.number)


def hub(request: HttpRequest, number: str) -> HttpResponse:
    """Everything about one request that the person may see."""
    person, data_request = person_of(request), seen_request(request, number)
    found, held = actions(person, data_request), packages_of(data_request, person)
    context = page_frame(data_request, person, found) | {
        "buttons": buttons(data_request, found),
        "progress": progress(data_request, person),
        "work_first": data_request.status in WORK_IN_SECTIONS,
        "sections": contributed(request, data_request, person, "request"),
        "packages": held,
        "packages_first": data_request.status is State.RELEASED and any(line.may_open for line in held),
        "stated": statements_of(data_request, person),
        "form_sections": _signed_form(data_request, person),
        "people": answers.agents_answer(data_request) if policies.is_party(person, data_request) else [],
        "history": history(data_request, person),
        "conditions": _conditions(data_request),
        "suspensions": data_request.suspensions.select_related("request", "lifted_by"),
        "may_lift": Role.APPROVING_OFFICIAL in roles_of(person),
    }
    return render(request, "requests/hub.html", context)


def page_frame(data_request: DataRequest, person: Person, found: list[Any] | None = None) -> dict[str, Any]:
    """What every page of a request shows on top: the request, its status sentence and its step line."""
    found = actions(person, data_request) if found is None else found
    return {
        "data_request": data_request,
        "status": status.status_sentence(data_request, person, found),
        "steps": status.step_line(data_request),
    }


def contributed(request: HttpRequest, data_request: DataRequest, person: Person, page: str) -> list[str]:
    """The parts that matching and disclosure add to a page, rendered with their own context."""
    here = [section for section in hooks.page_sections.values() if section.page == page]
    found = [(section, section.context(data_request, person)) for section in here]
    return [
        render_to_string(section.template, context | {"data_request": data_request}, request=request)
        for section, context in found
        if context is not None
    ]


def _signed_form(data_request: DataRequest, person: Person) -> list[tuple[str, list[answers.Answer]]]:
    """The form as it was signed, for BLS and the agency whose form it is; a draft has its own pages."""
    if data_request.state in {"draft", "returned"} or not policies.is_party(person, data_request):
        return []
    found = answers.answers_by_section(data_request)
    return [(SECTIONS[name][0], rows) for name, rows in found.items() if name != "people"]


def _conditions(data_request: DataRequest) -> list[str]:
    decided = data_request.decisions.filter(transition="approve").values_list("facts", flat=True)
    return [facts["conditions"] for facts in decided if facts.get("conditions")]


def request_progress(request: HttpRequest, number: str) -> HttpResponse:
    """The part of the hub that polls; once no machine works any more the whole page is loaded again."""
    data_request = seen_request(request, number)
    job = progress(data_request, person_of(request))
    if job is None:
        return HttpResponse(status=STOP_POLLING, headers={"HX-Refresh": "true"})
    return render(request, "components/progress_body.html", {"job": job, "id": "progress"})
