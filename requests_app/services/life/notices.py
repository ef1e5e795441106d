"""Notices: written with the change that causes them, mailed by the sweep with back-off. Never anything confidential."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from smtplib import SMTPException
from typing import Any

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from requests_app.models import DataRequest, Notice, Person
from requests_app.standing import in_force
from requests_app.states import STATE_ROLES, Role, Transition

log = structlog.get_logger("notices")
BATCH = 50
TEXT_LENGTH = 300


def tell(request: DataRequest, step: Transition, now: datetime) -> None:
    """Queues a notice to everyone the transition tells: the request's own people, or all who hold the BLS role."""
    tell_about(request, f"{request.number}: {step.label}. It is now “{step.target.label}”.", step.tells, now)


def tell_about(request: DataRequest, text: str, roles: Iterable[Role], now: datetime) -> None:
    """Queues a notice about the request to everyone it concerns who holds one of the roles, once each."""
    _queue((person for role in roles for person in audience(request, role)), text, now, request=request)


def tell_roles(text: str, roles: Iterable[Role], now: datetime, *, path: str) -> None:
    """Queues a notice about the page `path` to every holder of one of the (BLS) roles, once each."""
    _queue((person for role in roles for person in holders(role)), text, now, path=path)


def tell_person(person: Person, text: str, now: datetime, *, path: str) -> None:
    """Queues a notice about the page `path` to one person."""
    _queue([person], text, now, path=path)


def _queue(people: Iterable[Person], text: str, now: datetime, **about: Any) -> None:
    once = {person.pk: person for person in people}
    Notice.objects.bulk_create(
        Notice(person=person, text=text[:TEXT_LENGTH], created_at=now, not_before=now, **about)
        for person in once.values()
    )


def holders(role: Role) -> QuerySet[Person]:
    """The active people who hold `role` today."""
    held = in_force(timezone.localdate(), "memberships__starts_on", "memberships__ends_on")
    return Person.objects.filter(held, is_active=True, memberships__role=role).distinct()


def audience(request: DataRequest, role: Role) -> QuerySet[Person]:
    """The active holders of `role` whom this request concerns."""
    held = holders(role)
    if role is Role.OUTPUT_REVIEWER:
        held = held.filter(agency__partner_reviews__request=request, agency__partner_reviews__verdict="")
    elif role in STATE_ROLES:
        held = held.filter(agency=request.agency)
    return held


def send_waiting() -> int:
    """Mails what waits, a failed one again later; returns how many were sent.

    Each in a transaction of its own: a worker killed here can repeat the one mail it was sending, no more.
    """
    waiting = Notice.objects.filter(emailed_at__isnull=True, not_before__lte=timezone.now())
    return sum(_send(notice_id) for notice_id in list(waiting.values_list("pk", flat=True)[:BATCH]))


@transaction.atomic
def _send(notice_id: int) -> bool:
    now = timezone.now()
    free = Notice.objects.select_for_update(skip_locked=True, of=("self",)).select_related("person", "request")
    notice = free.filter(pk=notice_id, emailed_at__isnull=True).first()
    if notice is None:
        return False
    about = notice.request.number if notice.request else "notice"
    path = f"/requests/{notice.request.number}/" if notice.request else notice.path
    body = f"{notice.text}\n\nOpen it: {settings.SITE_URL}{path}\n"
    try:
        send_mail(f"Wage records: {about}", body, None, [notice.person.email])
        notice.emailed_at = now
    except (OSError, SMTPException) as error:
        notice.attempts += 1
        notice.not_before = now + timedelta(minutes=2 ** min(notice.attempts, 10))
        log.warning("notice not sent", notice=notice.pk, attempts=notice.attempts, error=type(error).__name__)
    notice.save(update_fields=["emailed_at", "attempts", "not_before"])
    return notice.emailed_at is not None
