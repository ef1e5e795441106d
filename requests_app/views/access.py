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
            return refused(request, denied)

    return cast(View, guarded)


def refused(request: HttpRequest, denied: Denied) -> HttpResponseBase:
    """The 403 page with every reason."""
    return render(request, "requests/denied.html", {"reasons": denied.reasons}, status=403)
