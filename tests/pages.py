"""What tests of pages need: people signed in with a second factor seen so many minutes ago, and held quarters."""

import time

from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from allauth.usersessions.models import UserSession
from django.test import Client
from django.utils import timezone

from matching.models import Holding, Status
from matching.models import Kind as LoadKind
from requests_app.models import Person

QUARTERS = (20161, 20162, 20163, 20164)


def hold_quarters() -> None:
    """2016 is held for Rhode Island and Delaware."""
    now = timezone.now()
    cells = [(state, quarter) for state in ("10", "44") for quarter in QUARTERS]
    Holding.objects.bulk_create(
        Holding(
            load_id=number,
            state=state,
            quarter=quarter,
            kind=LoadKind.WAGE_RECORDS,
            version=1,
            status=Status.VISIBLE,
            rows=1000,
            rejected=0,
            unmatchable=0,
            loaded_at=now,
        )
        for number, (state, quarter) in enumerate(cells, 1)
    )


def signed_in(person: Person, *, minutes_ago: float = 0) -> Client:
    """A client of `person` whose second factor was seen `minutes_ago`."""
    client = Client()
    client.force_login(person, backend="requests_app.sign_in_backend.SignInBackend")
    session = client.session
    session["second_factor_known"] = True
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "mfa", "at": time.time() - 60 * minutes_ago}]
    session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(person.pk)
    session.save()
    UserSession.objects.create(user=person, session_key=session.session_key, ip="127.0.0.1", user_agent="Tests")
    return client
