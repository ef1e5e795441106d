"""Signing in and out, and changes of password and second factor, as events: allauth says when, this module records.

Never what was typed: an address may be somebody's password or number in the wrong field.
"""

from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.signals import password_changed, user_logged_in
from allauth.core.internal.httpkit import get_client_ip
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
    authenticator_used,
)
from allauth.socialaccount.signals import social_account_added
from allauth.usersessions.models import UserSession
from django.contrib.auth.signals import user_logged_out
from django.http import HttpRequest
from django.utils import timezone

from requests_app import system_use
from requests_app.models import Person
from requests_app.services.event_log import events
from requests_app.services.sign_in import sessions


def connect() -> None:
    """Called once, when the apps are ready."""
    for signal, receiver in {
        user_logged_in: signed_in,
        user_logged_out: signed_out,
        password_changed: changed_password,
        authentication_failed: factor_refused,
        authenticator_used: factor_confirmed,
        authenticator_added: factor_added,
        authenticator_removed: factor_removed,
        authenticator_reset: recovery_codes_renewed,
        social_account_added: provider_linked,
    }.items():
        signal.connect(receiver, dispatch_uid=f"event of {receiver.__name__}")


def signed_in(request: HttpRequest, user: Person, **_kwargs: Any) -> None:
    """Password or an agency's provider, and second factor, were right; or the passkey. The notice was accepted."""
    detail = _from(request) | {"way": _way(request, user), "notice": system_use.VERSION}
    events.record("person.sign_in", actor=user, subject=_of(user), detail=detail)


def _way(request: HttpRequest, user: Person) -> str:
    """What stood for the password: `password`, `passkey`, or the id of an agency's provider."""
    first: dict[str, Any] = next(iter(get_authentication_records(request, user)), {})
    return str(first.get("provider") or ("passkey" if first.get("passwordless") else first.get("method", "")))


def sign_in_refused(request: HttpRequest, person: Person | None, why: str, way: str = "") -> None:
    """A sign-in, or a password asked for again, that did not succeed; `person` None where nobody has that address.

    `way` is the id of the agency's provider they came through.
    """
    events.record(
        "person.sign_in",
        actor=None,
        subject=_of(person) if person else "no account",
        outcome="refused",
        detail=_from(request) | {"reasons": [why]} | ({"way": way} if way else {}),
        unknown_person=True,
    )


def signed_out(request: HttpRequest, user: Person | None, **_kwargs: Any) -> None:
    """The session was ended by the person."""
    sessions.forget(request.session.session_key)
    if user is not None:
        events.record("person.sign_out", actor=user, subject=_of(user), detail=_from(request))


def changed_password(request: HttpRequest, user: Person, **_kwargs: Any) -> None:
    """Their other sessions end with the old password; this one gets a new key and keeps its beginning."""
    record: UserSession | None = getattr(request, "session_record", None)
    if record is not None:
        UserSession.objects.filter(session_key=request.session.session_key).exclude(pk=record.pk).delete()
        UserSession.objects.filter(pk=record.pk).update(session_key=request.session.session_key)
    events.record("person.change_password", actor=user, subject=_of(user), detail=_from(request))


def factor_refused(request: HttpRequest, user: Person, why: str = "Wrong code.", **_kwargs: Any) -> None:
    """A code or passkey was wrong, at sign-in or when it was asked for again."""
    detail = _from(request) | {"reasons": [why]}
    events.record("person.confirm_factor", actor=user, subject=_of(user), outcome="refused", detail=detail)


def factor_confirmed(request: HttpRequest, user: Person, authenticator: Any, **_kwargs: Any) -> None:
    """A code or passkey was right; says which. A locked session opens again."""
    detail = _from(request) | {"type": authenticator.type}
    events.record("person.confirm_factor", actor=user, subject=_of(user), detail=detail)
    if record := getattr(request, "session_record", None):
        sessions.unlock(record, timezone.now())


def factor_added(request: HttpRequest, user: Person, authenticator: Any, **_kwargs: Any) -> None:
    """A second factor was set up."""
    detail = _from(request) | {"type": authenticator.type}
    events.record("person.add_factor", actor=user, subject=_of(user), detail=detail)


def factor_removed(request: HttpRequest, user: Person, authenticator: Any, **_kwargs: Any) -> None:
    """A second factor was taken away; the session must set up another before it goes on."""
    request.session.pop("second_factor_known", None)
    detail = _from(request) | {"type": authenticator.type}
    events.record("person.remove_factor", actor=user, subject=_of(user), detail=detail)


def passkey_renamed(request: HttpRequest, user: Person, authenticator: Any) -> None:
    """A passkey has another name now; the name itself may say something private, so it is not recorded."""
    detail = _from(request) | {"type": authenticator.type, "authenticator": authenticator.pk}
    events.record("person.rename_factor", actor=user, subject=_of(user), detail=detail)


def provider_linked(request: HttpRequest, sociallogin: Any, **_kwargs: Any) -> None:
    """A person signed in through an agency's provider for the first time: from now on it knows them by one identity."""
    person, account = sociallogin.user, sociallogin.account
    detail = _from(request) | {"way": account.provider, "identity": account.uid}
    events.record("person.link_provider", actor=person, subject=_of(person), detail=detail)


def recovery_codes_renewed(request: HttpRequest, user: Person, **_kwargs: Any) -> None:
    """New recovery codes replace the old ones."""
    events.record("person.renew_recovery_codes", actor=user, subject=_of(user), detail=_from(request))


def _of(person: Person) -> str:
    return f"person {person.pk}"


def _from(request: HttpRequest) -> dict[str, str]:
    """The network address the request came from."""
    return {"address": get_client_ip(request) or ""}
