"""Check and sign: a summary of every answer with what is missing, then the signature on a page of its own."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone

from requests_app import form as the_form
from requests_app import hooks
from requests_app.forms.steps import SignForm
from requests_app.models import DataRequest
from requests_app.paperwork import pra_statement
from requests_app.policies import Denied
from requests_app.selectors.life.answers import answers_by_section
from requests_app.selectors.life.form_tasks import digest, tasks
from requests_app.selectors.life.steps import WHAT_HAPPENS, find_action
from requests_app.views.form.section import editable
from requests_app.views.life.form import section_url
from requests_app.views.life.requests import contributed, page_frame
from requests_app.views.life.steps import take_step
from requests_app.views.people.access import person_of, seen_request
from requests_app.views.sign_in.second_factor import fresh_second_factor, take_typed


def form_check(request: HttpRequest, number: str) -> HttpResponse:
    """Every answer, and everything that stands in the way of signing, each linked to its section."""
    data_request = editable(request, number)
    found = {task.name: task for task in tasks(data_request, timezone.localdate())}
    sections = [
        {
            "name": name,
            "title": the_form.SECTIONS[name][0],
            "rows": rows,
            "url": section_url(data_request, name),
        }
        for name, rows in answers_by_section(data_request).items()
    ]
    linked = [
        {"text": f"{task.title}: {need.sentence}", "href": f"{section_url(data_request, task.name)}#id_{need.field}"}
        for task in found.values()
        for need in task.needs
    ]
    context = page_frame(data_request, person_of(request)) | {
        "sections": sections,
        "problems": linked + _other_problems(request, data_request),
        "ready": not _problems(request, data_request),
        "added": contributed(request, data_request, person_of(request), "check"),
    }
    return render(request, "requests/form_check.html", context)


def _problems(request: HttpRequest, data_request: DataRequest) -> list[str]:
    action = find_action(person_of(request), data_request, "submit")
    return action.reasons if action else ["Only the requesting agency's Project Coordinators sign."]


# Where in the form the guards' sentences are answered; what stands in the way elsewhere (an MOU) leads nowhere here.
PLACES = {
    "states_permit_use": ("scope", "#id_states"),
    "quarters_are_held": ("scope", "#id_quarters"),
    "pre_release_listed": ("scope", "#id_quarters"),
    "design_can_be_tabulated": ("tables", ""),
    "team_is_cleared": ("people", ""),
}


def _other_problems(request: HttpRequest, data_request: DataRequest) -> list[dict[str, str]]:
    """What stands in the way besides missing answers, each leading to where it can be settled."""
    person, found = person_of(request), []
    places: dict[str, str] = {}
    for name, (section, field) in PLACES.items():
        places |= dict.fromkeys(hooks.guards[name](data_request, person), section_url(data_request, section) + field)
    in_form = set(hooks.guards["form_complete"](data_request, person))
    for problem in _problems(request, data_request):
        if problem not in in_form:
            found.append({"text": problem, "href": places.get(problem, "")})
    return found


@fresh_second_factor()
def form_sign(request: HttpRequest, number: str) -> HttpResponseBase:
    """The signature: the typed name under exactly the answers that were shown."""
    if request.method == "POST" and seen_request(request, number).state not in {"draft", "returned"}:
        return take_step(request, seen_request(request, number), "submit")
    data_request = editable(request, number)
    if problems := _problems(request, data_request):
        raise Denied(*problems)
    name, now = person_of(request).name, digest(data_request)
    typed = {**take_typed(request), "form_sha256": now}
    bound = SignForm(name, request.POST) if request.method == "POST" else SignForm(name, initial=typed)
    if not (bound.is_bound and bound.is_valid()):
        return _sign_page(request, data_request, bound)
    if bound.cleaned_data["form_sha256"] != now:
        messages.warning(request, "Somebody changed the form while you were signing. Check it again; nothing was sent.")
        return redirect("form_check", number)
    return take_step(request, data_request, "submit", facts=bound.cleaned_data)


def _sign_page(request: HttpRequest, data_request: DataRequest, bound: SignForm) -> HttpResponse:
    context = page_frame(data_request, person_of(request)) | {
        "form": bound,
        "what_happens": WHAT_HAPPENS["submit"],
        "pra": pra_statement(),
        "certifications": list(the_form.CERTIFICATIONS.values()),
    }
    return render(request, "requests/form_sign.html", context, status=400 if bound.errors else 200)
