"""Who had access to what on a day: the Auditor asks for a request or for a person."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from requests_app.forms.audit import AccessQuestion
from requests_app.models import DataRequest
from requests_app.selectors.life.requests import get_recorded
from requests_app.selectors.people import access_on_day as selector
from requests_app.selectors.people.access_on_day import Day
from requests_app.views.people.access import person_of

AT_MOST_NAMED = 20


def access_on_day(request: HttpRequest) -> HttpResponse:
    """The question, and its answer once it is asked."""
    asked = bool(request.GET)
    question = AccessQuestion(request.GET if asked else None, initial={"day": timezone.localdate()})
    context: dict[str, Any] = {"form": question, "query_day": request.GET.get("day", "")}
    if asked and question.is_valid():
        context |= _answer(question, Day.of(question.cleaned_data["day"], timezone.now()), request)
    return render(request, "events/access.html", context)


def _answer(question: AccessQuestion, day: Day, request: HttpRequest) -> dict[str, Any]:
    number, words = question.cleaned_data["request"], question.cleaned_data["person"]
    if number:
        try:
            found = get_recorded(person_of(request), number)
        except DataRequest.DoesNotExist:
            question.add_error("request", f"There is no record of a request {number}. Drafts have none.")
            return {}
        return {"day": day, "of_request": selector.of_request(found, day)}
    called = selector.people_called(words)
    if len(called) == 1:
        return {"day": day, "of_person": selector.of_person(called[0], day)}
    if not called:
        question.add_error("person", f"Nobody is called {words}. Use fewer letters of the name.")
    return {"day": day, "called": called[:AT_MOST_NAMED], "more_called": len(called) > AT_MOST_NAMED}
