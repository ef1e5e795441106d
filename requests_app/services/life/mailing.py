"""Notices by email: at once or once a day, plain and HTML, a failed one again later, each to be seen by staff.

Each mail is sent in a transaction of its own: a worker killed here can repeat the one mail it was sending, no more, and
that one bears the same Message-ID.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from smtplib import SMTPException
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import timezone

from requests_app.models import Notice, Person
from requests_app.policies import Denied
from requests_app.services.event_log import events

log = structlog.get_logger("notices")
BATCH = 50
LONGEST_WAIT = 10  # doublings of a minute: a little over seventeen hours


def send_waiting() -> int:
    """Mails what waits; returns how many mails went."""
    now = timezone.now()
    waiting = due(now).filter(is_daily=False).order_by("not_before").values_list("pk", flat=True)
    sent = sum(_send([pk]) for pk in list(waiting[:BATCH]))
    people = due(now).filter(is_daily=True).values_list("person", flat=True).distinct()
    return sent + sum(_send_daily(person, now) for person in list(people[:BATCH]) if person)


def to_send() -> QuerySet[Notice]:
    """Everything that has not been mailed yet and should be."""
    return Notice.objects.filter(emailed_at__isnull=True, is_mailed=True)


def due(now: datetime) -> QuerySet[Notice]:
    """What may be tried now."""
    return to_send().filter(not_before__lte=now)


def _send_daily(person: int, now: datetime) -> bool:
    return _send(list(due(now).filter(is_daily=True, person=person).values_list("pk", flat=True)))


@transaction.atomic
def _send(ids: Sequence[int]) -> bool:
    """One mail with these notices, all to one address; those another worker holds or has sent are left out."""
    now = timezone.now()
    free = Notice.objects.select_for_update(skip_locked=True, of=("self",)).select_related("person", "request")
    notices = list(free.filter(pk__in=ids, emailed_at__isnull=True).order_by("created_at", "pk"))
    if not notices:
        return False
    try:
        _mail(notices).send()
    except (OSError, SMTPException) as error:
        _put_off(notices, now, type(error).__name__)
        return False
    for notice in notices:
        notice.emailed_at, notice.last_error = now, ""
        notice.save(update_fields=["emailed_at", "last_error"])
    return True


def _put_off(notices: Sequence[Notice], now: datetime, why: str) -> None:
    for notice in notices:
        notice.attempts += 1
        notice.last_error = why
        notice.not_before = now + timedelta(minutes=2 ** min(notice.attempts, LONGEST_WAIT))
        notice.save(update_fields=["attempts", "last_error", "not_before"])
        log.warning("notice not sent", notice=notice.pk, attempts=notice.attempts, error=why)


def _mail(notices: Sequence[Notice]) -> EmailMultiAlternatives:
    first = notices[0]
    to = first.person.email if first.person else settings.PROGRAM_MAILBOX
    about = first.request.number if first.request else "notice"
    subject = f"Wage records: {about}" if not first.is_daily else f"Wage records: {_day_words(len(notices))}"
    context = {"notices": [(one.text, settings.SITE_URL + one.address) for one in notices], "site": settings.SITE_URL}
    mail = EmailMultiAlternatives(
        subject, render_to_string("mail/notices.txt", context), None, [to], headers=_headers(notices)
    )
    mail.attach_alternative(render_to_string("mail/notices.html", context), "text/html")
    return mail


def _day_words(many: int) -> str:
    return f"{many} notice{'' if many == 1 else 's'} of the day"


def _headers(notices: Sequence[Notice]) -> dict[str, str]:
    key = ",".join(f"{one.pk}@{one.created_at.isoformat()}" for one in notices)
    digest = hashlib.sha256(key.encode()).hexdigest()[:32]
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    return {"Message-ID": f"<{digest}@{host}>", "Auto-Submitted": "auto-generated"}


@transaction.atomic
def try_again(ids: Sequence[int], *, actor: Person) -> int:
    """Staff has what failed tried at once; how many wait for that now."""
    found = to_send().filter(pk__in=ids, attempts__gt=0)
    if not found.exists():
        raise Denied("None of these waits for another attempt.")
    now = timezone.now()
    many = found.update(not_before=now)
    events.record("notice.try_again", actor=actor, detail={"notices": many}, at=now)
    return many
