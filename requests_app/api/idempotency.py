"""`Idempotency-Key`: a call that is sent again, because its answer was lost, does nothing twice.

The key is kept in the transaction of what the call does: a call that failed may be made again under its key, and two
at once wait for each other. Kept for a day.
"""

import hashlib
import json
import re
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from requests_app.api import problems
from requests_app.models import IdempotentCall
from requests_app.views.people.access import person_of

KEPT_FOR = timedelta(days=1)
KEY = re.compile(r"[A-Za-z0-9_.:-]{8,64}")
HEADER = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="8 to 64 letters, digits, _ . : or -. Sent again within a day, the same call is answered as before "
    "and does nothing; another call under the same key is refused (409).",
)
Post = Callable[..., Any]


def repeatable(post: Post) -> Post:
    """Decorator of a view's method: under a key it is done once."""

    @wraps(post)
    def once(view: Any, request: Request, *args: Any, **kwargs: Any) -> Any:
        key = request.headers.get("Idempotency-Key", "")
        if not key:
            return post(view, request, *args, **kwargs)
        if not KEY.fullmatch(key):
            raise ValidationError({"Idempotency-Key": "Send 8 to 64 letters, digits, _ . : or -."})
        with transaction.atomic():
            return _once(key, request, lambda: post(view, request, *args, **kwargs))

    return once


def _once(key: str, request: Request, do: Callable[[], Any]) -> Any:
    person, now = person_of(request), timezone.now()  # type: ignore[arg-type]
    IdempotentCall.objects.filter(made_at__lt=now - KEPT_FOR).delete()
    said = {"call_sha256": _digest(request), "made_at": now}
    call, is_first = IdempotentCall.objects.get_or_create(person=person, key=key, defaults=said)
    if not is_first:
        return _again(call, said["call_sha256"])
    answer = do()
    call.status, call.answer = answer.status_code, json.loads(json.dumps(answer.data, default=str))
    call.location = answer.headers.get("Location", "")
    call.save(update_fields=["status", "answer", "location"])
    return answer


def _again(call: IdempotentCall, digest: Any) -> Any:
    if call.call_sha256 != digest:
        return problems.problem(409, "Another call was made under this Idempotency-Key. Use a new key for a new call.")
    return Response(call.answer, status=call.status, headers={"Location": call.location} if call.location else None)


def _digest(request: Request) -> str:
    """What was called with what."""
    return hashlib.sha256(f"{request.method} {request.path}\n".encode() + request._request.body).hexdigest()
