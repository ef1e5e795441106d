"""BLS's exact forecast of a request under review: the table as designed, coarser ones, what each state adds."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render

from disclosure.selectors import analyses as read
from disclosure.selectors import published_words
from disclosure.selectors.published_forecast import published_forecast
from disclosure.services import analyses
from disclosure.views.frame import polled
from requests_app import policies
from requests_app.forms.steps import ViabilityForm
from requests_app.models import DataRequest
from requests_app.standing import roles_of
from requests_app.states import Role, State
from requests_app.views.people.access import person_of, seen_request
from requests_app.views.sign_in.second_factor import fresh_second_factor


@fresh_second_factor()
def forecast(http: HttpRequest, number: str) -> HttpResponseBase:
    """The newest exact forecast, opened by grant, beside what the state was shown; a POST asks for a new one."""
    request, person = seen_request(http, number), person_of(http)
    policies.check_forecast(person, request)
    if http.method == "POST":
        analyses.ask_forecast(request, actor=person)
        messages.success(http, "A worker makes the forecast from the records held now.")
        return redirect("forecast", number)
    newest = read.newest_forecast(request)
    waits = newest is not None and newest.waits
    if (said := polled(http, waits=waits)) is not None:
        return said
    answer = read.answer_of(newest, person)
    asks = request.status is State.IN_REVIEW and Role.PROGRAM_ANALYST in roles_of(person)
    context = {
        "data_request": request,
        "analysis": newest,
        "waits": waits,
        "answer": answer,
        "viability": ViabilityForm() if asks else None,
        **(_rows(answer) if answer else {}),
    }
    return render(http, "disclosure/forecast.html", context | _published(request))


def _rows(answer: dict[str, Any]) -> dict[str, Any]:
    states = read.state_rows(answer)
    return {
        "design_rows": read.design_rows(answer),
        "design_columns": read.DESIGN_COLUMNS,
        "value": read.value_words(answer),
        "state_rows": states if len(states) > 1 else [],
        "state_columns": read.STATE_COLUMNS,
    }


def _published(request: DataRequest) -> dict[str, Any]:
    """What the state saw before it submitted."""
    found = published_forecast(request)
    return {} if found is None else {"published": {"forecast": found} | published_words.context(found)}
