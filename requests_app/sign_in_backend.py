"""Who a session belongs to."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from requests_app.models import Person


class SignInBackend(AuthenticationBackend):
    """allauth's, which finds the person of a session together with their agency: every page names it."""

    def get_user(self, user_id: Any) -> Person | None:
        """The person, None where the account is gone or stopped."""
        person = Person.objects.select_related("agency").filter(pk=user_id).first()
        return person if person and self.user_can_authenticate(person) else None
