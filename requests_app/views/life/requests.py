"""The list of requests, and the hub of one request."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from requests_app import hooks, policies
from requests_app.amendment_states import AMENDABLE
from requests_app.bls_review_policies import side_of
from requests_app.form import SECTIONS
from requests_app.forms.filters import SaveViewForm, filter_for
from requests_app.models import DataRequest, Person, Question, Suspension
from requests_app.policies import Denied
from requests_app.request_rows import decisions, there_is
from requests_app.selectors.audit.history import history
from requests_app.selectors.bls_review.desk import shared_findings
from requests_app.selectors.form.amendments import amendment_that_brought, amendments_read_by
from requests_app.selectors.holdings.packages import packages_of, statements_of
from requests_app.selectors.life import answers, status
from requests_app.selectors.life.lists import list_rows
from requests_app.selectors.life.progress import progress
from requests_app.selectors.life.requests import actions, visible_to
from requests_app.selectors.life.turns import holder
from requests_app.services.event_log import events
from requests_app.services.life import requests as service
from requests_app.standing import roles_of, roles_on
from requests_app.states import Role, State
from requests_app.templatetags import formats
from requests_app.views.life.buttons import buttons
from requests_app.views.people.access import person_of, seen_request
from requests_app.views.site.csv_files import csv_file
from requests_app.views.site.events import query_of
from requests_app.views.site.paging import LongPaginator

PAGE_SIZE = 25
STOP_POLLING = 286
WORK_IN_SECTIONS = {State.AWAITING_COHORT, State.DISCLOSURE_REVIEW}  # files and tables come before the steps
COLUMNS = ["Number", "Where it stands", "Title", "Package type", "State", "Who has it", "Since"]


def request_list(request: HttpRequest) -> HttpResponseBase:
    """The requests the person sees, narrowed; `?export=csv` answers the same selection as a file."""
    person = person_of(request)
    narrowed = filter_for(person, request.GET)
    found = narrowed.narrow(visible_to(person))
    if request.GET.get("export") == "csv" and narrowed.is_valid():
        asked = {name: value for name, value in narrowed.cleaned_data.items() if value and name != "q"}
        events.record("requests.export", actor=person, detail=asked)
        return csv_file("requests.csv", list_rows(found))
    page = LongPaginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "filter": narrowed,
        "page": page,
        "columns": COLUMNS,
        "rows": [_row(row) for row in page],
        "query": query_of(request),
        "filtered": any(narrowed.cleaned_data.values()) if narrowed.is_valid() else False,
        "start": None if person.agency.is_bls else _start_button(person),
        "views": person.saved_views.filter(page="requests"),
    }
    return render(request, "requests/list.html", context)


def save_view(request: HttpRequest) -> HttpResponse:
    """Keeps the list as it is narrowed under a name; a name used before gets the new question."""
    form, person = SaveViewForm(request.POST), person_of(request)
    if not form.is_valid():
        messages.warning(request, "Give the view a name of at most 60 letters.")
        return redirect("request_list")
    said, now = form.cleaned_data, timezone.now()
    service.save_view(person, "requests", said["name"].strip(), said["query"].rstrip("&"), now)
    messages.success(request, "The view is kept; it stands above the list.")
    return redirect(f"{reverse('request_list')}?{said['query'].rstrip('&')}")


def drop_view(request: HttpRequest, view_id: str) -> HttpResponse:
    """The view is kept no more."""
    get_object_or_404(person_of(request).saved_views, pk=view_id).delete()
    messages.success(request, "The view is gone.")
    return redirect("request_list")


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
        "may_clone": person.agency_id == data_request.agency_id and policies.can_start_draft(person),
        "amendments": amendments_read_by(person, data_request),
        "parent": amendment_that_brought(data_request) if policies.is_party(person, data_request) else None,
        "amend": _amend_button(data_request, person),
        "people": answers.agents_answer(data_request) if policies.is_party(person, data_request) else [],
        "history": history(data_request, person),
        "conditions": _conditions(data_request),
        "suspensions": _suspensions(data_request),
        **_talk(data_request, person),
        "may_lift": Role.APPROVING_OFFICIAL in roles_of(person),
    }
    return render(request, "requests/hub.html", context)


def _talk(data_request: DataRequest, person: Person) -> dict[str, Any]:
    """Findings the state reads, and how many questions are open, for the two sides that talk."""
    if not policies.is_party(person, data_request) or data_request.status is State.DRAFT:
        return {}
    known = there_is(data_request)
    asked = data_request.questions.filter(settled_at__isnull=True) if known.questions else Question.objects.none()
    waits = list(asked.values_list("waits_for", flat=True))
    return {
        "findings": list(shared_findings(data_request).items()),
        "talks": True,
        "open_questions": len(waits),
        "questions_for_me": waits.count(side_of(person)),
    }


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


def _amend_button(data_request: DataRequest, person: Person) -> dict[str, Any] | None:
    """For coordinators once the request is approved; disabled with the reason where something stands in the way."""
    if data_request.status not in AMENDABLE or Role.COORDINATOR not in roles_on(person, data_request):
        return None
    try:
        policies.check_amend(person, data_request)
    except Denied as denied:
        return {"enabled": False, "reason": " ".join(denied.reasons)}
    return {"enabled": True, "reason": ""}


def _conditions(data_request: DataRequest) -> list[str]:
    decided = [one.facts for one in decisions(data_request) if one.transition == "approve"]
    return [facts["conditions"] for facts in decided if facts.get("conditions")]


def _suspensions(data_request: DataRequest) -> list[Suspension]:
    if not there_is(data_request).suspensions:
        return []
    return list(data_request.suspensions.select_related("request", "lifted_by"))


def request_progress(request: HttpRequest, number: str) -> HttpResponse:
    """The part of the hub that polls; once no machine works any more the whole page is loaded again."""
    data_request = seen_request(request, number)
    job = progress(data_request, person_of(request))
    if job is None:
        return HttpResponse(status=STOP_POLLING, headers={"HX-Refresh": "true"})
    return render(request, "components/progress_body.html", {"job": job, "id": "progress"})
