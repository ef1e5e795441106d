"""The form: its task list, and the people named on it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from requests_app import standing
from requests_app.forms.people import NameAgentForm
from requests_app.models import DataRequest
from requests_app.paperwork import pra_statement
from requests_app.request_rows import agents, last_decision
from requests_app.selectors.life.form_tasks import Task, tasks
from requests_app.services.life import requests as service
from requests_app.views.form.section import editable
from requests_app.views.life.requests import page_frame
from requests_app.views.people.access import person_of


def form(request: HttpRequest, number: str) -> HttpResponse:
    """The task list."""
    data_request = editable(request, number)
    found = tasks(data_request, timezone.localdate())
    open_one = next((task for task in found if task.problems), None)
    context = page_frame(data_request, person_of(request)) | {
        "rows": [_task_row(data_request, task) for task in found],
        "next": open_one,
        "next_url": section_url(data_request, open_one.name) if open_one else "",
        "pra": pra_statement(),
        "returned": last_decision(data_request, "return_to_state"),
    }
    return render(request, "requests/form.html", context)


def section_url(data_request: DataRequest, section: str) -> str:
    """The address of a section's page."""
    if section == "people":
        return reverse("form_people", args=[data_request.number])
    return reverse("form_section", args=[data_request.number, section])


def _task_row(data_request: DataRequest, task: Task) -> dict[str, str]:
    hint = " ".join(task.problems) if task.status == "incomplete" else ""
    if task.name == "package" and data_request.kind:
        hint = data_request.get_kind_display()
    url = section_url(data_request, task.name)
    return {"label": task.title, "url": url, "status": task.status, "words": task.words, "hint": hint}


def form_people(request: HttpRequest, number: str) -> HttpResponse:
    """Who is named on the request; an agent is added here."""
    data_request = editable(request, number)
    bound = NameAgentForm(data_request, request.POST if request.method == "POST" else None)
    if request.method == "POST" and bound.is_valid():
        named = bound.cleaned_data
        service.name_agent(data_request, named["person"], actor=person_of(request), may_upload=named["may_upload"])
        messages.success(request, f"{named['person'].name} is named on this request.")
        return redirect("form_people", number)
    today = timezone.localdate()
    named = [{"row": row, "problems": standing.clearance_problems(row.person, today)} for row in agents(data_request)]
    context = {
        "data_request": data_request,
        "form": bound,
        "coordinator_problems": standing.clearance_problems(data_request.coordinator, today),
        "agents": named,
        "nobody_left": not bound.fields["person"].queryset.exists(),  # type: ignore[attr-defined]
    }
    return render(request, "requests/form_people.html", context, status=400 if bound.errors else 200)


def remove_agent(request: HttpRequest, number: str) -> HttpResponseBase:
    """Takes an agent off the request."""
    data_request = editable(request, number)
    open_rows = data_request.agents.filter(removed_at__isnull=True).select_related("person", "request")
    email = request.POST.get("agent", "")
    row = get_object_or_404(open_rows, person__email=email)
    service.remove_agent(row, actor=person_of(request))
    messages.success(request, f"{row.person.name} is no longer named on this request.")
    return redirect("form_people", number)
