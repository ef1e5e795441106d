"""Questions and answers about a request, for both sides."""

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render

from requests_app import bls_review_policies as may
from requests_app import form as the_form
from requests_app.forms.bls_review import ChooseTemplateForm, QuestionForm, ReplyForm
from requests_app.models import DataRequest, Person, Question
from requests_app.policies import Denied
from requests_app.selectors.bls_review.desk import templates
from requests_app.services.bls_review import questions as service
from requests_app.states import Kind
from requests_app.views.people.access import person_of, seen_request


def question_list(request: HttpRequest, number: str) -> HttpResponseBase:
    """What was asked and answered, the open first; a POST asks."""
    person, data_request = person_of(request), seen_request(request, number)
    form = _ask_form(request, data_request)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        service.ask(data_request, actor=person, text=said["text"], section=said["section"])
        messages.success(request, "The question is asked, and the other side is told.")
        return redirect("request_questions", number)
    asked = data_request.questions.select_related("asked_by").order_by("-asked_at")
    context = _frame(data_request, person, form) | {
        "open": [one for one in asked if not one.settled_at],
        "settled": [one for one in asked if one.settled_at],
    }
    return render(request, "requests/questions.html", context, status=400 if form.errors else 200)


def _ask_form(request: HttpRequest, data_request: DataRequest) -> QuestionForm:
    sections = the_form.sections_of(Kind(data_request.kind) if data_request.kind else None)
    if request.method == "POST":
        return QuestionForm(sections, request.POST)
    return QuestionForm(sections, initial={"text": _words_of_template(request), "section": request.GET.get("about")})


def _words_of_template(request: HttpRequest) -> str:
    chosen = request.GET.get("template", "")
    found = templates().filter(pk=chosen).first() if chosen and person_of(request).agency.is_bls else None
    return found.text if found else ""


def _frame(data_request: DataRequest, person: Person, form: Form) -> dict[str, Any]:
    reasons: list[str] = []
    try:
        may.check_talk(person, data_request)
    except Denied as denied:
        reasons = denied.reasons
    at_bls = person.agency.is_bls
    return {
        "data_request": data_request,
        "form": form,
        "reasons": reasons,
        "side": may.side_of(person),
        "other": data_request.agency.state_name if at_bls else "BLS",
        "choose": ChooseTemplateForm(templates(), auto_id="template_%s") if at_bls and not reasons else None,
        "titles": {name: title for name, (title, _) in the_form.SECTIONS.items()},
    }


def question(request: HttpRequest, number: str, question_id: str) -> HttpResponseBase:
    """One question with its answers; a POST answers."""
    person, data_request = person_of(request), seen_request(request, number)
    asked = _find(data_request, question_id)
    form = (
        ReplyForm(request.POST)
        if request.method == "POST"
        else ReplyForm(initial={"text": _words_of_template(request)})
    )
    if request.method == "POST" and form.is_valid():
        service.reply(asked, actor=person, text=form.cleaned_data["text"])
        messages.success(request, "Your answer is sent, and the other side is told.")
        return redirect("question", number, question_id)
    context = _frame(data_request, person, form) | {
        "question": asked,
        "replies": asked.replies.select_related("written_by"),
        "may_settle": may.can_settle(person, asked),
        "my_turn": not asked.settled_at and asked.waits_for == may.side_of(person),
    }
    return render(request, "requests/question.html", context, status=400 if form.errors else 200)


def settle_question(request: HttpRequest, number: str, question_id: str) -> HttpResponse:
    """The side that asked needs no more."""
    asked = _find(seen_request(request, number), question_id)
    service.settle(asked, actor=person_of(request))
    messages.success(request, "The question is settled.")
    return redirect("request_questions", number)


def _find(data_request: DataRequest, question_id: str) -> Question:
    found = get_object_or_404(data_request.questions.select_related("asked_by", "settled_by"), pk=question_id)
    found.request = data_request
    return found
