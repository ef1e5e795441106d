"""Holds every request to the limits of its session: locked when idle, over after longer, whatever it asks for.

In place of allauth's own middleware, which would count a page that refreshes itself as its person's activity.
"""

from datetime import datetime
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone

from config.middleware import GetResponse
from requests_app.accounts import has_factor
from requests_app.services.sign_in import sessions
from requests_app.services.sign_in.sessions import Standing, Why
from requests_app.views.sign_in.second_factor import forget_typed, keep_typed
from requests_app.views.sign_in.sessions import REACHED_WHILE_LOCKED, SENT_AGAIN

FORM = "application/x-www-form-urlencoded"
BY_PERSON = "WR-By-Person"  # static/js/idle.js sets it where a click or a key is behind a request of htmx


class SessionLimits:
    """`request.session_record` is the session's record for whoever needs it later."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.session_record = None  # type: ignore[attr-defined]
        if request.user.is_authenticated and (answer := self._hold(request, timezone.now())):
            return answer
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: object) -> HttpResponse | None:
        """A form sent while the session is locked: it came from our own page, so what was typed is kept."""
        if not getattr(request, "kept_out", False):
            if request.method == "POST" and request.content_type == FORM and SENT_AGAIN in request.POST:
                forget_typed(request)
            return None
        name = request.resolver_match.url_name or ""  # type: ignore[union-attr]
        if request.content_type == FORM and not name.startswith(("account_", "mfa_")):
            keep_typed(request, request.path)
            return _go(request, _with_next("session_locked", reverse("session_resend")))
        return _go(request, _with_next("session_locked", reverse("home")))

    def _hold(self, request: HttpRequest, now: datetime) -> HttpResponse | None:
        record = sessions.of_key(request.session.session_key)
        if record is None:
            return self._over(request, "Your session was ended.")
        if why := sessions.reason_to_end(record, now):
            sessions.end(record, why, now, actor=None)
            return self._over(request, _ended(why))
        if sessions.standing(record, now) is Standing.LOCKED:
            sessions.lock(record, now)
            if not has_factor(request.user):
                sessions.end(record, Why.WITHOUT_FACTOR, now, actor=None)
                return self._over(request, _ended(Why.IDLE))
            request.session_record = record  # type: ignore[attr-defined]
            return self._locked(request)
        if _is_activity(request):
            sessions.note_activity(record, now)
        request.session_record = record  # type: ignore[attr-defined]
        return None

    def _locked(self, request: HttpRequest) -> HttpResponse | None:
        if _name(request) in REACHED_WHILE_LOCKED:
            return None
        if request.method == "POST" and _name(request):
            request.kept_out = True  # type: ignore[attr-defined]  # after the check against forged forms
            return None
        return _go(request, _with_next("session_locked", _page(request)))

    def _over(self, request: HttpRequest, words: str) -> HttpResponse | None:
        """Goes on as somebody who is not signed in, and is told why on the sign-in page."""
        page = _page(request)
        request.session.flush()
        request.user = AnonymousUser()
        messages.info(request, words)
        return _go(request, _with_next("account_login", page)) if request.headers.get("HX-Request") else None


def _is_activity(request: HttpRequest) -> bool:
    """A page that refreshes parts of itself is not its person's doing, and neither is asking how long is left."""
    if _name(request) in {"session_state", "live", "ready"}:
        return False
    return not request.headers.get("HX-Request") or BY_PERSON in request.headers


def _name(request: HttpRequest) -> str:
    try:
        return resolve(request.path_info).url_name or ""
    except Resolver404:
        return ""


def _page(request: HttpRequest) -> str:
    """The page to come back to: that around the part htmx asked for; the home page after anything but reading."""
    if around := request.headers.get("HX-Current-URL"):
        parts = urlsplit(around)
        return parts.path + (f"?{parts.query}" if parts.query else "")
    return request.get_full_path() if request.method in ("GET", "HEAD") else reverse("home")


def _with_next(name: str, page: str) -> str:
    return f"{reverse(name)}?{urlencode({'next': page})}"


def _go(request: HttpRequest, address: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)


def _ended(why: Why) -> str:
    if why is Why.AGE:
        return f"Your session ended: it lasts {settings.SESSION_HOURS} hours at most. Sign in again to go on."
    return f"Your session ended after {settings.SESSION_END_MINUTES} minutes without activity. Sign in again to go on."
