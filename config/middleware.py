"""What every answer of the web process carries: headers, a log line, and no page without a second factor."""

import time
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import resolve
from ulid import ULID

from requests_app.reading import one_reading

GetResponse = Callable[[HttpRequest], HttpResponse]
log = structlog.get_logger("web")

PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()"


class SecurityHeaders:
    """The headers Django has no setting for; pages of signed-in people are never stored."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response


class OneReading:
    """A page that is only read looks up every fact once; one that changes something asks each time."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in {"GET", "HEAD"}:
            return self.get_response(request)
        with one_reading():
            return self.get_response(request)


class RequestLog:
    """One structured line per answered request, tied together by `request_id`; the person's id, never a name."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.monotonic()
        structlog.contextvars.bind_contextvars(request_id=str(ULID()), actor=request.user.pk)
        try:
            response = self.get_response(request)
            log.info(
                "answered",
                method=request.method,
                path=request.path,
                status=response.status_code,
                milliseconds=round((time.monotonic() - started) * 1000),
            )
            return response
        finally:
            structlog.contextvars.unbind_contextvars("request_id", "actor")


class SecondFactorRequired:
    """A signed-in person without a second factor reaches only the pages that set one up, and sign-out."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and not self._has_factor(request) and not self._is_setup(request):
            return redirect("mfa_activate_totp")
        return self.get_response(request)

    def _has_factor(self, request: HttpRequest) -> bool:
        if not request.session.get("second_factor_known"):
            from allauth.mfa.utils import is_mfa_enabled

            request.session["second_factor_known"] = is_mfa_enabled(request.user)
        return bool(request.session["second_factor_known"])

    def _is_setup(self, request: HttpRequest) -> bool:
        name = resolve(request.path_info).url_name or ""
        return name.startswith(("mfa_", "account_", "session_")) or name in {"start", "live", "ready"}
