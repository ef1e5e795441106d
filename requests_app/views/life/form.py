"""The form: a task list, one page for each section, people, a check of everything, and the signature."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from requests_app import form as the_form
from requests_app import policies, standing
from requests_app.forms.by_section import FORMS
from requests_app.forms.people import NameAgentForm
from requests_app.forms.sections import SectionForm
from requests_app.models import DataRequest
from requests_app.selectors.life import answers
from requests_app.selectors.life.form_tasks import Task, tasks
from requests_app.services.life import requests as service
from requests_app.services.life.requests import StaleSection
from requests_app.states import Kind
from requests_app.views.life.requests import contributed, page_frame
from requests_app.views.people.access import person_of, seen_request


def editable(request: HttpRequest, number: str) -> DataRequest:
    """The request where the person may change its form now; 404 unseen, `Denied` otherwise."""
    data_request = seen_request(request, number)
    policies.check_edit_form(person_of(request), data_request)
    return data_request


def form(request: HttpRequest, number: str) -> HttpResponse:
    """The task list."""
    data_request = editable(request, number)
    found = tasks(data_request, timezone.localdate())
    open_one = next((task for task in found if task.problems), None)
    context = page_frame(data_request, person_of(request)) | {
        "rows": [_task_row(data_request, task) for task in found],
        "next": open_one,
        "next_url": section_url(data_request, open_one.name) if open_one else "",
        "returned": data_request.decisions.filter(transition="return_to_state").last(),
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


def form_section(request: HttpRequest, number: str, section: str) -> HttpResponse:
    """One section: shown as saved, saved as typed."""
    data_request = editable(request, number)
    titles = the_form.sections_of(Kind(data_request.kind) if data_request.kind else None)
    if section not in titles or section not in FORMS:
        raise Http404
    saved = data_request.sections.filter(name=section).first()
    version = saved.version if saved else 0
    typed = request.POST if request.method == "POST" else None
    bound = FORMS[section](data_request, saved.data if saved else {}, version, typed)
    if typed is not None and bound.is_valid():
        return _save(request, data_request, section, bound)
    return _section_page(request, data_request, section, bound, status=400 if typed is not None else 200)


def _save(request: HttpRequest, data_request: DataRequest, section: str, bound: SectionForm) -> HttpResponse:
    data = bound.answers()
    try:
        service.save_section(
            data_request, section, data, actor=person_of(request), seen_version=bound.cleaned_data["seen_version"]
        )
    except StaleSection as stale:
        return _clash_page(request, data_request, section, data, stale)
    title = the_form.SECTIONS[section][0]
    kind = f" This is a {Kind(data['kind']).label.lower()} request." if data.get("kind") else ""
    messages.success(request, f"Saved: {title}.{kind}")
    if "another" in request.POST:
        return redirect("form_section", data_request.number, section)
    return redirect("form", data_request.number)


def _clash_page(
    request: HttpRequest, data_request: DataRequest, section: str, mine: dict[str, Any], stale: StaleSection
) -> HttpResponse:
    """Both versions side by side; the person's own stays in the form, and saving again is then their decision."""
    typed = request.POST.copy()
    typed["seen_version"] = str(stale.current.version)
    bound = FORMS[section](data_request, stale.current.data, stale.current.version, typed)
    theirs = answers.answers_of_section(section, stale.current.data, data_request.kind)
    ours = answers.answers_of_section(section, mine, data_request.kind)
    clash = {
        "by": stale.current.saved_by.name,
        "at": stale.current.saved_at,
        "rows": [
            {"key": one.key, "theirs": one, "mine": two, "differs": one != two}
            for one, two in zip(theirs, ours, strict=True)
        ],
    }
    return _section_page(request, data_request, section, bound, status=409, clash=clash)


def _section_page(
    request: HttpRequest, data_request: DataRequest, section: str, bound: SectionForm, status: int = 200, **more: Any
) -> HttpResponse:
    context = {
        "data_request": data_request,
        "section": section,
        "title": the_form.SECTIONS[section][0],
        "form": bound,
        "added": contributed(request, data_request, person_of(request), section),
        **more,
    }
    template = "requests/form_cohorts.html" if section == "cohorts" else "requests/form_section.html"
    return render(request, template, context, status=status)


def form_people(request: HttpRequest, number: str) -> HttpResponse:
    """Who is named on the request; an agent is added here."""
    data_request = editable(request, number)
    bound = NameAgentForm(data_request, request.POST if request.method == "POST" else None)
    if request.method == "POST" and bound.is_valid():
        named = bound.cleaned_data
        service.name_agent(data_request, named["person"], actor=person_of(request), may_upload=named["may_upload"])
        messages.success(request, f"{named['person'].name} is named on this request.")
        return redirect("form_people", number)
    agents = data_request.agents.filter(removed_at__isnull=True).select_related("person__agency")
    today = timezone.localdate()
    context = {
        "data_request": data_request,
        "form": bound,
        "coordinator_problems": standing.clearance_problems(data_request.coordinator, today),
        "agents": [{"row": row, "problems": standing.clearance_problems(row.person, today)} for row in agents],
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
