"""BLS looks after one state's review: answers its questions, gives it time, records what its MOU says of a lapse."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone

from requests_app import review_policies, standing
from requests_app.forms.reviews import ExtendForm, LapseForm, MessageForm
from requests_app.models import DataRequest, OutputReview
from requests_app.policies import Denied
from requests_app.review_policies import Review
from requests_app.services.reviews import answers, deadlines
from requests_app.services.reviews import messages as thread
from requests_app.services.reviews.desks import able_reviewers
from requests_app.views.life.requests import page_frame
from requests_app.views.people.access import person_of, record_attempt, seen_request
from requests_app.views.sign_in.second_factor import fresh_second_factor


@fresh_second_factor()
def review_care(request: HttpRequest, number: str, review_id: str) -> HttpResponseBase:
    """One state's review as BLS sees it; the button pressed says which of its three forms was sent."""
    data_request = seen_request(request, number)
    review = _review(data_request, review_id)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    sent = request.POST if act else None
    forms = {
        "message": MessageForm(sent if act == "message" else None),
        "extend": ExtendForm(review, sent if act == "extend" else None),
        "lapse": LapseForm(sent if act == "lapse" else None),
    }
    if act in forms and forms[act].is_valid():
        return _take(request, review, act, forms[act].cleaned_data)
    context = page_frame(data_request, person_of(request)) | {
        "review": review,
        "thread": review.messages.select_related("written_by__agency"),
        "extensions": review.extensions.select_related("extended_by"),
        "mou": standing.mou_of(review.agency, timezone.localdate()),
        "able": [] if review.verdict else able_reviewers([review.agency_id], timezone.localdate()),
        "forms": forms,
        "may_answer": review_policies.can_ask(person_of(request), review),
        "care_reasons": _reasons(request, review, lapse=False),
        "lapse_reasons": _reasons(request, review, lapse=True),
    }
    return render(request, "reviews/care.html", context, status=400 if act else 200)


def _review(data_request: DataRequest, review_id: str) -> Review:
    """The review of one of the request's packages, or of an output made from its data."""
    package = data_request.partner_reviews.filter(pk=review_id).select_related("agency", "package", "request").first()
    outputs = OutputReview.objects.filter(output__request=data_request, pk=review_id)
    found = package or outputs.select_related("agency", "output__request").first()
    if found is None:
        raise Http404
    return found


def _reasons(request: HttpRequest, review: Review, *, lapse: bool) -> list[str]:
    check = review_policies.check_record_lapse if lapse else review_policies.check_care_for_review
    try:
        check(person_of(request), review)
    except Denied as denied:
        return denied.reasons
    return []


def _take(request: HttpRequest, review: Review, act: str, said: dict[str, object]) -> HttpResponse:
    """Takes the act; what stands in the way is said on the page, and is an event."""
    person, state = person_of(request), review.agency.state_name
    try:
        if act == "message":
            thread.write(review, actor=person, text=str(said["text"]))
            messages.success(request, f"{state}'s reviewers are told that you wrote.")
        elif act == "extend":
            more = deadlines.extend(review, actor=person, to_due=said["to_due"], reason=str(said["extend_reason"]))  # type: ignore[arg-type]
            messages.success(request, f"{state} has time until {more.to_due:%-d %B %Y}.")
        else:
            answers.record_lapse(review, actor=person, reason=str(said["lapse_reason"]))
            messages.success(request, f"Recorded: {state} consents by lapse of its deadline.")
    except Denied as denied:
        record_attempt(request, denied)
        messages.warning(request, " ".join(denied.reasons))
    return redirect("review_care", review.request.number, review.pk)
