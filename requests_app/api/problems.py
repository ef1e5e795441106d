"""Every refusal of the API as `application/problem+json` (RFC 9457), with every reason at once."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response

from requests_app.policies import Denied
from requests_app.services.life.workflow import Conflict
from requests_app.views.people.access import record_attempt

CONTENT_TYPE = "application/problem+json"
TITLES = {
    400: "The call cannot be read as it was sent",
    401: "This needs a token",
    403: "You may not do this",
    404: "This is not there",
    405: "This address has no such method",
    406: "Only JSON is answered",
    409: "Somebody else was faster",
    413: "The call sends too much",
    415: "Send JSON",
    429: "Too many calls",
    500: "This is a fault of the application",
}
TOO_MUCH = f"A call may send at most {settings.DATA_UPLOAD_MAX_MEMORY_SIZE:,} bytes."
NOT_THERE = "There is nothing here, or you do not see it."


def problem(status: int, *reasons: str, headers: Mapping[str, str] | None = None, **more: Any) -> JsonResponse:
    """A problem as an answer; `reasons` are sentences, `more` are members of its own."""
    return JsonResponse(body(status, *reasons, **more), status=status, content_type=CONTENT_TYPE, headers=headers)


def body(status: int, *reasons: str, **more: Any) -> dict[str, Any]:
    """The members of a problem."""
    title = TITLES.get(status, "The call was refused")
    return {"type": "about:blank", "title": title, "status": status, "reasons": list(reasons), **more}


def handle(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's exception handler: what policies and services refuse, and what DRF itself refuses."""
    if isinstance(error, Denied):
        if not error.recorded:
            record_attempt(context["request"]._request, error)
        return _answer(403, *error.reasons)
    if isinstance(error, Conflict):
        return _answer(409, str(error))
    if isinstance(error, Http404):
        return _answer(404, NOT_THERE)
    if isinstance(error, RequestDataTooBig):
        return _answer(413, TOO_MUCH)
    if isinstance(error, PermissionDenied):
        return _answer(403, str(error))
    if isinstance(error, exceptions.APIException):
        return _of_framework(error)
    return None


def _of_framework(error: exceptions.APIException) -> Response:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait) + 1)
    return _answer(error.status_code, *sentences(error.detail), headers=headers)


def sentences(detail: Any, name: str = "") -> Iterator[str]:
    """What DRF says about a call, as sentences that name the member they are about."""
    if isinstance(detail, Mapping):
        for key, said in detail.items():
            yield from sentences(said, key if key != "non_field_errors" else name)
    elif isinstance(detail, list):
        for said in detail:
            yield from sentences(said, name)
    else:
        yield f"{name}: {detail}" if name else str(detail)


def _answer(status: int, *reasons: str, headers: Mapping[str, str] | None = None) -> Response:
    said = body(status, *reasons)
    return Response(said, status=status, headers=dict(headers or {}), content_type=CONTENT_TYPE)
