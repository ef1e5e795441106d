"""How django-allauth is bound to our accounts: nobody registers, failures count against the account, a second factor
is changed only with a second factor and one always remains, and its secrets are encrypted at rest.
"""

import os
from functools import cache
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.models import UserSession
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from requests_app import sign_in_events, system_use
from requests_app.models import Person
from requests_app.services.people import accounts
from requests_app.services.sign_in import sessions

NONCE_BYTES = 12
# What stands alone as a second factor; recovery codes only replace one of these.
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def has_factor(person: Any) -> bool:
    """True where the person has set up a second factor."""
    return bool(Authenticator.objects.filter(user=person, type__in=FACTORS).exists())


class ClosedAccountAdapter(DefaultAccountAdapter):
    """Accounts are made by BLS."""

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        """Never."""
        return False

    def _get_login_attempts_cache_key(self, _request: HttpRequest, **credentials: Any) -> str:
        """Failures count against the account, however its address was written and whatever host name was asked.

        allauth's own key holds the Host header, port included, and the address as typed: both are the attacker's.
        """
        typed = str(credentials.get("email", ""))
        person = _person_of(typed)
        return f"person {person.pk}" if person else f"no account {typed.casefold()}"

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuses a locked account before the password is looked at; that is an event."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            _record_refusal(request, credentials, "Too many failures; locked for a while.")
            raise

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """A wrong password, or no such account, is an event."""
        _record_refusal(request, credentials, "Wrong password, or no such account.")

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse | None:
        """Every way in passes here: nobody signs in past the system-use notice, or to an account nobody has used."""
        if not system_use.is_accepted(request):
            clear_login(request)
            sign_in_events.sign_in_refused(request, user, "The system-use notice was not accepted.")
            messages.info(request, "Read the notice below, then sign in with a button that says that you accept it.")
            return redirect("account_login")
        accounts.disable_if_idle(user, timezone.now())
        return super().pre_login(request, user, **kwargs)

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        """The right password of an account that is not active is an event too."""
        sign_in_events.sign_in_refused(request, user, "The account is not active.")
        return super().respond_user_inactive(request, user)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Whoever has a second factor confirms with that; a password alone neither replaces it nor reads its codes."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        with_factor = [method for method in methods if method["id"] != "reauthenticate"]
        return with_factor or methods


def _person_of(typed: str) -> Person | None:
    return Person.objects.filter(email__iexact=typed).first()


def _record_refusal(request: HttpRequest, credentials: dict[str, Any], why: str) -> None:
    sign_in_events.sign_in_refused(request, _person_of(str(credentials.get("email", ""))), why)


@cache
def _cipher() -> AESGCM:
    if settings.MFA_KEY_FILE is None:
        raise ImproperlyConfigured("Set MFA_KEY_FILE (see docs/operations.md).")
    return AESGCM(settings.MFA_KEY_FILE.read_bytes())


class SealedSecretsAdapter(DefaultMFAAdapter):
    """TOTP secrets and recovery codes are AES-256-GCM under a key that only the web process has."""

    def encrypt(self, text: str) -> str:
        """Nonce and ciphertext, as hex."""
        nonce = os.urandom(NONCE_BYTES)
        return (nonce + _cipher().encrypt(nonce, text.encode(), None)).hex()

    def decrypt(self, encrypted_text: str) -> str:
        """What `encrypt` was given."""
        sealed = bytes.fromhex(encrypted_text)
        return _cipher().decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """One second factor always remains; whoever wants another adds it first."""
        kept = Authenticator.objects.filter(user=authenticator.user, type__in=FACTORS).exclude(pk=authenticator.pk)
        return bool(kept.exists())

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:
        """The name a new passkey is offered; the person may change it."""
        return f"Passkey {Authenticator.objects.filter(user=user, type=type).count() + 1}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The site as the device shows it."""
        return {**super().get_public_key_credential_rp_entity(), "name": settings.MFA_TOTP_ISSUER}


class OwnSessionsAdapter(DefaultUserSessionsAdapter):
    """Ends sessions by our record of them, each with an event."""

    def end_sessions(self, chosen: list[UserSession]) -> None:
        """Of the person who asks."""
        now = timezone.now()
        for session in chosen:
            sessions.end(session, sessions.Why.OWNER, now, actor=context.request.user)
