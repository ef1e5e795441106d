"""Health, and the answers to requests that no view owns."""

from pathlib import Path

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render


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
