"""Reporting a suspected breach in two clicks, reading the reports, and lifting a suspension."""

from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from requests_app import policies
from requests_app.forms.incidents import IncidentForm, LiftForm
from requests_app.models import DataRequest, Incident, Suspension
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
    incident = incidents.report(actor=person, what_is_known=form.cleaned_data["what_is_known"], request=about)
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


def incident(request: HttpRequest, incident_id: str) -> HttpResponse:
    """One report, and what it stopped."""
    try:
        found = incidents_of(person_of(request)).get(pk=incident_id)
    except Incident.DoesNotExist as unseen:
        raise Http404 from unseen
    rows = [
        {"key": "Reported by", "value": _reporter(found)},
        {"key": "About", "value": _about(found)},
        {"key": "What is known", "value": found.what_is_known or "Nothing was written with the report."},
        {"key": "Written report due", "value": formats.moment(found.report_due_at)},
    ]
    context = {
        "incident": found,
        "rows": rows,
        "suspensions": Suspension.objects.filter(incident=found).select_related("request", "lifted_by"),
        "may_lift": Role.APPROVING_OFFICIAL in roles_of(person_of(request)),
    }
    return render(request, "incidents/incident.html", context)


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
