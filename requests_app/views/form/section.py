"""One section of the form on a page of its own: shown as saved, saved as typed, also while somebody types."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from requests_app import form as the_form
from requests_app import policies
from requests_app.form_needs import missing
from requests_app.forms.by_section import FORMS
from requests_app.forms.sections import SectionForm
from requests_app.forms.typed import as_typed, without_mistakes
from requests_app.models import DataRequest, FormSection
from requests_app.selectors.life import answers
from requests_app.services.life import requests as service
from requests_app.services.life.requests import StaleSection
from requests_app.states import Kind
from requests_app.templatetags.formats import clock
from requests_app.views.life.requests import contributed
from requests_app.views.people.access import person_of, seen_request

TEMPLATES = {"cohorts": "requests/form_cohorts.html", "tables": "requests/form_tables.html"}
WHILE_TYPING = "WR-While-Typing"  # static/js/autosave.js sets it: the answer is JSON, and the page stays


def editable(request: HttpRequest, number: str) -> DataRequest:
    """The request where the person may change its form now; 404 unseen, `Denied` otherwise."""
    data_request = seen_request(request, number)
    policies.check_edit_form(person_of(request), data_request)
    return data_request


def form_section(request: HttpRequest, number: str, section: str) -> HttpResponseBase:
    """The section as saved, or saved as typed."""
    data_request = editable(request, number)
    titles = the_form.sections_of(Kind(data_request.kind) if data_request.kind else None)
    if section not in titles or section not in FORMS:
        raise Http404
    saved = data_request.sections.filter(name=section).first()
    typed = request.POST if request.method == "POST" else None
    bound = FORMS[section](data_request, saved.data if saved else {}, saved.version if saved else 0, typed)
    if typed is None:
        return section_page(request, data_request, section, bound)
    if WHILE_TYPING in request.headers:
        return _save_while_typing(request, data_request, section, bound)
    if bound.is_valid():
        return _save(request, data_request, section, bound)
    return section_page(request, data_request, section, bound, status=400)


def _keep(request: HttpRequest, data_request: DataRequest, section: str, bound: SectionForm) -> FormSection:
    return service.save_section(
        data_request,
        section,
        bound.answers(),
        actor=person_of(request),
        seen_version=bound.cleaned_data["seen_version"],
        page=bound.cleaned_data["page"],
        turn=bound.cleaned_data["turn"] or 0,
    )


def _save(request: HttpRequest, data_request: DataRequest, section: str, bound: SectionForm) -> HttpResponse:
    try:
        saved = _keep(request, data_request, section, bound)
    except StaleSection as stale:
        return _clash_page(request, data_request, section, bound.answers(), stale)
    title = the_form.SECTIONS[section][0]
    kind = f" This is a {Kind(saved.data['kind']).label.lower()} request." if saved.data.get("kind") else ""
    messages.success(request, f"Saved: {title}.{kind}")
    if "another" in request.POST:
        return redirect("form_section", data_request.number, section)
    return redirect("form", data_request.number)


def _save_while_typing(
    request: HttpRequest, data_request: DataRequest, section: str, typed: SectionForm
) -> JsonResponse:
    """Saves what can be saved and says the rest in a sentence; a mistake in one answer keeps no other from it."""
    mistakes = [str(typed.fields[name].label) for name in typed.errors if name in typed.fields]
    bound = typed if typed.is_valid() else without_mistakes(typed)
    if bound is None:
        return JsonResponse({"words": "Not saved yet: some answers do not go together."})
    try:
        saved = _keep(request, data_request, section, bound)
    except StaleSection as stale:
        words = f"{stale.other.saved_by.name} changed what you are changing. Your answer is not saved yet."
        return JsonResponse({"words": words, "clash": True})
    at = f"Saved at {clock(timezone.now())}."
    if saved.saved_by_id != person_of(request).pk:
        at = f"Saved. {saved.saved_by.name} works on this section too."
    return JsonResponse({"words": " ".join([at, *[f"Not saved: “{label}”." for label in mistakes]])})


def _clash_page(
    request: HttpRequest, data_request: DataRequest, section: str, mine: dict[str, Any], stale: StaleSection
) -> HttpResponse:
    """Both versions side by side; the form holds the person's own where they clash, and what is kept elsewhere."""
    current = stale.current
    wanted = current.data | {key: mine[key] for key in stale.clashes}
    shown = FORMS[section](data_request, current.data, current.version)
    bound = _filled(data_request, section, current, as_typed(shown, wanted, current.version, shown["page"].value()))
    clash = {
        "by": stale.other.saved_by.name,
        "at": stale.other.saved_at,
        "rows": [
            {"key": one.key, "theirs": one, "mine": two, "differs": one != two}
            for one, two in zip(
                answers.answers_of_section(section, current.data),
                answers.answers_of_section(section, wanted),
                strict=True,
            )
        ],
    }
    return section_page(request, data_request, section, bound, status=409, clash=clash)


def _filled(data_request: DataRequest, section: str, current: FormSection, typed: Any) -> SectionForm:
    return FORMS[section](data_request, current.data, current.version, typed)


def section_page(
    request: HttpRequest, data_request: DataRequest, section: str, bound: SectionForm, status: int = 200, **more: Any
) -> HttpResponse:
    """The page of a section; `more` is added to its context."""
    context = {
        "data_request": data_request,
        "section": section,
        "title": the_form.SECTIONS[section][0],
        "form": bound,
        "needs": _needs(data_request, section) if status == 200 else [],
        **more,
    }
    if "added" not in more:
        context["added"] = contributed(request, data_request, person_of(request), section)
    return render(request, TEMPLATES.get(section, "requests/form_section.html"), context, status=status)


def _needs(data_request: DataRequest, section: str) -> list[dict[str, str]]:
    """What a section saved before still needs, each leading to its question; a new one is not blamed for being new."""
    if not data_request.sections.filter(name=section).exists():
        return []
    found = missing(data_request, timezone.localdate()).get(section, [])
    return [{"text": need.sentence, "href": f"#id_{need.field}"} for need in found]
