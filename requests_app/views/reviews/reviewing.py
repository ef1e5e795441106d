"""A state's reviews in one list, agreed to one by one or several at once; its consents in advance; its register."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from requests_app.forms.reviews import ConsentForm
from requests_app.models import OutputReview, PartnerReview, StandingConsent
from requests_app.selectors.reviews import uses
from requests_app.selectors.reviews.waiting import (
    SHOWN,
    answered_about_outputs,
    answered_by_state,
    consents_of,
    waiting_for,
)
from requests_app.services.event_log import events
from requests_app.services.reviews import answers, consents
from requests_app.templatetags import formats
from requests_app.views.people.access import person_of
from requests_app.views.sign_in.second_factor import fresh_second_factor, take_typed
from requests_app.views.site.csv_files import csv_file
from requests_app.views.site.paging import LongPaginator

PAGE_SIZE = 25
ANSWERED = ["Request", "Answer", "Tables", "Answered"]
ANSWERED_OUTPUTS = ["Request", "Answer", "Output", "Answered"]
USES = ["Request", "Where it stands", "What it is", "Quarters", "Your state's answer", "Delivered", "Destruction"]


@fresh_second_factor()
def review_list(request: HttpRequest) -> HttpResponseBase:
    """What waits for the state's answer and what it answered; no objection to several that were opened before."""
    person = person_of(request)
    if request.method == "POST":
        return _agree(request)
    waiting, typed = waiting_for(person), take_typed(request)
    page = LongPaginator(answered_by_state(person), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "waiting": waiting,
        "may_be_more": len(waiting) == SHOWN,
        "marked": set(typed.getlist("review")),
        "some_opened": any(line.has_opened for line in waiting),
        "columns": ANSWERED,
        "rows": [_answered(row) for row in page],
        "page": page,
        "output_columns": ANSWERED_OUTPUTS,
        "output_rows": [_answered_output(row) for row in answered_about_outputs(person)[:PAGE_SIZE]],
    }
    return render(request, "reviews/list.html", context)


def _agree(request: HttpRequest) -> HttpResponse:
    seen = {pk: request.POST.get(f"sha256-{pk}", "") for pk in request.POST.getlist("review")}
    if not seen:
        messages.warning(request, "Mark the outputs your state has no objection to first.")
    agreed, refused = answers.agree_to_several(seen, actor=person_of(request))
    if agreed:
        numbers = ", ".join(review.request.number for review in agreed)
        messages.success(request, f"Recorded: no objection to {numbers}.")
    for words in refused:
        messages.warning(request, words)
    return redirect("review_list")


def _answered(row: PartnerReview) -> dict[str, Any]:
    by = f", {row.answered_by.name}" if row.answered_by else ""
    void = ", built again since" if row.is_void else ""  # type: ignore[attr-defined]
    tables = f"{row.request.agency.state_name}, package {row.package.version}{void}"
    cells = [tables, f"{formats.moment(row.answered_at)}{by}"]
    status = "withdrawn" if row.withdrawn_at else row.verdict
    return {
        "label": row.request.number, "url": reverse("partner_review", args=[row.pk]), "status": status, "cells": cells
    }  # fmt: skip


def _answered_output(row: OutputReview) -> dict[str, Any]:
    by = f", {row.answered_by.name}" if row.answered_by else ""
    void = ", other files since" if row.files_sha256 != row.output.files_sha256 else ""
    cells = [f"{row.request.agency.state_name}, {row.output.title}{void}", f"{formats.moment(row.answered_at)}{by}"]
    status = "withdrawn" if row.withdrawn_at else row.verdict
    return {"label": row.request.number, "url": row.page, "status": status, "cells": cells}


@fresh_second_factor()
def consent_list(request: HttpRequest) -> HttpResponseBase:
    """The state's consents in advance, and the form for another."""
    person = person_of(request)
    form = ConsentForm(request.POST or take_typed(request) or None)
    if request.method == "POST" and form.is_valid():
        consents.give(actor=person, **form.cleaned_data)
        messages.success(request, "Your state's consent in advance is recorded. You can end it at any time.")
        return redirect("consent_list")
    context = {"consents": consents_of(person), "form": form}
    return render(request, "reviews/consents.html", context, status=400 if request.method == "POST" else 200)


@fresh_second_factor(back="consent_list")
def end_consent(request: HttpRequest, consent_id: str) -> HttpResponseBase:
    """The state is asked again from now on."""
    try:
        consent = consents_of(person_of(request)).get(pk=consent_id)
    except StandingConsent.DoesNotExist as unseen:
        raise Http404 from unseen
    consents.end(consent, actor=person_of(request))
    messages.success(request, "The consent is ended. Your state is asked again.")
    return redirect("consent_list")


def uses_of_records(request: HttpRequest) -> HttpResponseBase:
    """The register of every use of the state's records; `?export=csv` answers it as a file."""
    person = person_of(request)
    found = uses.uses_of(person)
    if request.GET.get("export") == "csv":
        events.record("uses.export", actor=person, detail={"state": person.agency.fips})
        return csv_file("uses-of-our-records.csv", uses.rows(found.iterator(chunk_size=500)))
    page = LongPaginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "columns": USES, "rows": [_use(use) for use in uses.lines(page)]}
    return render(request, "reviews/uses.html", context)


def _use(use: uses.Use) -> dict[str, Any]:
    kind = use.request.get_kind_display()
    due = f"Due {formats.day(use.destroy_by)}" if use.destroy_by else "None"
    cells = [
        f"{use.request.agency.state_name}: {use.title}. {kind}, package {use.package.version}. {use.activity}",
        use.quarters,
        use.answer,
        formats.moment(use.delivered_at) or "Not delivered",
        formats.moment(use.destroyed_at) or due,
    ]
    return {"label": use.request.number, "url": "", "status": use.request.state, "cells": cells}
