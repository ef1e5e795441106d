"""What the calendar does to MOUs by itself: reminders before the end, and the lapse, each told once.

The sweep calls `follow` every few seconds; late, twice or from two workers changes nothing. An MOU that is followed on
the next day does not lapse. services/partners/suspensions.py stops the requests of one that did, and lets them go on.
"""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from requests_app import standing
from requests_app.models import Mou
from requests_app.selectors.holdings.partners import about
from requests_app.services.event_log import events
from requests_app.services.partners.partners import lock, tell
from requests_app.templatetags.formats import day

REMINDER_DAYS = (90, 60, 30, 7)


def follow() -> None:
    """Notes the lapses since the last look, and reminds of the ends that come near."""
    now = timezone.now()
    today = timezone.localdate(now)
    for mou in not_followed().filter(ends_on__lt=today, lapse_recorded_at__isnull=True):
        _lapse(mou, now)
    for mou in not_followed().filter(ends_on__range=(today, today + timedelta(days=max(REMINDER_DAYS)))):
        if is_due(mou, today):
            _remind(mou, today, now)


def not_followed() -> QuerySet[Mou]:
    """The MOUs after whose last day no other one of the agency holds; not those taken back before they began."""
    holds_next_day = Q(effective_on__lte=OuterRef("ends_on") + timedelta(days=1), ends_on__gt=OuterRef("ends_on"))
    follows = Mou.objects.filter(holds_next_day, agency=OuterRef("agency"))
    return Mou.objects.filter(~Exists(follows), ends_on__gte=F("effective_on")).select_related("agency")


def reminder_of(mou: Mou, today: date) -> int | None:
    """The reminder whose time has come: the smallest number of days that is not smaller than what is left."""
    left = (mou.ends_on - today).days
    return min((days for days in REMINDER_DAYS if days >= left), default=None)


def is_due(mou: Mou, today: date) -> bool:
    """That reminder, or a later one, has not gone out. One that was missed is not made up for."""
    days = reminder_of(mou, today)
    return days is not None and (mou.reminded_days is None or mou.reminded_days > days)


@transaction.atomic
def _lapse(mou: Mou, now: datetime) -> None:
    """One event and one notice each, whoever looks first."""
    agency = lock(mou.agency)
    open_one = not_followed().filter(pk=mou.pk, lapse_recorded_at__isnull=True)
    if not Mou.objects.filter(pk__in=open_one.values("pk")).update(lapse_recorded_at=now):
        return
    if standing.mou_of(agency, timezone.localdate(now)) is None:
        words = f"{agency.name}'s MOU ended on {day(mou.ends_on)} and none follows: its requests stand still."
        tell(agency, words, now)
    detail = {"mou": mou.pk, "ends_on": mou.ends_on, "words": f"It ended on {day(mou.ends_on)}."}
    events.record("mou.lapse", actor=None, subject=about(agency), detail=detail, at=now)


@transaction.atomic
def _remind(mou: Mou, today: date, now: datetime) -> None:
    """One event and one notice each for a reminder whose time has come; the row remembers which."""
    agency = lock(mou.agency)
    row = not_followed().filter(pk=mou.pk).first()
    days = reminder_of(row, today) if row else None
    if row is None or days is None or not is_due(row, today):
        return
    Mou.objects.filter(pk=row.pk).update(reminded_days=days)
    left = (row.ends_on - today).days
    when = f"in {left} day{'' if left == 1 else 's'}" if left else "today"
    tell(
        agency,
        f"{agency.name}'s MOU ends {when}, on {day(row.ends_on)}, and none follows. "
        "When it ends, its requests stand still until BLS records the next one.",
        now,
    )
    detail = {"mou": row.pk, "days_left": left, "words": f"It ends on {day(row.ends_on)}, {when}."}
    events.record("mou.remind", actor=None, subject=about(agency), detail=detail, at=now)
