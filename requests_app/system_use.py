"""The system-use notice (NIST SP 800-53 AC-8): nobody signs in, by whatever way, without having accepted it.

Every button of the sign-in page says that pressing it accepts the notice, and sends its version along.
"""

from collections.abc import Callable
from functools import wraps
from typing import cast

from django.http import HttpRequest, HttpResponseBase

VERSION = "2026-11"  # of templates/account/system_use_notice.html
ACCEPTED = "system_use_notice"
View = Callable[..., HttpResponseBase]


def is_accepted(request: HttpRequest) -> bool:
    """The notice as it stands today was accepted in this browser's session."""
    return bool(request.session.get(ACCEPTED) == VERSION)


def accepts_notice(view: View) -> View:
    """Decorator: a form of this page that was sent with the notice's version has accepted it."""

    @wraps(view)
    def accepting(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if request.method == "POST" and request.POST.get("notice") == VERSION:
            request.session[ACCEPTED] = VERSION
        return view(request, *args, **kwargs)

    return cast(View, accepting)
