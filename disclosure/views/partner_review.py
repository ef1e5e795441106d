"""A state reviews the output that uses its records: looks through the rows, asks, answers, takes an objection back."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.datastructures import MultiValueDict

from disclosure.forms import PartnerAnswerForm, RowsForm
from disclosure.selectors.reviews import (
    answers_of_all,
    cells_in_words,
    earlier_answer,
    rows_for_review,
    shown_for_review,
)
from disclosure.selectors.windows import Line, lines_of, window
from disclosure.views.frame import given
from requests_app import policies, review_policies
from requests_app.forms.reviews import MessageForm, WhyForm
from requests_app.models import OutputReview, PartnerReview
from requests_app.review_policies import Review
from requests_app.selectors.reviews.waiting import find_any_review, find_review
from requests_app.services.reviews import answers
from requests_app.services.reviews import messages as thread
from requests_app.views.people.access import person_of
from requests_app.views.sign_in.second_factor import fresh_second_factor

Sent = MultiValueDict[str, str]
TURN = "page"  # the name of the buttons that turn to other rows and send no answer


def _review(http: HttpRequest, review_id: str) -> PartnerReview:
    """The review, for reviewers of the state that was asked; for everybody else it does not exist."""
    try:
        return find_review(person_of(http), review_id)
    except PartnerReview.DoesNotExist as unseen:
        raise Http404 from unseen


@fresh_second_factor()
def partner_review(http: HttpRequest, review_id: str) -> HttpResponseBase:
    """The output exactly as it would be released, and this state's answer."""
    review = _review(http, review_id)
    if review.verdict != PartnerReview.Verdict.OPEN:
        return render(http, "disclosure/partner_review_answered.html", _answered(http, review))
    policies.check_answer_partner_review(person_of(http), review)
    earlier = earlier_answer(review)
    shown = shown_for_review(review, person_of(http), earlier)
    lines, sent = lines_of(shown.tables), given(http)
    is_turned = sent is not None and TURN in sent
    form = _answer_form(review, lines, sent, is_turned=is_turned)
    if http.method == "POST" and not is_turned and form.is_valid():
        return _answer(http, review, form)
    context = (
        _thread(http, review)
        | _rows(lines, form, sent)
        | {
            "review": review,
            "data_request": review.package.request,
            "shown": shown,
            "form": form,
            "earlier": earlier,
            "extensions": review.extensions.all(),
        }
    )
    is_refused = http.method == "POST" and not is_turned
    return render(http, "disclosure/partner_review.html", context, status=422 if is_refused else 200)


def _answer_form(review: PartnerReview, lines: list[Line], sent: Sent | None, *, is_turned: bool) -> PartnerAnswerForm:
    """The answer as it was sent; where only the rows were turned it is not judged yet, and nothing of it is lost."""
    keys = {line.row.mark: line.row.key for line in lines if not line.row.withheld}
    initial: dict[str, Any] = {"package_sha256": review.package_sha256}
    if sent is None or not is_turned:
        return PartnerAnswerForm(sent, keys=keys, initial=initial)
    typed = {"verdict": sent.get("verdict"), "reason": sent.get("reason"), "cells": sent.getlist("cells")}
    return PartnerAnswerForm(keys=keys, initial=initial | typed)


def _rows(lines: list[Line], form: PartnerAnswerForm, sent: Sent | None) -> dict[str, Any]:
    """The window of rows that was asked for, and the cells marked in others, which are sent along."""
    asked, marked = sent or Sent(), form.marked()
    choice = RowsForm(asked or None)
    page, tables = window(rows_for_review(lines, choice.asked()), asked.get(TURN) or asked.get("at"))
    here = {line.row.mark for line in page.object_list}
    elsewhere = [line for line in lines if line.row.mark in marked - here and not line.row.withheld]
    return {"page": page, "tables": tables, "marked": marked, "elsewhere": elsewhere, "rows_form": choice}


def _answer(http: HttpRequest, review: PartnerReview, form: PartnerAnswerForm) -> HttpResponse:
    answers.answer(
        review,
        actor=person_of(http),
        verdict=form.answer(),
        package_sha256=form.cleaned_data["package_sha256"],
        reason=form.cleaned_data["reason"],
        cells=form.cell_keys(),
    )
    messages.success(http, "Your state's answer is recorded. Thank you.")
    return redirect("review_list")


def _answered(http: HttpRequest, review: PartnerReview) -> dict[str, Any]:
    return _thread(http, review) | {
        "review": review,
        "cells": cells_in_words(review),
        "all_answers": answers_of_all(review),
        "may_withdraw": review_policies.can_withdraw_objection(person_of(http), review),
    }


def _thread(http: HttpRequest, review: PartnerReview) -> dict[str, Any]:
    return {
        "thread": review.messages.select_related("written_by__agency"),
        "may_ask": review_policies.can_ask(person_of(http), review),
        "message_form": MessageForm(),
    }


def partner_review_ask(http: HttpRequest, review_id: str) -> HttpResponse:
    """A question to BLS, without leaving the review open or closing it; of a package or an output."""
    review = _any_review(http, review_id)
    form = MessageForm(http.POST)
    if form.is_valid():
        thread.write(review, actor=person_of(http), text=form.cleaned_data["text"])
        messages.success(http, "Your question is sent. BLS answers it on this page, and you get a notice.")
        return redirect(review.page)
    context = {"review": review, "form": form, "thread": review.messages.select_related("written_by__agency")}
    return render(http, "reviews/ask.html", context, status=400)


def _any_review(http: HttpRequest, review_id: str) -> Review:
    try:
        return find_any_review(person_of(http), review_id)
    except OutputReview.DoesNotExist as unseen:
        raise Http404 from unseen


@fresh_second_factor()
def withdraw_objection(http: HttpRequest, review_id: str) -> HttpResponseBase:
    """The state takes its objection to a package or an output back, with a reason."""
    review = _any_review(http, review_id)
    review_policies.check_withdraw_objection(person_of(http), review)
    form = WhyForm(http.POST or None)
    if http.method == "POST" and form.is_valid():
        answers.withdraw_objection(review, actor=person_of(http), why=form.cleaned_data["why"])
        messages.success(http, "The objection is withdrawn.")
        return redirect("review_list")
    cells = cells_in_words(review) if isinstance(review, PartnerReview) else []
    context = {"review": review, "form": form, "cells": cells}
    return render(http, "reviews/withdraw.html", context, status=400 if form.is_bound else 200)
