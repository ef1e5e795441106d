"""One delivery as the Release Officer sees it: where it stands, trying again, taking the package back."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from requests_app import channels, policies
from requests_app.forms.deliveries import RecallForm
from requests_app.models import Delivery
from requests_app.services.life.workflow import Conflict
from requests_app.services.packages import recalls
from requests_app.services.packages.delivery import recipients
from requests_app.templatetags import formats
from requests_app.views.life.requests import page_frame
from requests_app.views.people.access import person_of, seen_request
from requests_app.views.sign_in.second_factor import fresh_second_factor

TRY_AGAIN = "try_again"


def _seen_delivery(request: HttpRequest, number: str, package_id: str) -> Delivery:
    data_request = seen_request(request, number)
    policies.check_deliver(person_of(request), data_request)
    known = Delivery.objects.select_related("package__request__agency", "package__request__coordinator__agency")
    row = known.filter(package=package_id, package__request=data_request).first()
    if row is None:
        raise Http404
    return row


@fresh_second_factor()
def package_delivery(request: HttpRequest, number: str, package_id: str) -> HttpResponseBase:
    """Where the delivery stands; what to do where it stopped; the form that takes the package back."""
    row = _seen_delivery(request, number, package_id)
    if request.method == "POST" and request.POST.get("act") == TRY_AGAIN:
        return _try_again(request, row)
    form = RecallForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        return _take_back(request, row, form.cleaned_data["reason"])
    context = page_frame(row.package.request, person_of(request)) | {
        "delivery": row,
        "rows": _rows(row),
        "form": form,
        "may_retry": row.status in {Delivery.Status.STOPPED, Delivery.Status.FAILED},
        "may_recall": row.status == Delivery.Status.DELIVERED and row.recall_asked_at is None,
    }
    return render(request, "requests/delivery.html", context, status=400 if form.is_bound else 200)


def _rows(row: Delivery) -> list[dict[str, str]]:
    """Facts of the delivery, those that do not exist left out."""
    people = ", ".join(f"{person.name} ({person.email})" for person in recipients(row.package.request))
    receipt = "; ".join(f"{name}: {value}" for name, value in row.receipt.items())
    facts = {
        "Channel": channels.in_words([row.channel]),
        "To": people or "Nobody named on the form could open it today.",
        "Attempts": str(row.attempts),
        "Delivered": formats.moment(row.delivered_at) if row.delivered_at else "",
        "First collected": formats.moment(row.first_opened_at) if row.first_opened_at else "",
        "Receipt": receipt,
        "Asked back": f"{formats.moment(row.recall_asked_at)}: {row.recall_reason}" if row.recall_asked_at else "",
        "Taken back": formats.moment(row.recalled_at) if row.recalled_at else "",
    }
    return [{"key": name, "value": value} for name, value in facts.items() if value]


def _try_again(request: HttpRequest, row: Delivery) -> HttpResponse:
    try:
        recalls.try_again(row, actor=person_of(request))
        messages.success(request, "The package is being sent again.")
    except Conflict as conflict:
        messages.warning(request, str(conflict))
    return redirect("package_delivery", row.package.request.number, row.package_id)


def _take_back(request: HttpRequest, row: Delivery, reason: str) -> HttpResponse:
    try:
        recalls.ask(row, actor=person_of(request), reason=reason)
        messages.success(request, "The package can no longer be opened here, and is being withdrawn from its channel.")
    except Conflict as conflict:
        messages.warning(request, str(conflict))
    return redirect("package_delivery", row.package.request.number, row.package_id)
