"""Changing one's password, for whoever has one here."""

from typing import Any

from allauth.account.views import PasswordChangeView
from django.http import HttpRequest, HttpResponseBase

from requests_app.policies import Denied
from requests_app.views.people.access import person_of


class ChangePassword(PasswordChangeView):
    """allauth's page; who signs in without a password is told so, instead of being sent to make one."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The page, or why there is nothing to change."""
        if not person_of(request).has_usable_password():
            raise Denied("You have no password here. If you need one, ask BLS for a link to set it.")
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer
