"""The home page: work comes to people."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from requests_app.selectors.home import home as home_of
from requests_app.views.access import person_of


def home(request: HttpRequest) -> HttpResponse:
    """What waits for the person, what they wait for, what they hold."""
    person = person_of(request)
    return render(request, "home.html", {"home": home_of(person), "state_side": not person.agency.is_bls})
