"""The event log as the Auditor reads it: narrowed, page by page, and as rows of CSV.

Pages go by place, not by number: each begins where the last one ended, by time and then by the event's own number, so
that the millionth page costs what the first does. Nothing here counts the log.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from requests_app.models import DataRequest, Event, Person
from requests_app.selectors.audit.event_words import who_is
from requests_app.states import State

PAGE_SIZE = 50
PEOPLE_AT_MOST = 200
NEWEST_FIRST = ("-occurred_at", "-seq")
OLDEST_FIRST = ("occurred_at", "seq")
HEADER = ["seq", "occurred_at", "kind", "outcome", "actor", "process", "request_number", "subject", "detail", "hash"]
# A spreadsheet runs a cell that starts with one of these.
RUNS_AS_FORMULA = ("=", "+", "-", "@", "\t", "\r")
# Not people: the names the log gives them.
NOT_PEOPLE = ("The system", "Somebody not signed in")
EXACT = ("kind", "outcome", "process", "subject")


@dataclass(frozen=True)
class Page:
    """Some events, newest first, and the events after and before which the neighbouring pages begin."""

    events: list[Event]
    newer_than: int | None
    older_than: int | None


def events(wanted: Mapping[str, Any]) -> QuerySet[Event]:
    """The events that are asked for, newest first; all where nothing is.

    `since` and `until` are days, both included; `actor` is an account's number, a part of a person's name, or one of
    the names of those who are no people; `request` a number; the others are exact.
    """
    found = Event.objects.order_by(*NEWEST_FIRST).filter(_in_days(wanted.get("since"), wanted.get("until")))
    found = found.filter(**{name: wanted[name] for name in EXACT if wanted.get(name)})
    if number := wanted.get("request"):
        found = found.filter(request_number=number)
    return found.filter(by(wanted["actor"])) if wanted.get("actor") else found


def _in_days(since: date | None, until: date | None) -> Q:
    found = Q()
    if since:
        found &= Q(occurred_at__gte=_midnight(since))
    if until:
        found &= Q(occurred_at__lt=_midnight(until + timedelta(days=1)))
    return found


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def by(actor: str) -> Q:
    """The events of whoever `actor` names. A name finds people as they are called today, by their accounts."""
    if actor.isdigit():
        return Q(actor_id=int(actor))
    others = [name for name in NOT_PEOPLE if actor.lower() in name.lower()]
    people = Person.objects.filter(name__icontains=actor).values_list("pk", flat=True)[:PEOPLE_AT_MOST]
    return Q(actor_id__in=list(people)) | Q(actor_id__isnull=True, actor__in=others)


def page(found: QuerySet[Event], *, older_than: int | None = None, newer_than: int | None = None) -> Page:
    """The page of `found` that begins after the event `older_than`, or ends before `newer_than`; else the first."""
    if newer_than:
        rows = list(_after(found, newer_than).order_by(*OLDEST_FIRST)[: PAGE_SIZE + 1])
        shown, more_newer, more_older = rows[:PAGE_SIZE][::-1], len(rows) > PAGE_SIZE, True
    else:
        rows = list(_before(found, older_than)[: PAGE_SIZE + 1])
        shown, more_newer, more_older = rows[:PAGE_SIZE], older_than is not None, len(rows) > PAGE_SIZE
    return Page(
        shown,
        newer_than=shown[0].seq if shown and more_newer else None,
        older_than=shown[-1].seq if shown and more_older else None,
    )


def _before(found: QuerySet[Event], seq: int | None) -> QuerySet[Event]:
    at = _moment(seq)
    return found.filter(Q(occurred_at__lt=at) | Q(seq__lt=seq), occurred_at__lte=at) if at else found


def _after(found: QuerySet[Event], seq: int) -> QuerySet[Event]:
    at = _moment(seq)
    return found.filter(Q(occurred_at__gt=at) | Q(seq__gt=seq), occurred_at__gte=at) if at else found.none()


def _moment(seq: int | None) -> datetime | None:
    if seq is None:
        return None
    return Event.objects.filter(seq=seq).values_list("occurred_at", flat=True).first()


def recorded_numbers(found: list[Event]) -> set[str]:
    """The requests named by these events whose record page can be opened: all but drafts."""
    numbers = {event.request_number for event in found if event.request_number}
    there = DataRequest.objects.filter(number__in=numbers).exclude(state=State.DRAFT)
    return set(there.values_list("number", flat=True))


def names_of(found: list[Event]) -> dict[str, str]:
    """`person 12` -> that person's name, for the subjects of these events."""
    return who_is({event.subject for event in found})


def rows(found: QuerySet[Event]) -> Iterator[list[str]]:
    """A header and one row for each event, safe to open in a spreadsheet; read through a cursor on the server."""
    yield HEADER
    for event in found.iterator(chunk_size=1000):
        yield [safe(getattr(event, name)) for name in HEADER]


def safe(value: object) -> str:
    """A cell no spreadsheet runs."""
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return f"'{text}" if text.startswith(RUNS_AS_FORMULA) else text


def last_verification() -> Event | None:
    """The newest daily check of the log; one that says it comes from web was not made by the worker."""
    made = Event.objects.filter(kind="events.verify").exclude(process__in=["web", "scheduler", "loader"])
    return made.order_by(*NEWEST_FIRST).first()
