"""Outputs made from micro data: started, given files, submitted, checked, and cleared; and a state's review of one."""

import base64
import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from requests_app import output_policies, review_policies, standing
from requests_app.forms.outputs import OutputAnswerForm, OutputFileForm, OutputForm, OutputStepForm
from requests_app.forms.reviews import MessageForm
from requests_app.models import Output, OutputFile, OutputReview
from requests_app.output_states import BY_NAME
from requests_app.policies import Denied
from requests_app.review_policies import ANSWERS_QUESTIONS
from requests_app.selectors.outputs import outputs as selector
from requests_app.selectors.reviews.waiting import output_reviews_for
from requests_app.services.event_log import openings
from requests_app.services.life.workflow import Conflict
from requests_app.services.outputs import outputs, reviewing
from requests_app.services.reviews import answers
from requests_app.views.life.requests import page_frame
from requests_app.views.people.access import person_of, record_attempt, seen_request
from requests_app.views.sign_in.second_factor import ask_again, fresh_second_factor, is_fresh, take_typed

FRESH = frozenset({"submit", "pass", "clear", "refuse"})
KINDS = {
    "small_count": "A small count",
    "all_or_none": "0 or 100 percent: nobody or everybody of a group",
    "dominance": "The largest share dominates",
    "difference": "Differs a little from a table that was cleared before",
}


def output_list(request: HttpRequest, number: str) -> HttpResponse:
    """The request's outputs; a coordinator starts another."""
    data_request, person = seen_request(request, number), person_of(request)
    may_start = output_policies.can_start_output(person, data_request)
    form = OutputForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        output_policies.check_start_output(person, data_request)
        if form.is_valid():
            started = outputs.start(data_request, actor=person, **form.cleaned_data)
            return redirect("output", number, started.pk)
    section = selector.section_context(data_request, person) or {"outputs": []}
    context = page_frame(data_request, person) | section | {"form": form if may_start else None}
    return render(request, "outputs/list.html", context, status=400 if form.is_bound else 200)


def _seen(request: HttpRequest, number: str, output_id: str) -> Output:
    try:
        return selector.find_output(seen_request(request, number), person_of(request), output_id)
    except Output.DoesNotExist as unseen:
        raise Http404 from unseen


def output(request: HttpRequest, number: str, output_id: str) -> HttpResponseBase:
    """One output: its files, what was decided, and what the person can do."""
    found = _seen(request, number, output_id)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    if act in FRESH and not is_fresh(request):
        return ask_again(request, request.path)
    if act:
        return _act(request, found, act)
    return _page(request, found, OutputFileForm())


def _page(request: HttpRequest, found: Output, form: OutputFileForm, status: int = 200) -> HttpResponse:
    person, inside = person_of(request), person_of(request).agency.is_bls
    kept = found.files.filter(removed_at__isnull=True).select_related("view")
    typed = take_typed(request)
    context = page_frame(found.request, person) | {
        "output": found,
        "files": [(file, _findings(file) if inside else []) for file in kept],
        "form": form if output_policies.can_change_output(person, found) else None,
        "steps": selector.steps_for(found, person),
        "step_form": OutputStepForm(initial={"files_sha256": found.files_sha256, "reason": typed.get("reason", "")}),
        "decisions": found.decisions.select_related("decided_by__agency"),
        "reviews": reviewing.of(found) if inside else [],
        "may_care": bool(standing.roles_of(person) & ANSWERS_QUESTIONS),
        "inside": inside,
    }
    return render(request, "outputs/output.html", context, status=status)


def _findings(file: OutputFile) -> list[str]:
    """What the machine found, in words; BLS only."""
    return [
        f"{KINDS[one['kind']]}: {one['sheet'] + ', ' if one['sheet'] else ''}row {one['row']}, “{one['column']}”"
        for one in file.findings
    ]


def _act(request: HttpRequest, found: Output, act: str) -> HttpResponse:
    """A file added or taken out, or a step; what stands in the way is said on the page, and is an event."""
    person = person_of(request)
    try:
        if act == "add_file":
            form = OutputFileForm(request.POST, request.FILES)
            if not form.is_valid():
                return _page(request, found, form, 400)
            outputs.add_file(found, actor=person, upload=form.cleaned_data["file"])
        elif act == "remove_file":
            outputs.remove_file(found.files.get(pk=request.POST.get("file", "")), actor=person)
        elif act in BY_NAME:
            said = {"reason": request.POST.get("reason", ""), "files_sha256": request.POST.get("files_sha256", "")}
            moved = outputs.take(found, act, actor=person, **said)
            messages.success(request, f"Done: {BY_NAME[act].label}. The output is now “{moved.status.label}”.")
    except OutputFile.DoesNotExist as unseen:
        raise Http404 from unseen
    except (Denied, Conflict) as stopped:
        if isinstance(stopped, Denied):
            record_attempt(request, stopped)
        messages.warning(request, str(stopped))
    return redirect("output", found.request.number, found.pk)


@fresh_second_factor()
def output_file(request: HttpRequest, file_id: str) -> HttpResponseBase:
    """A file in the safe viewer: tables as text, pages and images as pictures the worker drew."""
    file = _file(request, file_id)
    context: dict[str, Any] = {
        "file": file,
        "output": file.output,
        "pages": range(1, file.pages + 1),
        "back": selector.page_of(file.output, person_of(request)),
    }
    if not file.pages:
        context["sheets"] = _opened(request, file)["sheets"]
    return render(request, "outputs/view.html", context)


@fresh_second_factor(back="output_file")
def output_picture(request: HttpRequest, file_id: str, page: int) -> HttpResponseBase:
    """One page as a picture."""
    file = _file(request, file_id)
    if not 1 <= page <= file.pages:
        raise Http404
    drawn = base64.b64decode(_opened(request, file)["pages"][page - 1])
    return HttpResponse(drawn, content_type="image/png", headers={"Cache-Control": "no-store"})


def _file(request: HttpRequest, file_id: str) -> OutputFile:
    try:
        return selector.find_file(person_of(request), file_id)
    except OutputFile.DoesNotExist as unseen:
        raise Http404 from unseen


def _opened(request: HttpRequest, file: OutputFile) -> dict[str, Any]:
    assert file.view is not None  # noqa: S101  the selector asks for it
    chunks = openings.open_file(file.view, person=person_of(request), purpose="output review")
    shown: dict[str, Any] = json.loads(b"".join(chunks))
    return shown


@fresh_second_factor()
def output_review(request: HttpRequest, review_id: str) -> HttpResponseBase:
    """A state's review of another state's output: what it is, its files, and the answer."""
    person = person_of(request)
    try:
        review = output_reviews_for(person).get(pk=review_id)
    except OutputReview.DoesNotExist as unseen:
        raise Http404 from unseen
    form = OutputAnswerForm(request.POST or take_typed(request) or None, initial={"files_sha256": review.files_sha256})
    if request.method == "POST" and form.is_valid():
        answers.answer_output(review, actor=person, **form.cleaned_data)
        messages.success(request, "Your state's answer is recorded. Thank you.")
        return redirect("review_list")
    earlier = selector.earlier_review(review)
    context = {
        "review": review,
        "output": review.output,
        "earlier": earlier,
        "files": selector.files_for_review(review, earlier),
        "form": form if output_policies.can_answer_output(person, review) else None,
        "extensions": review.extensions.all(),
        "all_answers": selector.answers_of_all(review),
        "may_withdraw": review_policies.can_withdraw_objection(person, review),
        "thread": review.messages.select_related("written_by__agency"),
        "may_ask": review_policies.can_ask(person, review),
        "message_form": MessageForm(),
    }
    return render(request, "outputs/review.html", context, status=400 if request.method == "POST" else 200)
