"""Delivery of released packages, in the worker: a row first, then sent by its channel until it has its receipt.

A row is worked on by one worker at a time, outside any transaction, for the other side may be slow. Whatever an attempt
did before it broke off is found by the next one, on the other side or in the row (channels/parcels.py).
"""

import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from requests_app import channels, guards, policies, sealed_files, standing
from requests_app.channels import local_outbox, sftp
from requests_app.channels.kiteworks import mail
from requests_app.channels.parcels import Parcel, Refused, TryAgain
from requests_app.models import DataRequest, Delivery, Package, Person
from requests_app.services.event_log import events
from requests_app.services.life import notices, queue, workflow
from requests_app.services.packages import files
from requests_app.states import Kind, Role, State

log = structlog.get_logger("delivery")
RELEASED = frozenset({State.RELEASED, State.SHARING_REVIEW, State.CLEARED_TO_SHARE})
SENDERS = 7263011  # the family of advisory locks that are one delivery being worked on
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(hours=1)
ATTEMPTS = 24  # over about fifteen hours


class NotReleased(Exception):
    """Nobody released this package, whatever its row of delivery says; it is not sent."""


class PackageChanged(Exception):
    """The bytes at hand are not the ones that were reviewed; they are not sent."""


@dataclass(frozen=True)
class Channel:
    """A way a package leaves: sends it, looks what became of it, takes it back. By state FIPS and its own receipt."""

    send: Callable[[Parcel], dict[str, Any]]
    look: Callable[[str, dict[str, Any]], dict[str, Any]]
    recall: Callable[[str, dict[str, Any]], None]


CHANNELS = {
    channels.LOCAL_OUTBOX: Channel(local_outbox.send, local_outbox.look, local_outbox.recall),
    channels.KITEWORKS: Channel(mail.send, mail.look, mail.recall),
    channels.SFTP: Channel(sftp.send, sftp.look, sftp.recall),
}


def wake() -> None:
    """Asks a worker to look at the deliveries now; the sweep asks again in any case."""
    queue.send("requests_app.tasks.deliver")


def send_waiting() -> int:
    """Sends every delivery whose time has come; returns how many got through."""
    due = waiting(timezone.now()).order_by("created_at").values_list("pk", flat=True)
    return sum(_send(delivery_id) for delivery_id in list(due))


def waiting(now: datetime) -> QuerySet[Delivery]:
    """Deliveries a worker should try now."""
    return Delivery.objects.filter(status__in=Delivery.TO_SEND, not_before__lte=now)


@contextmanager
def alone_with(delivery_id: str) -> Iterator[bool]:
    """True where no other process works on this delivery until the end; the lock ends with its process."""
    key = zlib.crc32(delivery_id.encode()) - 2**31
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [SENDERS, key])
        row = cursor.fetchone()
    if not row or not row[0]:
        yield False
        return
    try:
        yield True
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [SENDERS, key])


def _send(delivery_id: str) -> bool:
    """Sends one package, if nobody else is sending it; what fails is said on the row and tried again."""
    with alone_with(delivery_id) as alone:
        known = Delivery.objects.select_related("package__file", "package__request__agency")
        row = known.filter(pk=delivery_id, status__in=Delivery.TO_SEND).first() if alone else None
        if row is None or row.package.request.suspended_reason:
            return False
        row.attempts += 1
        row.save(update_fields=["attempts"])
        try:
            _check(row)
            receipt = CHANNELS[row.channel].send(_parcel(row))
        except (Refused, ImproperlyConfigured) as error:
            return _stopped(row, str(error))
        except TryAgain as error:
            return _failed(row, str(error), pause=timedelta(seconds=error.after))
        except (OSError, NotReleased, PackageChanged, sealed_files.Unreadable) as error:
            return _failed(row, type(error).__name__)
        _delivered(row, receipt | {"sha256": row.package.sha256})
        return True


def _check(row: Delivery) -> None:
    """The package is the request's newest, released, the reviewed one, and the bytes at hand are it."""
    _check_released(row)
    if sealed_files.digest_of(files.read(row.package.file)) != row.package.sha256:
        raise PackageChanged


def _check_released(row: Delivery) -> None:
    request = DataRequest.objects.get(pk=row.package.request_id)
    if request.suspended_reason or request.status not in RELEASED:
        raise NotReleased
    if row.package != policies.newest_package(request) or _changed(row.package):
        raise NotReleased


def _changed(package: Package) -> bool:
    return bool(guards.package_is_the_reviewed_one(package.request, None))


def _parcel(row: Delivery) -> Parcel:
    package = row.package
    return Parcel(
        delivery_id=row.pk,
        begun_at=row.created_at - timedelta(days=1),  # clocks differ
        request_number=package.request.number,
        state=str(package.request.agency.fips),
        name=package.file.name,
        size=package.file.plain_bytes,
        sha256=package.sha256,
        sealed=sealed_files.path_of(package.file.sealed_sha256),
        recipients=tuple(person.email for person in recipients(package.request)),
        read=partial(files.read, package.file),
        confirm=partial(_check_released, row),
        keep=partial(_keep, row),
        progress=row.progress,
    )


def recipients(request: DataRequest) -> list[Person]:
    """The coordinator and the agents on the approved form who could open the package today; nobody else, ever."""
    named = Person.objects.filter(agent_of__request=request, agent_of__removed_at__isnull=True)
    people = {person.pk: person for person in [request.coordinator, *named.order_by("pk")]}
    today = timezone.localdate()
    return [person for person in people.values() if not standing.acting_problems(person, today)]


def _keep(row: Delivery, progress: dict[str, Any]) -> None:
    row.progress = progress
    row.save(update_fields=["progress"])


def _failed(row: Delivery, reason: str, *, pause: timedelta = timedelta()) -> bool:
    if row.attempts >= ATTEMPTS:
        return _stopped(row, f"Given up after {row.attempts} attempts. {reason}")
    row.status, row.receipt = Delivery.Status.FAILED, {"error": reason}
    row.not_before = timezone.now() + max(pause, min(FIRST_PAUSE * 2 ** (row.attempts - 1), LONGEST_PAUSE))
    row.save(update_fields=["status", "receipt", "not_before"])
    log.error("delivery failed", delivery=row.pk, attempts=row.attempts, error=reason)
    return False


@transaction.atomic
def _stopped(row: Delivery, reason: str) -> bool:
    """It is not tried again until a Release Officer says so."""
    now, request = timezone.now(), row.package.request
    row.status, row.receipt = Delivery.Status.STOPPED, {"error": reason}
    row.save(update_fields=["status", "receipt"])
    detail = {"channel": row.channel, "reason": reason, "attempts": row.attempts}
    events.record(
        "package.delivery_stopped",
        actor=None,
        request_number=request.number,
        subject=row.package_id,
        detail=detail,
        at=now,
    )
    notices.tell_about(request, f"{request.number}: the delivery of its package stopped.", [Role.RELEASE_OFFICER], now)
    log.error("delivery stopped", delivery=row.pk, attempts=row.attempts, error=reason)
    return False


@transaction.atomic
def _delivered(row: Delivery, receipt: dict[str, Any]) -> None:
    """The channel has given its receipt; micro data are in use from here on."""
    # The request before the events' chain, as everywhere: it may move below, and others wait for the chain holding it.
    request = DataRequest.objects.select_for_update().get(pk=row.package.request_id)
    now = timezone.now()
    row.status, row.delivered_at, row.receipt, row.progress = Delivery.Status.DELIVERED, now, receipt, {}
    row.save(update_fields=["status", "delivered_at", "receipt", "progress"])
    events.record(
        "package.deliver",
        actor=None,
        request_number=request.number,
        subject=row.package_id,
        detail={"channel": row.channel, **receipt},
        at=now,
    )
    if request.kind == Kind.MICRO and request.status is State.RELEASED:
        workflow.transition(request, "begin_use", actor=None)
