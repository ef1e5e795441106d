"""Accounts that nobody signs in to are disabled; an Administrator enables them again (services/people/people.py)."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from requests_app.models import Person
from requests_app.services.event_log import events


def idle_since(person: Person) -> datetime:
    """The last of: sign-in, being enabled, joining."""
    return max(moment for moment in (person.last_login, person.enabled_at, person.date_joined) if moment)


def is_idle(person: Person, now: datetime) -> bool:
    """Nobody has signed in to the account for too long (90 days, unless set shorter)."""
    return now - idle_since(person) >= timedelta(days=settings.ACCOUNT_IDLE_DAYS)


def disable_idle_accounts(now: datetime) -> int:
    """The daily sweep; how many accounts it disabled. Sign-in asks `disable_if_idle` too, so no day is missed."""
    # PostgreSQL's greatest() leaves out what is empty
    latest = Greatest(F("date_joined"), F("last_login"), F("enabled_at"))
    limit = now - timedelta(days=settings.ACCOUNT_IDLE_DAYS)
    idle = Person.objects.alias(latest=latest).filter(is_active=True, latest__lte=limit)
    return sum(disable_if_idle(person, now) for person in idle)


@transaction.atomic
def disable_if_idle(person: Person, now: datetime) -> bool:
    """True where the account was active and nobody has signed in to it for too long: it is disabled now."""
    locked = Person.objects.select_for_update().get(pk=person.pk)
    if not locked.is_active or not is_idle(locked, now):
        return False
    locked.is_active = person.is_active = False
    locked.save(update_fields=["is_active"])
    detail = {"idle_since": idle_since(locked), "days": settings.ACCOUNT_IDLE_DAYS}
    events.record("person.disable_idle", actor=None, subject=f"person {person.pk}", detail=detail, at=now)
    return True
