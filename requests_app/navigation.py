"""What every page knows: who is signed in as what, and where they can go."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from requests_app.standing import roles_of
from requests_app.states import Role


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `nav`, `roles` and `demo_mode` for the base template."""
    context: dict[str, Any] = {"demo_mode": settings.DEMO_MODE}
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return context
    roles = roles_of(user)
    entries = [("Home", "home"), ("Requests", "request_list")]
    if Role.AUDITOR in roles:
        entries.append(("Events", "event_list"))
    nav = [{"label": label, "url": reverse(name), "current": request.path == reverse(name)} for label, name in entries]
    return context | {"nav": nav, "roles": sorted(role.label for role in roles)}
