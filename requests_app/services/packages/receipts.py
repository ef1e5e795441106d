"""What became of delivered packages, as their channels tell: asked hourly for sixty days, in the worker."""

from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from requests_app import channels
from requests_app.channels.parcels import Refused, TryAgain
from requests_app.models import Delivery
from requests_app.services.event_log import events
from requests_app.services.packages import delivery

log = structlog.get_logger("receipts")
LOOK_EVERY = timedelta(hours=1)
LOOK_FOR = timedelta(days=60)


def look() -> int:
    """Asks about every delivered package whose time has come; returns how many were newly collected."""
    told = due(timezone.now()).select_related("package__request__agency")
    return sum(_look_at(row) for row in list(told))


def due(now: datetime) -> QuerySet[Delivery]:
    """Delivered packages to be asked about now; nobody tells who takes a file out of the local outbox."""
    not_lately = Q(looked_at__isnull=True) | Q(looked_at__lte=now - LOOK_EVERY)
    young = Delivery.objects.filter(not_lately, status=Delivery.Status.DELIVERED, delivered_at__gte=now - LOOK_FOR)
    return young.exclude(channel=channels.LOCAL_OUTBOX)


def _look_at(row: Delivery) -> bool:
    row.looked_at = timezone.now()
    row.save(update_fields=["looked_at"])
    try:
        found = delivery.CHANNELS[row.channel].look(str(row.package.request.agency.fips), row.receipt)
    except (TryAgain, Refused) as error:
        log.warning("no receipt", delivery=row.pk, error=str(error))
        return False
    return _keep(row, found)


@transaction.atomic
def _keep(row: Delivery, found: dict[str, Any]) -> bool:
    """The agency collected the package: told once, the first time the channel says so."""
    new = any(found.values()) and row.first_opened_at is None
    row.receipt = row.receipt | found
    if new:
        row.first_opened_at = row.looked_at
        events.record(
            "package.collected",
            actor=None,
            request_number=row.package.request.number,
            subject=row.package_id,
            detail={"channel": row.channel, **found},
            at=row.looked_at,
        )
    row.save(update_fields=["receipt", "first_opened_at"])
    return new
