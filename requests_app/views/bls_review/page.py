"""Review and decision: the form on one side, what lies on the reviewer's desk and the steps on the other."""

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from requests_app import bls_review_policies
from requests_app import form as the_form
from requests_app.forms.bls_review import (
    ChecklistForm,
    ChooseTemplateForm,
    FindingForm,
    HandOverForm,
    InterestForm,
    NoteForm,
    SettleForm,
)
from requests_app.forms.steps import ViabilityForm
from requests_app.models import DataRequest, Decision, Person
from requests_app.policies import Denied
from requests_app.request_rows import decisions
from requests_app.selectors.audit.history import words_of
from requests_app.selectors.bls_review.desk import Desk, changed_answers, desk_of, templates
from requests_app.selectors.life.answers import Answer, answers_by_section
from requests_app.selectors.life.requests import actions
from requests_app.selectors.life.steps import awaited_first
from requests_app.services.bls_review.claims import takers
from requests_app.services.life import requests as service
from requests_app.standing import roles_of
from requests_app.states import BLS_ROLES, Kind, Role, State
from requests_app.targets import due_on
from requests_app.views.life.buttons import REVIEW_PAGE, step_button
from requests_app.views.life.requests import contributed, page_frame
from requests_app.views.people.access import person_of, seen_request

READERS = BLS_ROLES - {Role.ADMINISTRATOR, Role.DATA_STEWARD}


def review(request: HttpRequest, number: str) -> HttpResponseBase:
    """The page of Program Analysts and Approving Officials; a POST answers the viability question."""
    person, data_request = person_of(request), seen_request(request, number)
    if not roles_of(person) & READERS:
        raise Denied("The review is done at BLS. Your request's page shows how far it is.")
    answers = ViabilityForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and answers.is_valid():
        return _answer(request, data_request, answers)
    return review_page(request, data_request, person, viability=answers)


def _answer(request: HttpRequest, data_request: DataRequest, answers: ViabilityForm) -> HttpResponseBase:
    given = answers.cleaned_data
    enough = given["enough_data"] == "yes"
    service.answer_viability(data_request, actor=person_of(request), enough_data=enough, reason=given["reason"])
    messages.success(request, "The viability question is answered.")
    return redirect("review", data_request.number)


def review_page(
    request: HttpRequest,
    data_request: DataRequest,
    person: Person,
    *,
    viability: ViabilityForm | None = None,
    said: dict[str, Form] | None = None,
) -> HttpResponse:
    """The page; `said` holds a form of it that was sent and cannot be read, by its act."""
    found, said = actions(person, data_request), said or {}
    steps = [action for action in awaited_first(found) if action.transition.name in REVIEW_PAGE]
    desk = desk_of(data_request, person)
    asks = data_request.status is State.IN_REVIEW and Role.PROGRAM_ANALYST in roles_of(person)
    decided = reversed(decisions(data_request))
    sent = next(iter(said.values()), viability)
    context = page_frame(data_request, person, found) | {
        "sections": form_lines(data_request, desk),
        "form": sent if sent and sent.errors else None,
        "viability": (viability or ViabilityForm()) if asks else None,
        "desk": desk,
        "titles": {name: title for name, (title, _) in the_form.SECTIONS.items()},
        "due": due_on(data_request.status, data_request.state_since),
        "forms": desk_forms(data_request, person, desk, request.GET.get("template", "")) | said,
        "added": contributed(request, data_request, person, "review"),
        "go_on": any(action.transition.name == "recommend" and action.enabled for action in steps),
        "decisions": [_decision_line(decision) for decision in decided],
        "buttons": [step_button(data_request, action, primary=n == 0) for n, action in enumerate(steps)],
    }
    return render(request, "requests/review.html", context, status=400 if context["form"] else 200)


def form_lines(data_request: DataRequest, desk: Desk) -> list[dict[str, Any]]:
    """The form's sections with their answers, open findings and change marks."""
    changed = changed_answers(data_request)
    return [
        {
            "name": name,
            "title": the_form.SECTIONS[name][0],
            "rows": [_row(row, changed.get(name, {})) for row in rows],
            "changed": name in changed,
            "findings": [one for one in desk.open_findings if one.section == name],
        }
        for name, rows in answers_by_section(data_request).items()
    ]


def _row(row: Answer, changed: dict[str, str]) -> dict[str, object]:
    """An answer, marked where the last return changed it, with what it was."""
    mark = f"Changed. Before: {changed[row.key] or 'not given'}" if row.key in changed else ""
    return {"key": row.key, "value": row.value, "lines": row.lines, "changed": mark}


def desk_forms(data_request: DataRequest, person: Person, desk: Desk, template: str) -> dict[str, Form]:
    """The forms of the page that the person can use now, by act."""
    works = bls_review_policies.can_review(person, data_request)
    forms: dict[str, Form] = {"note": NoteForm(auto_id="note_%s")}
    if works:
        others = [taker for taker in takers(data_request) if taker != person]
        forms["hand-over"] = HandOverForm(others, auto_id="hand_over_%s", initial=_stand_in(desk))
        if desk.stated_conflict is None:
            forms["interest"] = InterestForm(auto_id="interest_%s")
    if works and desk.lines and (desk.is_mine or desk.claim is None):
        forms["checklist"] = ChecklistForm(desk.lines, auto_id="check_%s")
    if data_request.status is State.IN_REVIEW and works and (desk.is_mine or desk.claim is None):
        forms["finding"] = finding_form(data_request, template)
        forms["settle"] = SettleForm(auto_id="settle_%s")
        forms["template"] = ChooseTemplateForm(templates(), auto_id="template_%s")
    return forms


def _stand_in(desk: Desk) -> dict[str, str]:
    """Of somebody who is away the stand-in is offered first."""
    return {"to": desk.away.stand_in.public_id} if desk.away and desk.away.stand_in else {}


def finding_form(data_request: DataRequest, template: str = "") -> FindingForm:
    """The form of a new finding, begun with the words of a template."""
    chosen = templates().filter(pk=template).first() if template else None
    sections = the_form.sections_of(Kind(data_request.kind))
    return FindingForm(
        sections, auto_id="finding_%s", initial={"text": chosen.text if chosen else "", "must_change": "yes"}
    )


def _decision_line(decision: Decision) -> dict[str, object]:
    said = [decision.reason]
    if "enough_data" in decision.facts:
        said.insert(
            0, "Yes, there is enough data." if decision.facts["enough_data"] else "No, there is not enough data."
        )
    if decision.facts.get("conditions"):
        said.append(f"Conditions: {decision.facts['conditions']}")
    who = decision.decided_by.name if decision.decided_by else "The system"
    words = words_of(f"request.{decision.transition}")
    return {"at": decision.decided_at, "who": who, "words": words, "detail": " ".join(filter(None, said))}
