"""What a reviewer does on the review page, each act a small form of its own; the page comes back where it was."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from requests_app import form as the_form
from requests_app.forms.bls_review import ChecklistForm, FindingForm, HandOverForm, InterestForm, NoteForm, SettleForm
from requests_app.models import DataRequest, Person
from requests_app.selectors.bls_review.checklist import checklist, part_of
from requests_app.services.bls_review import claims, desk
from requests_app.states import Kind
from requests_app.templatetags.formats import count_of
from requests_app.views.bls_review.page import review_page
from requests_app.views.people.access import person_of, seen_request

Take = Callable[[DataRequest, Person, Any], str]


def review_act(request: HttpRequest, number: str, act: str) -> HttpResponseBase:
    """One act of `ACTS`; a form that cannot be read comes back with what was typed."""
    person, data_request = person_of(request), seen_request(request, number)
    if act not in ACTS:
        raise Http404
    make, take, where = ACTS[act]
    form = make(data_request, request)
    if form.is_valid():
        messages.success(request, take(data_request, person, form))
        return _back(number, where)
    return review_page(request, data_request, person, said={act: form})


def _back(number: str, where: str) -> HttpResponse:
    return redirect(f"{reverse('review', args=[number])}#{where}")


def _claim(data_request: DataRequest, person: Person, _form: Form) -> str:
    claims.claim(data_request, actor=person)
    return "You have this request now."


def _give_up(data_request: DataRequest, person: Person, _form: Form) -> str:
    claims.give_up(data_request, actor=person)
    return "You gave this request up. It waits for anybody."


def _take_over(data_request: DataRequest, person: Person, _form: Form) -> str:
    claims.hand_over(data_request, person, actor=person)
    return "You have this request now, and who had it is told."


def _hand_over(data_request: DataRequest, person: Person, form: HandOverForm) -> str:
    claims.hand_over(data_request, form.taker, actor=person, note=form.cleaned_data["note"])
    return f"{form.taker.name} has this request now, and is told."


def _interest(data_request: DataRequest, person: Person, form: Form) -> str:
    has = form.cleaned_data["has_conflict"] == "yes"
    desk.state_interest(data_request, actor=person, has_conflict=has, words=form.cleaned_data["words"])
    return "Your statement is kept. Another person must do this." if has else "Your statement is kept."


def _checklist(data_request: DataRequest, person: Person, form: ChecklistForm) -> str:
    kept = desk.answer_checklist(data_request, form.answers(), actor=person)
    return f"{count_of(kept, 'answer')} kept." if kept else "Nothing was changed."


def _finding(data_request: DataRequest, person: Person, form: Form) -> str:
    said = form.cleaned_data
    desk.raise_finding(
        data_request,
        actor=person,
        section=said["section"],
        text=said["text"],
        must_change=said["must_change"] == "yes",
    )
    return "The finding is kept. The state reads it when you return the request."


def _settle(data_request: DataRequest, person: Person, form: Form) -> str:
    finding = get_object_or_404(data_request.findings, pk=form.cleaned_data["finding"])
    desk.settle_finding(finding, actor=person, how=form.cleaned_data["how"])
    return "The finding is settled."


def _note(data_request: DataRequest, person: Person, form: Form) -> str:
    desk.write_note(data_request, actor=person, text=form.cleaned_data["text"])
    return "The note is kept, for BLS only."


def _plain(_data_request: DataRequest, request: HttpRequest) -> Form:
    return Form(request.POST)


def _hand_over_form(data_request: DataRequest, request: HttpRequest) -> Form:
    others = [taker for taker in claims.takers(data_request) if taker != person_of(request)]
    return HandOverForm(others, request.POST, auto_id="hand_over_%s")


def _checklist_form(data_request: DataRequest, request: HttpRequest) -> Form:
    part = part_of(data_request)
    return ChecklistForm(checklist(data_request, part) if part else (), request.POST, auto_id="check_%s")


def _finding_form(data_request: DataRequest, request: HttpRequest) -> Form:
    return FindingForm(the_form.sections_of(Kind(data_request.kind)), request.POST, auto_id="finding_%s")


# act: the form of what was sent, what is done, and where the page goes on
ACTS: dict[str, tuple[Callable[[DataRequest, HttpRequest], Form], Take, str]] = {
    "claim": (_plain, _claim, "who"),
    "give-up": (_plain, _give_up, "who"),
    "take-over": (_plain, _take_over, "who"),
    "hand-over": (_hand_over_form, _hand_over, "who"),
    "interest": (lambda _, request: InterestForm(request.POST, auto_id="interest_%s"), _interest, "who"),
    "checklist": (_checklist_form, _checklist, "checklist"),
    "finding": (_finding_form, _finding, "findings"),
    "settle": (lambda _, request: SettleForm(request.POST, auto_id="settle_%s"), _settle, "findings"),
    "note": (lambda _, request: NoteForm(request.POST, auto_id="note_%s"), _note, "notes"),
}
