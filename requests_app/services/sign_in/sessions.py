"""Sessions of signed-in people: locked when idle, ended when idle for longer, after a day's work, or by their owner.

The row of allauth's `UserSession` is the record: a session without one is over, however it came by its cookie. Times
are kept there and not in the session itself, which two requests at once would overwrite.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q

from requests_app.models import Person
from requests_app.services.event_log import events

LOCKED_AT = "locked_at"
# How old the note of somebody's last activity may be, so that not every request writes; a lock is earlier by that much.
NOTE_SECONDS = 30


class Standing(StrEnum):
    """What a session is at a moment."""

    OPEN = "open"
    LOCKED = "locked"
    ENDED = "ended"


class Why(StrEnum):
    """Why a session ended, in words for the event and the person."""

    IDLE = "no activity"
    AGE = "signed in for too long"
    OWNER = "ended by its owner"
    WITHOUT_FACTOR = "no activity before a second factor was set up"


def lock_after() -> timedelta:
    """Idle time until a session is locked."""
    return timedelta(minutes=settings.SESSION_LOCK_MINUTES)


def end_after() -> timedelta:
    """Idle time until a session ends."""
    return timedelta(minutes=settings.SESSION_END_MINUTES)


def longest() -> timedelta:
    """The longest a session lasts, whatever is done in it."""
    return timedelta(hours=settings.SESSION_HOURS)


def of_key(session_key: str | None) -> UserSession | None:
    """The record of a session; None where it was ended or never was."""
    return UserSession.objects.filter(session_key=session_key or "").first()


def reason_to_end(session: UserSession, now: datetime) -> Why | None:
    """Why the session is over at `now`, if it is."""
    if now - session.created_at >= longest():
        return Why.AGE
    return Why.IDLE if now - session.last_seen_at >= end_after() else None


def standing(session: UserSession, now: datetime) -> Standing:
    """What the session is at `now`, whether or not anybody has noted it yet."""
    if reason_to_end(session, now):
        return Standing.ENDED
    locked = LOCKED_AT in session.data or now - session.last_seen_at >= lock_after()
    return Standing.LOCKED if locked else Standing.OPEN


def note_activity(session: UserSession, now: datetime) -> None:
    """The person did something: the idle time starts anew."""
    if now - session.last_seen_at >= timedelta(seconds=NOTE_SECONDS):
        open_ones = UserSession.objects.filter(pk=session.pk).exclude(data__has_key=LOCKED_AT)
        open_ones.update(last_seen_at=now)
        session.last_seen_at = now


@transaction.atomic
def lock(session: UserSession, now: datetime) -> None:
    """Nothing is shown or done under this sign-in until its person confirms the second factor."""
    row = UserSession.objects.select_for_update().filter(pk=session.pk).first()
    if row is None or LOCKED_AT in row.data:
        return
    row.data[LOCKED_AT] = now.isoformat()
    row.save(update_fields=["data"])
    session.data = row.data
    events.record("session.lock", actor=_person(row), subject=f"person {row.user_id}", at=now)


@transaction.atomic
def unlock(session: UserSession, now: datetime) -> None:
    """The person confirmed the second factor."""
    row = UserSession.objects.select_for_update().filter(pk=session.pk).first()
    if row is None or LOCKED_AT not in row.data:
        return
    since = row.data.pop(LOCKED_AT)
    row.last_seen_at = now
    row.save(update_fields=["data", "last_seen_at"])
    session.data, session.last_seen_at = row.data, now
    events.record(
        "session.unlock", actor=_person(row), subject=f"person {row.user_id}", detail={"locked_at": since}, at=now
    )


@transaction.atomic
def end(session: UserSession, why: Why, now: datetime, *, actor: Person | None) -> None:
    """The session is over from its next request on; `actor` None where it ended by itself."""
    row = UserSession.objects.select_for_update().filter(pk=session.pk).first()
    if row is None:
        return
    Session.objects.filter(session_key=row.session_key).delete()
    row.delete()
    detail = {"why": why, "since": session.created_at, "last_seen_at": session.last_seen_at}
    events.record("session.end", actor=actor, subject=f"person {session.user_id}", detail=detail, at=now)


def forget(session_key: str | None) -> None:
    """The session was ended by signing out, which is an event of its own."""
    UserSession.objects.filter(session_key=session_key or "").delete()


def sweep(now: datetime) -> None:
    """Locks and ends the sessions nobody comes back to, so that their end does not wait for a next request."""
    over = Q(last_seen_at__lte=now - end_after()) | Q(created_at__lte=now - longest())
    for session in UserSession.objects.filter(over):
        end(session, reason_to_end(session, now) or Why.IDLE, now, actor=None)
    idle = UserSession.objects.filter(last_seen_at__lte=now - lock_after()).exclude(data__has_key=LOCKED_AT)
    for session in idle:
        lock(session, now)


def _person(session: UserSession) -> Person:
    return Person.objects.get(pk=session.user_id)
