"""The home page: work comes to people."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from requests_app.selectors.audit.audit_home import audit_home
from requests_app.selectors.audit.history import words_of
from requests_app.selectors.life.home import home as home_of
from requests_app.standing import roles_of
from requests_app.states import Role
from requests_app.views.people.access import person_of


def home(request: HttpRequest) -> HttpResponse:
    """What waits for the person, what they wait for, what they hold."""
    person = person_of(request)
    context: dict[str, Any] = {"home": home_of(person), "state_side": not person.agency.is_bls}
    roles = roles_of(person)
    if Role.AUDITOR in roles:
        audit = audit_home()
        lines = [{"event": event, "words": words_of(event.kind)} for event in audit.newest]
        context |= {"audit": audit, "audit_lines": lines}
    return render(request, "events/audit.html" if roles == {Role.AUDITOR} else "home.html", context)
