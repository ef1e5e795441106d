"""Amendments of an approved request: asked for on one page, signed and decided on another."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render

from requests_app import policies
from requests_app.amendment_states import BY_NAME
from requests_app.forms.amendments import AmendmentForm, MoveForm
from requests_app.models import Amendment, DataRequest
from requests_app.policies import Denied
from requests_app.selectors.form.amendments import amendments_read_by, facts_of, moves_for
from requests_app.services.form import amendments as service
from requests_app.services.life.workflow import Conflict
from requests_app.views.life.requests import page_frame
from requests_app.views.people.access import person_of, seen_request
from requests_app.views.sign_in.second_factor import ask_again, is_fresh, take_typed


def add_amendment(request: HttpRequest, number: str) -> HttpResponseBase:
    """What is to be added or extended, and why; it is signed on its own page."""
    person, data_request = person_of(request), seen_request(request, number)
    policies.check_amend(person, data_request)
    form = AmendmentForm(data_request, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        made = service.draft_amendment(
            data_request, actor=person, changes=form.changes(), reason=form.cleaned_data["reason"]
        )
        return redirect("amendment", number, made.number)
    context = page_frame(data_request, person) | {"form": form}
    return render(request, "requests/amendment_add.html", context, status=400 if form.errors else 200)


def amendment(request: HttpRequest, number: str, amendment_number: int) -> HttpResponseBase:
    """One amendment, and the moves the person may take; POST takes one."""
    data_request = seen_request(request, number)
    found = get_object_or_404(amendments_read_by(person_of(request), data_request), number=amendment_number)
    if request.method != "POST":
        return _page(request, data_request, found, MoveForm(take_typed(request) or None))
    name = request.POST.get("move", "")
    if name not in BY_NAME:
        form = MoveForm(request.POST)
        form.add_error(None, "Press one of the buttons of this page: nothing was done.")
        return _page(request, data_request, found, form, status=400)
    policies.check_amendment_role(person_of(request), data_request, BY_NAME[name].role)
    if BY_NAME[name].fresh_factor and not is_fresh(request):
        return ask_again(request, request.path)
    return _take(request, data_request, found, name)


def _take(request: HttpRequest, data_request: DataRequest, found: Amendment, name: str) -> HttpResponse:
    form = MoveForm(request.POST)
    if not form.is_valid():
        return _page(request, data_request, found, form, status=400)
    try:
        moved = service.move(found, name, actor=person_of(request), reason=form.cleaned_data["reason"])
    except Conflict as conflict:
        messages.warning(request, str(conflict))
    except Denied as denied:
        form.add_error(None, list(denied.reasons))  # type: ignore[arg-type]  # a list of messages is one of its shapes
        return _page(request, data_request, found, form, status=403)
    else:
        messages.success(request, f"Done: {BY_NAME[name].label}. {moved} is now “{moved.status.label}”.")
    return redirect("amendment", data_request.number, found.number)


def _page(
    request: HttpRequest, data_request: DataRequest, found: Amendment, form: MoveForm, status: int = 200
) -> HttpResponse:
    person = person_of(request)
    context = page_frame(data_request, person) | {
        "amendment": found,
        "facts": facts_of(found),
        "moves": moves_for(person, found),
        "form": form,
    }
    return render(request, "requests/amendment.html", context, status=status)
