"""What a Release Officer does about a delivery: have it tried again, or taken back; and the worker's part of both."""

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from requests_app import policies
from requests_app.channels.parcels import Refused, TryAgain
from requests_app.models import DataRequest, Delivery, Person
from requests_app.policies import Denied
from requests_app.services.event_log import events
from requests_app.services.life import notices
from requests_app.services.life.workflow import Conflict
from requests_app.services.packages import delivery, receipts
from requests_app.states import Role

log = structlog.get_logger("recalls")


@transaction.atomic
def try_again(row: Delivery, *, actor: Person) -> None:
    """A delivery that stopped, or waits for its next attempt, is tried at once. `Conflict` where it went meanwhile."""
    request, locked = _locked(row)
    policies.check_deliver(actor, request)
    policies.check_not_suspended(request)
    if locked.status not in {Delivery.Status.STOPPED, Delivery.Status.FAILED}:
        raise Conflict("This delivery does not wait for anybody.")
    now = timezone.now()
    locked.status, locked.not_before, locked.attempts = Delivery.Status.WAITING, now, 0
    locked.save(update_fields=["status", "not_before", "attempts"])
    events.record(
        "package.delivery_retry", actor=actor, request_number=request.number, subject=locked.package_id, at=now
    )
    transaction.on_commit(delivery.wake)


@transaction.atomic
def ask(row: Delivery, *, actor: Person, reason: str) -> None:
    """The package is taken back: nobody opens it here from now on, and a worker withdraws it from its channel."""
    request, locked = _locked(row)
    policies.check_deliver(actor, request)
    if not reason.strip():
        raise Denied("Say why the package is taken back.")
    if locked.status != Delivery.Status.DELIVERED or locked.recall_asked_at:
        raise Conflict("Only a delivered package can be taken back, once.")
    now = timezone.now()
    locked.recall_reason, locked.recall_asked_at, locked.recall_asked_by = reason.strip(), now, actor
    locked.save(update_fields=["recall_reason", "recall_asked_at", "recall_asked_by"])
    events.record(
        "package.recall_ask",
        actor=actor,
        request_number=request.number,
        subject=locked.package_id,
        detail={"channel": locked.channel, "reason": locked.recall_reason},
        at=now,
    )
    words = f"{request.number}: BLS takes its package back. Do not use it, and destroy every copy."
    notices.tell_about(request, words, [Role.COORDINATOR, Role.AGENT], now)
    transaction.on_commit(delivery.wake)


def is_work_waiting() -> bool:
    """True where a worker has something to send, to take back or to ask about."""
    now = timezone.now()
    return delivery.waiting(now).exists() or _asked().exists() or receipts.due(now).exists()


def carry_out() -> int:
    """Takes back what a Release Officer wants back; what fails is tried on the next sweep. How many were taken back."""
    return sum(_take_back(pk) for pk in list(_asked().values_list("pk", flat=True)))


def _asked() -> QuerySet[Delivery]:
    return Delivery.objects.filter(recall_asked_at__isnull=False, recalled_at__isnull=True)


def _take_back(delivery_id: str) -> bool:
    with delivery.alone_with(delivery_id) as alone:
        known = Delivery.objects.select_related("package__request__agency")
        row = known.filter(pk=delivery_id, recalled_at__isnull=True).first() if alone else None
        if row is None:
            return False
        try:
            delivery.CHANNELS[row.channel].recall(str(row.package.request.agency.fips), row.receipt)
        except (TryAgain, Refused, OSError) as error:
            log.error("recall failed", delivery=row.pk, error=str(error))
            return False
        _taken_back(row)
        return True


@transaction.atomic
def _taken_back(row: Delivery) -> None:
    """The channel has withdrawn the package; what was downloaded before is not undone by it."""
    now = timezone.now()
    row.status, row.recalled_at = Delivery.Status.RECALLED, now
    row.save(update_fields=["status", "recalled_at"])
    events.record(
        "package.recall",
        actor=None,
        request_number=row.package.request.number,
        subject=row.package_id,
        detail={"channel": row.channel},
        at=now,
    )


def _locked(row: Delivery) -> tuple[DataRequest, Delivery]:
    request = DataRequest.objects.select_for_update().get(pk=row.package.request_id)
    return request, Delivery.objects.select_for_update().get(pk=row.pk)
