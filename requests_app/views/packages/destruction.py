"""Confirming destruction: one statement for each package, then the step that tells BLS."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from requests_app import policies
from requests_app.forms.destruction import DestructionForm
from requests_app.models import DataRequest, Destruction
from requests_app.selectors.holdings.packages import statements_of
from requests_app.selectors.life.steps import WHAT_HAPPENS, find_action
from requests_app.services.packages import destruction as service
from requests_app.views.life.requests import page_frame
from requests_app.views.life.steps import take_step
from requests_app.views.people.access import person_of, seen_request
from requests_app.views.sign_in.second_factor import fresh_second_factor, take_typed


@fresh_second_factor()
def destruction(request: HttpRequest, number: str) -> HttpResponseBase:
    """The next package without a statement; once all have one, the confirmation to BLS."""
    data_request = seen_request(request, number)
    policies.check_confirm_destruction(person_of(request), data_request)
    duty = _open_duties(data_request).first()
    if request.method != "POST":
        return _page(request, data_request, duty, DestructionForm(take_typed(request) or None))
    if duty is None:
        return take_step(request, data_request, "confirm_destruction")
    return _confirm(request, data_request, duty)


def _open_duties(data_request: DataRequest) -> QuerySet[Destruction]:
    duties = Destruction.objects.filter(package__request=data_request)
    return duties.filter(confirmed_at__isnull=True).select_related("package").order_by("package__version")


def _confirm(request: HttpRequest, data_request: DataRequest, duty: Destruction) -> HttpResponse:
    bound = DestructionForm(request.POST)
    if request.POST.get("package") != duty.package_id:
        messages.warning(request, "Somebody has confirmed that package meanwhile.")
        return redirect("destruction", data_request.number)
    if not bound.is_valid():
        return _page(request, data_request, duty, bound)
    service.confirm_package(duty, actor=person_of(request), **bound.statement())
    messages.success(request, f"Your statement about package {duty.package.version} is kept.")
    return redirect("destruction", data_request.number)


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
