"""Health, and the answers to requests that no view owns."""

from pathlib import Path

import redis
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views import defaults

from config.routes import API_PREFIX
from requests_app.api import problems


def live(_request: HttpRequest) -> JsonResponse:
    """The process answers; nothing else is asked."""
    return JsonResponse({"status": "ok"})


def ready(_request: HttpRequest) -> JsonResponse:
    """Database, queue and file store can be used; 503 names the part that cannot."""
    parts = {"database": _database(), "queue": _queue(), "files": Path(str(settings.VAULT_ROOT)).is_dir()}
    return JsonResponse(
        {"status": "ok" if all(parts.values()) else "unavailable", "parts": parts},
        status=200 if all(parts.values()) else 503,
    )


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return True
    except DatabaseError:
        return False


def _queue() -> bool:
    try:
        with redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2) as client:
            return bool(client.ping())
    except (redis.RedisError, ValueError):
        return False


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page was open too long, or came from elsewhere: nothing was changed."""
    return render(request, "errors/403_csrf.html", status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What cannot be read: as a page, or as a problem to a machine."""
    if is_api(request) and isinstance(exception, RequestDataTooBig):
        return problems.problem(413, problems.TOO_MUCH)
    if is_api(request):
        return problems.problem(400, "The call cannot be read as it was sent.")
    return defaults.bad_request(request, exception)


def not_there(request: HttpRequest, exception: Exception) -> HttpResponse:
    """An address that nothing, or nothing the person sees, is at."""
    return problems.problem(404, problems.NOT_THERE) if is_api(request) else defaults.page_not_found(request, exception)


def fault(request: HttpRequest) -> HttpResponse:
    """A fault of ours: the log has it, the answer tells nothing of it."""
    if is_api(request):
        return problems.problem(500, "Nothing was changed. Try again later, or tell BLS.")
    return defaults.server_error(request)


def is_api(request: HttpRequest) -> bool:
    """True where a machine is answered, and not a browser."""
    return request.path.startswith(API_PREFIX)
