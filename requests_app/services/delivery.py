"""Delivery of released packages. The embedded channel is a local outbox that holds the encrypted package as it is.

A delivery is a row first: retried by the sweep until it has its receipt, delivered once. Runs in the worker.
"""

import os
from collections.abc import Callable
from pathlib import Path

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from requests_app import channels, guards, policies, sealed_files
from requests_app.models import DataRequest, Delivery, Package
from requests_app.services import events, files, queue, workflow
from requests_app.states import Kind, State

log = structlog.get_logger("delivery")
RELEASED = frozenset({State.RELEASED, State.SHARING_REVIEW, State.CLEARED_TO_SHARE})


class NotReleased(Exception):
    """Nobody released this package, whatever its row of delivery says; it is not sent."""


class PackageChanged(Exception):
    """The bytes at hand are not the ones that were reviewed; they are not sent."""


def wake() -> None:
    """Asks a worker to look at the outbox now; the sweep asks again in any case."""
    queue.send("requests_app.tasks.tend")


def send_waiting() -> int:
    """Sends every delivery that waits or failed before; returns how many got through."""
    waiting = (
        Delivery.objects.exclude(status=Delivery.Status.DELIVERED).order_by("created_at").values_list("pk", flat=True)
    )
    return sum(_send(delivery_id) for delivery_id in list(waiting))


@transaction.atomic
def _send(delivery_id: str) -> bool:
    """Sends one package, if nobody else is sending it; what fails is said on the row and tried again."""
    row = (
        Delivery.objects.select_for_update(skip_locked=True, of=("self",))
        .exclude(status=Delivery.Status.DELIVERED)
        .select_related("package__file", "package__request")
        .filter(pk=delivery_id)
        .first()
    )
    if row is None or row.package.request.suspended_reason:
        return False
    row.attempts += 1
    try:
        row.receipt = SENDERS[row.channel](row)
    except (OSError, NotReleased, PackageChanged, sealed_files.Unreadable) as error:
        return _failed(row, error)
    # The request before the events' chain, as everywhere: it may move below, and others wait for the chain holding it.
    DataRequest.objects.select_for_update().get(pk=row.package.request_id)
    now = timezone.now()
    row.status, row.delivered_at = Delivery.Status.DELIVERED, now
    row.save()
    request = row.package.request
    events.record(
        "package.deliver",
        actor=None,
        request_number=request.number,
        subject=row.package_id,
        detail={"channel": row.channel, **row.receipt},
        at=now,
    )
    if request.kind == Kind.MICRO and request.status is State.RELEASED:
        workflow.transition(request, "begin_use", actor=None)
    return True


def _changed(package: Package) -> bool:
    return bool(guards.package_is_the_reviewed_one(package.request, None))


def _failed(row: Delivery, error: Exception) -> bool:
    row.status = Delivery.Status.FAILED
    row.receipt = {"error": type(error).__name__}
    row.save()
    log.error("delivery failed", delivery=row.pk, attempts=row.attempts, error=type(error).__name__)
    return False


def to_local_outbox(row: Delivery) -> dict[str, str]:
    """Checks the release and the plain bytes, then copies the ciphertext into the outbox; its receipt."""
    package, file = row.package, row.package.file
    newest = policies.newest_package(package.request)
    if package.request.status not in RELEASED or package != newest or _changed(package):
        raise NotReleased
    if sealed_files.digest_of(files.read(file)) != package.sha256:
        raise PackageChanged
    place = Path(settings.OUTBOX_ROOT) / package.request.agency.postal / f"{file.name}.sealed"
    place.parent.mkdir(parents=True, exist_ok=True)
    incoming = place.with_suffix(".incoming")
    incoming.write_bytes(sealed_files.path_of(file.sealed_sha256).read_bytes())
    os.replace(incoming, place)
    return {"place": place.name, "sha256": package.sha256, "sealed_sha256": file.sealed_sha256}


SENDERS: dict[str, Callable[[Delivery], dict[str, str]]] = {channels.LOCAL_OUTBOX: to_local_outbox}
