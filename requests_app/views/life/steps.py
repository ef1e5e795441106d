"""One page for any step of the transition table: what will happen, a reason where one is needed, one button."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from requests_app import policies
from requests_app.forms.steps import StepForm
from requests_app.models import DataRequest
from requests_app.selectors.holdings.packages import statements_of
from requests_app.selectors.life.requests import Action
from requests_app.selectors.life.steps import DANGEROUS, FRESH_FACTOR, OWN_PAGE, WHAT_HAPPENS, find_action
from requests_app.services.life import workflow
from requests_app.states import BY_NAME
from requests_app.views.life.requests import page_frame
from requests_app.views.people.access import person_of, seen_request
from requests_app.views.sign_in.second_factor import ask_again, is_fresh, take_typed


def step(request: HttpRequest, number: str, transition: str) -> HttpResponseBase:
    """The page of one step, and the step itself."""
    data_request = seen_request(request, number)
    if transition not in WHAT_HAPPENS:
        raise Http404
    if transition in OWN_PAGE:
        return redirect(OWN_PAGE[transition], number)
    action = find_action(person_of(request), data_request, transition)
    if action is None:
        return _not_offered(request, data_request, transition)
    if transition in FRESH_FACTOR and not is_fresh(request):
        return ask_again(request, request.path)
    if request.method == "POST":
        return _take(request, data_request, action)
    package = policies.newest_package(data_request)
    shown = {"package_sha256": package.sha256 if package else "", **take_typed(request)}
    return _page(request, data_request, action, StepForm(action.transition, initial=shown))


def _not_offered(request: HttpRequest, data_request: DataRequest, name: str) -> HttpResponseBase:
    """Not the person's step: 403. Theirs, but the request has moved on: back to the hub, with words."""
    policies.check_role(person_of(request), data_request, BY_NAME[name])
    words = f"{data_request.number} is now “{data_request.status.label}”, so “{BY_NAME[name].label}” no longer applies."
    messages.warning(request, words)
    return redirect("request", data_request.number)


def _take(request: HttpRequest, data_request: DataRequest, action: Action) -> HttpResponse:
    form = StepForm(action.transition, request.POST)
    if not form.is_valid():
        return _page(request, data_request, action, form, status=400)
    name = action.transition.name
    return take_step(request, data_request, name, reason=form.cleaned_data["reason"], facts=form.facts())


def take_step(
    request: HttpRequest, data_request: DataRequest, name: str, *, reason: str = "", facts: dict[str, Any] | None = None
) -> HttpResponse:
    """Takes the step and goes to where the work continues; a conflict is said on the hub, with nothing changed."""
    try:
        moved = workflow.transition(data_request, name, actor=person_of(request), reason=reason, facts=facts)
    except workflow.Conflict as conflict:
        messages.warning(request, str(conflict))
        return redirect("request", data_request.number)
    messages.success(request, f"Done: {BY_NAME[name].label}. {moved.number} is now “{moved.status.label}”.")
    return redirect("review" if name == "start_review" else "request", moved.number)


def _page(
    request: HttpRequest, data_request: DataRequest, action: Action, form: StepForm, status: int = 200
) -> HttpResponse:
    step = action.transition
    context = page_frame(data_request, person_of(request)) | {
        "action": action,
        "form": form,
        "what_happens": WHAT_HAPPENS[step.name].format(state=data_request.agency.state_name),
        "stated": statements_of(data_request, person_of(request)) if "destruction" in step.name else [],
        "style": "secondary" if step.name in DANGEROUS else "",
    }
    return render(request, "requests/step.html", context, status=status)
