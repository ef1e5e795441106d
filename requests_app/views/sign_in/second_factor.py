"""Steps that are final or open confidential data ask for the second factor again, and lose nothing meanwhile."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.datastructures import MultiValueDict

from requests_app.views.people.access import View

FRESH_MINUTES = 5
TYPED = "typed_before_second_factor"


def is_fresh(request: HttpRequest, minutes: int = FRESH_MINUTES) -> bool:
    """True where the second factor of this sign-in was seen within the last `minutes`."""
    oldest = time.time() - 60 * minutes
    records = get_authentication_records(request, request.user)
    return any(record.get("method") == "mfa" and record.get("at", 0) >= oldest for record in records)


def ask_again(request: HttpRequest, page: str) -> HttpResponseBase:
    """Sends the person to confirm their second factor and then to `page`; what they typed waits for them there."""
    if request.method == "POST":
        keep_typed(request, page)
        messages.info(
            request,
            f"Your second factor is older than {FRESH_MINUTES} minutes. Confirm it, then send again: nothing was sent "
            "yet, and what you typed is kept.",
        )
    return redirect(f"{reverse('mfa_reauthenticate')}?{urlencode({'next': page})}")


def keep_typed(request: HttpRequest, page: str) -> None:
    """What was typed into the form of `page` waits in the session."""
    typed = {name: values for name, values in request.POST.lists() if name != "csrfmiddlewaretoken"}
    request.session[TYPED] = {"page": page, "values": typed}


def forget_typed(request: HttpRequest) -> None:
    """It was sent, or its person let it go."""
    request.session.pop(TYPED, None)


def take_typed(request: HttpRequest) -> MultiValueDict[str, str]:
    """What the person had typed on this page when their second factor went stale; once."""
    kept = request.session.get(TYPED)
    if not kept or kept["page"] != request.path:
        return MultiValueDict()
    del request.session[TYPED]
    return MultiValueDict(kept["values"])


def fresh_second_factor(minutes: int = FRESH_MINUTES, back: str | None = None) -> Callable[[View], View]:
    """Decorator: the page needs a fresh second factor. `back` names the page a stale POST returns to, by URL name."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if is_fresh(request, minutes):
                return view(request, *args, **kwargs)
            page = reverse(back, args=args, kwargs=kwargs) if back and request.method == "POST" else request.path
            return ask_again(request, page)

        return cast(View, guarded)

    return decorate
