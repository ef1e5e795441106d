"""Reporting a suspected breach in two clicks, reading the reports, and lifting a suspension."""

from typing import Any, cast

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from requests_app import incident_policies, policies
from requests_app.forms.incidents import (
    REPORT,
    CloseForm,
    EntryForm,
    IncidentForm,
    LiftForm,
    ReportForm,
    TellStatesForm,
)
from requests_app.models import DataRequest, Incident, IncidentReport
from requests_app.selectors.holdings.incidents import incidents_of, reportable
from requests_app.services.life.workflow import Conflict
from requests_app.services.packages import incidents
from requests_app.services.partners import suspensions
from requests_app.standing import roles_of
from requests_app.states import Role
from requests_app.templatetags import formats
from requests_app.views.life.requests import page_frame
from requests_app.views.people.access import person_of, seen_request
from requests_app.views.sign_in.second_factor import fresh_second_factor

LISTED = 100
COLUMNS = ["Reported", "By", "About", "Written report due"]


def report_incident(request: HttpRequest) -> HttpResponse:
    """One page, one button; whoever is signed in reports, whatever has stopped them."""
    person = person_of(request)
    named = {"request": request.GET.get("request", "")}
    form = IncidentForm(reportable(person), request.POST if request.method == "POST" else None, initial=named)
    if not form.is_valid():
        return render(request, "incidents/report.html", {"form": form}, status=400 if form.is_bound else 200)
    about = cast(DataRequest | None, form.cleaned_data["request"])
    incident = incidents.report(
        actor=person,
        what_is_known=form.cleaned_data["what_is_known"],
        request=about,
        kind=form.cleaned_data["kind"] or Incident.Kind.BREACH,
    )
    messages.success(request, "BLS was told now. Keep what you know; the written report can follow.")
    return redirect("incident", incident.pk)


def incident_list(request: HttpRequest) -> HttpResponse:
    """The reports the person sees, newest first."""
    rows = [_row(one) for one in incidents_of(person_of(request))[:LISTED]]
    return render(request, "incidents/list.html", {"columns": COLUMNS, "rows": rows})


def _row(one: Incident) -> dict[str, Any]:
    cells = [_reporter(one), _about(one), formats.moment(one.report_due_at)]
    return {"label": formats.moment(one.reported_at), "url": reverse("incident", args=[one.pk]), "cells": cells}


def _reporter(one: Incident) -> str:
    return f"{one.reported_by.name}, {one.reported_by.agency.name}"


def _about(one: Incident) -> str:
    return one.request.number if one.request else "No request named"


def _seen(request: HttpRequest, incident_id: str) -> Incident:
    """The incident, for whoever sees it; 404 for everybody else."""
    try:
        return incidents_of(person_of(request)).get(pk=incident_id)
    except Incident.DoesNotExist as unseen:
        raise Http404 from unseen


def incident(request: HttpRequest, incident_id: str) -> HttpResponse:
    """One incident from its report to its end, and what it stopped."""
    found, person = _seen(request, incident_id), person_of(request)
    rows = [
        {"key": "What it is", "value": found.get_kind_display()},
        {"key": "Reported by", "value": _reporter(found)},
        {"key": "About", "value": _about(found)},
        {"key": "What is known", "value": found.what_is_known or "Nothing was written with the report."},
        {"key": "Written report due", "value": formats.moment(found.report_due_at)},
        {"key": "Evidence due", "value": formats.moment(found.evidence_due_at)},
        {"key": "States told", "value": ", ".join(one.state_name for one in found.concerned.all()) or "None"},
    ]
    decides = Role.APPROVING_OFFICIAL in roles_of(person)
    context = {
        "incident": found,
        "rows": rows,
        "reports": [(one, _answers(one)) for one in found.reports.select_related("submitted_by")],
        "entries": found.entries.select_related("added_by", "document").defer("document__content"),
        "may_say_more": incident_policies.can_say_more(person, found),
        "may_tell": incident_policies.can_say_more(person, found, "notice"),
        "may_close": decides and not found.closed_at,
        "suspensions": found.suspensions.select_related("request", "lifted_by"),
        "may_lift": decides,
    }
    return render(request, "incidents/incident.html", context)


def _answers(report: IncidentReport) -> list[dict[str, str]]:
    return [{"key": label, "value": getattr(report, name)} for name, (label, _) in REPORT.items()]


def incident_report(request: HttpRequest, incident_id: str) -> HttpResponse:
    """The written report."""
    found, person = _seen(request, incident_id), person_of(request)
    incident_policies.check_say_more(person, found)
    form = ReportForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        incidents.submit_report(found, actor=person, **form.cleaned_data)
        messages.success(request, "The written report is kept, and BLS is told.")
        return redirect("incident", found.pk)
    return _form_page(request, found, form, "Write the report", "Send the report")


def incident_add(request: HttpRequest, incident_id: str) -> HttpResponse:
    """A line of the timeline, with a paper where there is one."""
    found, person = _seen(request, incident_id), person_of(request)
    incident_policies.check_say_more(person, found)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = EntryForm(*sent, of_bls=incident_policies.can_say_more(person, found, "inspection"))
    if form.is_valid():
        incidents.add_entry(found, actor=person, **form.cleaned_data)
        messages.success(request, "It stands in the timeline.")
        return redirect("incident", found.pk)
    return _form_page(request, found, form, "Add to the timeline", "Add it")


def incident_tell(request: HttpRequest, incident_id: str) -> HttpResponse:
    """BLS tells states that an incident concerns their records."""
    found, person = _seen(request, incident_id), person_of(request)
    incident_policies.check_say_more(person, found, "notice")
    form = TellStatesForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        said = form.cleaned_data
        incidents.tell_states(found, actor=person, agencies=list(said["agencies"]), text=said["text"])
        messages.success(request, "The states are told.")
        return redirect("incident", found.pk)
    return _form_page(request, found, form, "Tell states", "Tell them")


@fresh_second_factor()
def close_incident(request: HttpRequest, incident_id: str) -> HttpResponseBase:
    """An Approving Official closes it, with what came of it."""
    found, person = _seen(request, incident_id), person_of(request)
    incident_policies.check_close(person, found)
    form = CloseForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            incidents.close(found, actor=person, outcome=form.cleaned_data["outcome"])
            messages.success(request, "The incident is closed.")
        except Conflict as conflict:
            messages.warning(request, str(conflict))
        return redirect("incident", found.pk)
    return _form_page(request, found, form, "Close the incident", "Close it")


def _form_page(request: HttpRequest, found: Incident, form: Form, heading: str, button: str) -> HttpResponse:
    context = {"incident": found, "form": form, "heading": heading, "button": button}
    return render(request, "incidents/form.html", context, status=400 if form.is_bound else 200)


@fresh_second_factor()
def lift_suspension(request: HttpRequest, number: str, suspension_id: str) -> HttpResponseBase:
    """An Approving Official lets a suspended request go on, with a reason the state reads."""
    data_request = seen_request(request, number)
    suspension = data_request.suspensions.filter(pk=suspension_id).first()
    if suspension is None:
        raise Http404
    policies.check_lift_suspension(person_of(request), suspension)
    form = LiftForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            suspensions.lift(suspension, actor=person_of(request), why=form.cleaned_data["why"])
            messages.success(request, "The suspension is lifted.")
        except Conflict as conflict:
            messages.warning(request, str(conflict))
        return redirect("request", number)
    context = page_frame(data_request, person_of(request)) | {"suspension": suspension, "form": form}
    return render(request, "incidents/lift.html", context, status=400 if form.is_bound else 200)
