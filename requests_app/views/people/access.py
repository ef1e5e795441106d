"""Who is at the door, and which request they came for; the table of routes has let them in (config/routes.py)."""

from collections.abc import Callable
from typing import cast

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render

from requests_app.models import DataRequest, Person
from requests_app.policies import Denied
from requests_app.services.event_log import events

View = Callable[..., HttpResponseBase]


def person_of(request: HttpRequest) -> Person:
    """The signed-in person."""
    return cast(Person, request.user)


def seen_request(request: HttpRequest, number: str) -> DataRequest:
    """The request of this number, which the route's audience has found for this person; 404 for any other."""
    found: DataRequest | None = getattr(request, "data_request", None)
    if found is None or found.number != number:
        raise Http404
    return found


def record_attempt(request: HttpRequest, denied: Denied) -> None:
    """An attempt that no service has recorded as refused: what was sent to which page, in whose name."""
    match = request.resolver_match
    denied.recorded = True
    events.record(
        "attempt.refused",
        actor=person_of(request),
        request_number=str(match.kwargs.get("number", "")) if match else "",
        subject=str(match.url_name) if match else "",
        outcome="refused",
        detail={"reasons": denied.reasons, "method": request.method},
    )


def refused(request: HttpRequest, denied: Denied) -> HttpResponseBase:
    """The 403 page with every reason."""
    return render(request, "requests/denied.html", {"reasons": denied.reasons}, status=403)
