"""Signing in and out, and changes of password and second factor, as events: allauth says when, this module records.

Never what was typed: an address may be somebody's password or number in the wrong field.
"""

from typing import Any

from allauth.account.signals import password_changed, user_logged_in
from allauth.core.internal.httpkit import get_client_ip
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
    authenticator_used,
)
from django.contrib.auth.signals import user_logged_out
from django.http import HttpRequest

from requests_app.models import Person
from requests_app.services import events


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
    }.items():
        signal.connect(receiver, dispatch_uid=f"event of {receiver.__name__}")


def signed_in(request: HttpRequest, user: Person, **_kwargs: Any) -> None:
    """Password and second factor were right."""
    events.record("person.sign_in", actor=user, subject=_of(user), detail=_from(request))


def sign_in_refused(request: HttpRequest, person: Person | None, why: str) -> None:
    """A sign-in, or a password asked for again, that did not succeed; `person` None where nobody has that address."""
    events.record(
        "person.sign_in",
        actor=None,
        subject=_of(person) if person else "no account",
        outcome="refused",
        detail=_from(request) | {"reasons": [why]},
        unknown_person=True,
    )


def signed_out(request: HttpRequest, user: Person | None, **_kwargs: Any) -> None:
    """The session was ended by the person."""
    if user is not None:
        events.record("person.sign_out", actor=user, subject=_of(user), detail=_from(request))


def changed_password(request: HttpRequest, user: Person, **_kwargs: Any) -> None:
    """Their other sessions end with the old password."""
    events.record("person.change_password", actor=user, subject=_of(user), detail=_from(request))


def factor_refused(request: HttpRequest, user: Person, **_kwargs: Any) -> None:
    """A code was wrong, at sign-in or when it was asked for again."""
    why = {"reasons": ["Wrong code."]}
    events.record(
        "person.confirm_factor", actor=user, subject=_of(user), outcome="refused", detail=_from(request) | why
    )


def factor_confirmed(request: HttpRequest, user: Person, authenticator: Any, **_kwargs: Any) -> None:
    """A code was right; says whether it was the app's or a recovery code."""
    detail = _from(request) | {"type": authenticator.type}
    events.record("person.confirm_factor", actor=user, subject=_of(user), detail=detail)


def factor_added(request: HttpRequest, user: Person, authenticator: Any, **_kwargs: Any) -> None:
    """A second factor was set up."""
    detail = _from(request) | {"type": authenticator.type}
    events.record("person.add_factor", actor=user, subject=_of(user), detail=detail)


def factor_removed(request: HttpRequest, user: Person, authenticator: Any, **_kwargs: Any) -> None:
    """A second factor was taken away; the session must set up another before it goes on."""
    request.session.pop("second_factor_known", None)
    detail = _from(request) | {"type": authenticator.type}
    events.record("person.remove_factor", actor=user, subject=_of(user), detail=detail)


def recovery_codes_renewed(request: HttpRequest, user: Person, **_kwargs: Any) -> None:
    """New recovery codes replace the old ones."""
    events.record("person.renew_recovery_codes", actor=user, subject=_of(user), detail=_from(request))


def _of(person: Person) -> str:
    return f"person {person.pk}"


def _from(request: HttpRequest) -> dict[str, str]:
    """The network address the request came from."""
    return {"address": get_client_ip(request) or ""}
