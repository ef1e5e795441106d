"""The tables as they are, or would be, released; and the review of a state whose records are in them."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from disclosure.core.package.zip_file import spreadsheet_safe
from disclosure.forms import ChartForm, PartnerAnswerForm
from disclosure.selectors.charts import charts, choices, chosen
from disclosure.selectors.reviews import answers_of_all, cells_in_words, earlier_answer, shown_for_review
from disclosure.selectors.shown_tables import laid_out, opened_tables
from disclosure.views.frame import given, package_of
from requests_app import policies, review_policies
from requests_app.forms.reviews import MessageForm, WhyForm
from requests_app.models import PartnerReview
from requests_app.selectors.reviews.waiting import find_review
from requests_app.services.reviews import answers
from requests_app.services.reviews import messages as thread
from requests_app.views.people.access import person_of, seen_request
from requests_app.views.sign_in.second_factor import fresh_second_factor
from requests_app.views.site.csv_files import csv_file


@fresh_second_factor()
def tables(http: HttpRequest, number: str) -> HttpResponseBase:
    """The tables as they are, or would be, released."""
    request = seen_request(http, number)
    package = package_of(request)
    opened = opened_tables(package, person_of(http), "view tables")
    asked = {key: str(value) for key, value in http.GET.items()}
    context = {
        "data_request": request,
        "package": package,
        "tables": laid_out(opened, {}),
        "drawn": [_drawn(number, place, table, asked) for place, table in enumerate(opened)],
    }
    return render(http, "disclosure/tables.html", context)


def _drawn(number: str, place: int, table: dict[str, Any], asked: Mapping[str, str]) -> dict[str, Any]:
    """The charts of one table with what was chosen, and where each chart's numbers are."""
    choice = chosen(table, asked)
    query = urlencode({"table": place, **asdict(choice)})
    found = [(one, f"{reverse('chart_data', args=[number, one.kind])}?{query}") for one in charts(table, choice)]
    return {"form": ChartForm(choices(table), initial=asdict(choice)), "charts": found, "title": table["title"]}


@fresh_second_factor(back="tables")
def chart_data(http: HttpRequest, number: str, chart: str) -> HttpResponseBase:
    """The numbers of one chart, as the table beside it has them."""
    request = seen_request(http, number)
    package = package_of(request)
    opened = opened_tables(package, person_of(http), "download chart")
    place = http.GET.get("table", "0")
    if place not in map(str, range(len(opened))):
        raise Http404
    table = opened[int(place)]
    found = charts(table, chosen(table, {key: str(value) for key, value in http.GET.items()}))
    drawn = next((one for one in found if one.kind == chart), None)
    if drawn is None:
        raise Http404
    header = [column["label"] for column in drawn.columns]
    lines = ([spreadsheet_safe("" if cell is None else str(cell)) for cell in row] for row in [header, *drawn.rows])
    return csv_file(f"{number}-{chart}.csv", lines)


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
    keys = {str(row.number): row.key for table in shown.tables for row in table.rows if not row.withheld}
    form = PartnerAnswerForm(given(http), keys=keys, initial={"package_sha256": review.package_sha256})
    if http.method == "POST" and form.is_valid():
        return _answer(http, review, form)
    context = _thread(http, review) | {
        "review": review,
        "data_request": review.package.request,
        "shown": shown,
        "form": form,
        "marked": form.marked(),
        "earlier": earlier,
        "extensions": review.extensions.all(),
    }
    return render(http, "disclosure/partner_review.html", context, status=422 if http.method == "POST" else 200)


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
    """A question to BLS, without leaving the review open or closing it."""
    review = _review(http, review_id)
    form = MessageForm(http.POST)
    if form.is_valid():
        thread.write(review, actor=person_of(http), text=form.cleaned_data["text"])
        messages.success(http, "Your question is sent. BLS answers it on this page, and you get a notice.")
        return redirect("partner_review", review.pk)
    context = {"review": review, "form": form, "thread": review.messages.select_related("written_by__agency")}
    return render(http, "reviews/ask.html", context, status=400)


@fresh_second_factor()
def withdraw_objection(http: HttpRequest, review_id: str) -> HttpResponseBase:
    """The state takes its objection back, with a reason."""
    review = _review(http, review_id)
    review_policies.check_withdraw_objection(person_of(http), review)
    form = WhyForm(http.POST or None)
    if http.method == "POST" and form.is_valid():
        answers.withdraw_objection(review, actor=person_of(http), why=form.cleaned_data["why"])
        messages.success(http, "The objection is withdrawn.")
        return redirect("review_list")
    context = {"review": review, "form": form, "cells": cells_in_words(review)}
    return render(http, "reviews/withdraw.html", context, status=400 if form.is_bound else 200)
