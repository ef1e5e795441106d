"""What the calendar brings: told once each, whenever the sweep runs, late, twice, or from two workers at once.

A clock yields the milestones that its facts have reached by a day; what is told depends on those facts and the federal
calendar only, never on when the sweep ran. Several milestones of one thing that a late sweep finds together all stand
on the site, and only the newest is mailed. The clocks: services/life/clocks.py (steps, questions),
services/reviews/deadlines.py (states' reviews), services/packages/destruction_days.py (destruction).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef
from django.db.models.functions import Cast
from django.utils import timezone

from requests_app.models import Milestone, Person
from requests_app.models.notices import NoticeKind
from requests_app.services.event_log import events
from requests_app.services.life import notices

Clock = Callable[[date], Iterable["Reached"]]
CLOCKS: dict[str, Clock] = {}


def clock(name: str) -> Callable[[Clock], Clock]:
    """Registers a clock: a function that yields the milestones that are reached by a day and not told yet."""

    def register(function: Clock) -> Clock:
        CLOCKS[name] = function
        return function

    return register


@dataclass(frozen=True)
class Reached:
    """One milestone that was reached: what it is about, since when that counts, and who is told what.

    `log` keeps it in the event log, where that is not `time.OCCASION`; `detail` is kept beside day and words.
    """

    clock: str
    subject: str
    occasion: str
    anchor: datetime
    day: date
    number: str
    text: str
    path: str
    people: Callable[[], Iterable[Person]]
    log: Callable[["Reached", datetime], None] | None = None
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def facts(self) -> dict[str, Any]:
        """What an event keeps of it."""
        return {"day": self.day, "words": self.text, **self.detail}

    @property
    def series(self) -> tuple[str, str, datetime, str]:
        """Milestones of one thing for the same readers: only the newest of those found together is mailed."""
        return (self.clock, self.subject, self.anchor, self.path)


def told(clock_name: str, occasion: str, anchor: str, subject: str = "pk") -> Exists:
    """True for rows whose occasion was told; `anchor` and `subject` name the row's own columns."""
    named = Cast(OuterRef(subject), CharField())
    return Exists(Milestone.objects.filter(clock=clock_name, occasion=occasion, subject=named, anchor=OuterRef(anchor)))


def follow(now: datetime) -> int:
    """Tells everything that was reached and not told yet; how many milestones that were."""
    today = timezone.localdate(now)
    found = sorted(_reached(today), key=lambda one: (*one.series, one.day))
    count = 0
    for _, group in groupby(found, key=lambda one: one.series):
        *older, newest = group
        count += sum(_tell(one, now, is_mailed=False) for one in older) + _tell(newest, now, is_mailed=True)
    return count


def _reached(today: date) -> Iterator[Reached]:
    for look in CLOCKS.values():
        yield from look(today)


@transaction.atomic
def _tell(one: Reached, now: datetime, *, is_mailed: bool) -> bool:
    """One row, one event and the notices, together or not at all."""
    _, is_new = Milestone.objects.get_or_create(
        clock=one.clock, subject=one.subject, occasion=one.occasion, anchor=one.anchor,
        defaults={"reached_on": one.day, "told_at": now},
    )  # fmt: skip
    if is_new:
        notices.tell_people(
            one.people(), one.text, now, path=one.path, kind=NoticeKind.REMINDER, is_mailed=is_mailed
        )  # fmt: skip
        (one.log or _log)(one, now)
    return is_new


def _log(one: Reached, now: datetime) -> None:
    """A step or a question has come near its day, has passed it, or has passed it for long; told once."""
    events.record(f"time.{one.occasion}", actor=None, request_number=one.number, detail=one.facts, at=now)
