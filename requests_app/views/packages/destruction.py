"""Confirming destruction thing by thing, then the step that tells BLS; what was made of a package."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from requests_app import policies
from requests_app.forms.destruction import DestructionForm
from requests_app.forms.held_data import HeldDataForm
from requests_app.models import DataRequest, Destruction
from requests_app.selectors.form.amendments import amendments_of_day
from requests_app.selectors.holdings.packages import statements_of
from requests_app.selectors.life.steps import WHAT_HAPPENS, find_action
from requests_app.services.packages import destruction as service
from requests_app.views.life.requests import page_frame
from requests_app.views.life.steps import take_step
from requests_app.views.people.access import person_of, seen_request
from requests_app.views.sign_in.second_factor import fresh_second_factor, take_typed


@fresh_second_factor()
def destruction(request: HttpRequest, number: str) -> HttpResponseBase:
    """The thing named, or the next one without a statement; once all have one, the confirmation to BLS."""
    data_request = seen_request(request, number)
    named = request.POST.get("what_it_is", request.GET.get("what", ""))
    duty = _duty(data_request, named)
    policies.check_confirm_destruction(person_of(request), data_request, duty)
    if request.method != "POST":
        return _page(request, data_request, duty, DestructionForm(take_typed(request) or None))
    if duty is None and not named:
        return take_step(request, data_request, "confirm_destruction")
    return _confirm(request, data_request, duty)


def _duty(data_request: DataRequest, named: str) -> Destruction | None:
    duties = list(service.open_duties(data_request))
    return next((duty for duty in duties if duty.key == named or not named), None)


def _confirm(request: HttpRequest, data_request: DataRequest, duty: Destruction | None) -> HttpResponse:
    if duty is None:
        messages.warning(request, "Somebody has confirmed that meanwhile.")
        return redirect("destruction", data_request.number)
    bound = DestructionForm(request.POST)
    if not bound.is_valid():
        return _page(request, data_request, duty, bound)
    service.confirm(duty, actor=person_of(request), **bound.statement())
    messages.success(request, f"Your statement about {duty.subject} is kept, with its certificate.")
    return redirect("held_data" if data_request.state == "in_use" else "destruction", data_request.number)


def _page(
    request: HttpRequest, data_request: DataRequest, duty: Destruction | None, bound: DestructionForm
) -> HttpResponse:
    context = page_frame(data_request, person_of(request)) | {
        "duty": duty,
        "form": bound if duty else None,
        "stated": statements_of(data_request, person_of(request)),
        "action": find_action(person_of(request), data_request, "confirm_destruction"),
        "what_happens": WHAT_HAPPENS["confirm_destruction"],
    }
    return render(request, "requests/destruction.html", context, status=400 if bound.errors else 200)


def held_data(request: HttpRequest, number: str) -> HttpResponse:
    """Everything of this request that must be destroyed; a coordinator registers what was made of a package."""
    data_request, person = seen_request(request, number), person_of(request)
    may_register = policies.can_register_held_data(person, data_request)
    form = HeldDataForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        policies.check_register_held_data(person, data_request)
        if form.is_valid():
            held = service.register(data_request, actor=person, **form.cleaned_data)
            messages.success(request, f"“{held.name}” is registered. It must be destroyed with the package.")
            return redirect("held_data", number)
    context = page_frame(data_request, person) | {
        "duties": data_request.destructions.select_related("package", "held", "confirmed_by"),
        "stated": statements_of(data_request, person),
        "amendments": amendments_of_day(person, data_request),
        "form": form if may_register else None,
        "may_confirm": may_register,
        "may_ask": policies.can_amend(person, data_request),
    }
    return render(request, "requests/held_data.html", context, status=400 if form.is_bound else 200)
