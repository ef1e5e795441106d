"""Notices: written with the change that causes them, mailed by the sweep with back-off. Never anything confidential."""

from datetime import datetime, timedelta
from smtplib import SMTPException

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from requests_app.models import DataRequest, Notice, Person
from requests_app.policies import in_force
from requests_app.states import STATE_ROLES, Role, Transition

log = structlog.get_logger("notices")
BATCH = 50


def tell(request: DataRequest, step: Transition, now: datetime) -> None:
    """Queues a notice to everyone the transition tells: the request's own people, or all who hold the BLS role."""
    text = f"{request.number}: {step.label}. It is now “{step.target.label}”."
    people = {person.pk: person for role in step.tells for person in audience(request, role)}
    Notice.objects.bulk_create(
        Notice(person=person, request=request, text=text, created_at=now, not_before=now) for person in people.values()
    )


def audience(request: DataRequest, role: Role) -> QuerySet[Person]:
    """The active holders of `role` whom this request concerns."""
    today = timezone.localdate()
    held = Person.objects.filter(is_active=True, memberships__role=role).filter(
        in_force(today, "memberships__starts_on", "memberships__ends_on")
    )
    if role is Role.OUTPUT_REVIEWER:
        held = held.filter(agency__partner_reviews__package__request=request, agency__partner_reviews__verdict="")
    elif role in STATE_ROLES:
        held = held.filter(agency=request.agency)
    return held.distinct()


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
    body = f"{notice.text}\n\nOpen it: {settings.SITE_URL}/requests/{notice.request.number}/\n"
    try:
        send_mail(f"Wage records: {notice.request.number}", body, None, [notice.person.email])
        notice.emailed_at = now
    except (OSError, SMTPException) as error:
        notice.attempts += 1
        notice.not_before = now + timedelta(minutes=2 ** min(notice.attempts, 10))
        log.warning("notice not sent", notice=notice.pk, attempts=notice.attempts, error=type(error).__name__)
    notice.save(update_fields=["emailed_at", "attempts", "not_before"])
    return notice.emailed_at is not None
