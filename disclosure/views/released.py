"""The tables as they are, or would be, released; and the review of a state whose records are in them."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from disclosure.forms import PartnerAnswerForm
from disclosure.selectors.reviews import cells_in_words, earlier_answer
from disclosure.selectors.shown_tables import shown_tables
from disclosure.views.frame import given, package_of
from requests_app import policies, standing
from requests_app.models import PartnerReview
from requests_app.services.packages import packages
from requests_app.states import Role
from requests_app.views.people.access import person_of, seen_request
from requests_app.views.sign_in.second_factor import fresh_second_factor


@fresh_second_factor()
def tables(http: HttpRequest, number: str) -> HttpResponseBase:
    """The tables as they are, or would be, released."""
    request = seen_request(http, number)
    package = package_of(request)
    shown = shown_tables(package, person_of(http), "view tables")
    return render(http, "disclosure/tables.html", {"data_request": request, "package": package, "tables": shown})


def _review(http: HttpRequest, review_id: str) -> PartnerReview:
    """The review, for reviewers of the state that was asked; for everybody else it does not exist."""
    person = person_of(http)
    if Role.OUTPUT_REVIEWER not in standing.roles_of(person):
        raise Http404
    review = PartnerReview.objects.filter(pk=review_id, agency=person.agency).select_related(
        "agency", "package__request__agency", "package__tables"
    )
    if not review:
        raise Http404
    return review[0]


@fresh_second_factor()
def partner_review(http: HttpRequest, review_id: str) -> HttpResponseBase:
    """The output exactly as it would be released, and this state's answer."""
    review = _review(http, review_id)
    if review.verdict != PartnerReview.Verdict.OPEN:
        return render(
            http, "disclosure/partner_review_answered.html", {"review": review, "cells": cells_in_words(review)}
        )
    policies.check_answer_partner_review(person_of(http), review)
    shown = shown_tables(review.package, person_of(http), "partner review")
    keys = {str(row.number): row.key for table in shown for row in table.rows if not row.withheld}
    form = PartnerAnswerForm(given(http), keys=keys, initial={"package_sha256": review.package_sha256})
    if http.method == "POST" and form.is_valid():
        return _answer(http, review, form)
    context = {
        "review": review,
        "data_request": review.package.request,
        "tables": shown,
        "form": form,
        "marked": form.marked(),
        "earlier": earlier_answer(review),
    }
    return render(http, "disclosure/partner_review.html", context, status=422 if http.method == "POST" else 200)


def _answer(http: HttpRequest, review: PartnerReview, form: PartnerAnswerForm) -> HttpResponse:
    packages.answer_partner_review(
        review,
        actor=person_of(http),
        verdict=form.answer(),
        package_sha256=form.cleaned_data["package_sha256"],
        reason=form.cleaned_data["reason"],
        cells=form.cell_keys(),
    )
    messages.success(http, "Your state's answer is recorded. Thank you.")
    return redirect("home")
