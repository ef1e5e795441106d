"""Review and decision: the form on one side, the question, the decisions so far and the steps on the other."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from requests_app import form as the_form
from requests_app.forms.steps import ViabilityForm
from requests_app.models import DataRequest, Decision, Person
from requests_app.policies import Denied
from requests_app.selectors.audit.history import history, words_of
from requests_app.selectors.life.answers import answers_by_section
from requests_app.selectors.life.requests import actions
from requests_app.selectors.life.steps import awaited_first
from requests_app.services.life import requests as service
from requests_app.standing import roles_of
from requests_app.states import BLS_ROLES, Role, State
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
    return _page(request, data_request, person, answers)


def _answer(request: HttpRequest, data_request: DataRequest, answers: ViabilityForm) -> HttpResponseBase:
    given = answers.cleaned_data
    enough = given["enough_data"] == "yes"
    service.answer_viability(data_request, actor=person_of(request), enough_data=enough, reason=given["reason"])
    messages.success(request, "The viability question is answered.")
    return redirect("review", data_request.number)


def _page(request: HttpRequest, data_request: DataRequest, person: Person, answers: ViabilityForm) -> HttpResponse:
    found = actions(person, data_request)
    steps = [action for action in awaited_first(found) if action.transition.name in REVIEW_PAGE]
    asks = data_request.status is State.IN_REVIEW and Role.PROGRAM_ANALYST in roles_of(person)
    decided = list(data_request.decisions.select_related("decided_by").order_by("-decided_at"))
    context = page_frame(data_request, person, found) | {
        "sections": [(the_form.SECTIONS[name][0], rows) for name, rows in answers_by_section(data_request).items()],
        "form": answers if asks else None,
        "added": contributed(request, data_request, person, "review"),
        "go_on": any(action.transition.name == "recommend" and action.enabled for action in steps),
        "decisions": [_decision_line(decision) for decision in decided],
        "buttons": [step_button(data_request, action, primary=n == 0) for n, action in enumerate(steps)],
        "history": history(data_request, person),
    }
    return render(request, "requests/review.html", context, status=400 if answers.errors else 200)


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
