"""Who may come to a page at all: signed in, and able to see the request; a refusal says why."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render

from requests_app.models import DataRequest, Person
from requests_app.policies import Denied
from requests_app.selectors import requests as selector
from requests_app.services import events

View = Callable[..., HttpResponseBase]


def person_of(request: HttpRequest) -> Person:
    """The signed-in person; only behind `for_people`."""
    return cast(Person, request.user)


def seen_request(request: HttpRequest, number: str) -> DataRequest:
    """The request of this number, or 404 where the person does not see it."""
    try:
        return selector.get_visible(person_of(request), number)
    except DataRequest.DoesNotExist as unseen:
        raise Http404 from unseen


def for_people(view: View) -> View:
    """Decorator: the page is for signed-in people, and what a policy refuses is a 403 with its reasons."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except Denied as denied:
            if request.method == "POST" and not denied.recorded:
                _record(request, denied, str(kwargs.get("number", "")))
            return refused(request, denied)

    return cast(View, guarded)


def _record(request: HttpRequest, denied: Denied, number: str) -> None:
    """An attempt that no service has recorded as refused: what was sent to which page, in whose name."""
    page = request.resolver_match.url_name if request.resolver_match else ""
    events.record(
        "attempt.refused",
        actor=person_of(request),
        request_number=number,
        subject=str(page),
        outcome="refused",
        detail={"reasons": denied.reasons},
    )


def refused(request: HttpRequest, denied: Denied) -> HttpResponseBase:
    """The 403 page with every reason."""
    return render(request, "requests/denied.html", {"reasons": denied.reasons}, status=403)
