"""Only what was released is delivered, nothing while a request is suspended, and without ever meeting a deadlock."""

import hashlib
import threading
import time
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django.fixtures import Settings

from requests_app.models import DataRequest, Delivery, Event, Package, Person
from requests_app.models.files import FileKind
from requests_app.services.event_log import events
from requests_app.services.packages import delivery, files, packages
from requests_app.states import Kind, State
from tests import factories

CONTENT = b"the package"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
WAITING_FOR_A_LOCK = "SELECT count(*) FROM pg_locks WHERE NOT granted"


@pytest.fixture(autouse=True)
def places(tmp_path: Path, settings: Settings) -> Path:
    settings.VAULT_ROOT, settings.OUTBOX_ROOT = tmp_path / "vault", tmp_path / "outbox"
    return settings.OUTBOX_ROOT


def waiting(people: dict[str, Person], kind: Kind, state: State) -> Delivery:
    """A package with a row of delivery, its request in `state`."""
    request = factories.draft(people, kind)
    package = _package(request)
    with transaction.atomic():
        factories.place(request, state)
    return Delivery.objects.create(package=package, created_at=timezone.now())


def _package(request: DataRequest) -> Package:
    sealed = files.seal_bytes(CONTENT, request, FileKind.PACKAGE)
    return packages.keep_package(request, packages.Built(SHA256, sealed, ["10", "44"], ["10"], audit_is_clean=True))


def sent(places: Path) -> list[str]:
    return [path.name for path in places.rglob("*") if path.is_file()]


def test_released_package_is_delivered_once(people: dict[str, Person], places: Path) -> None:
    row = waiting(people, Kind.MICRO, State.RELEASED)
    assert [delivery.send_waiting(), delivery.send_waiting()] == [1, 0]
    assert sent(places) == [f"{row.package.file.name}.sealed"]
    assert DataRequest.objects.get().status is State.IN_USE


@pytest.mark.parametrize("state", [State.BUILDING, State.READY_FOR_RELEASE, State.WITHDRAWN, State.CLOSED])
def test_package_nobody_released_is_not_delivered(people: dict[str, Person], places: Path, state: State) -> None:
    waiting(people, Kind.MICRO, state)
    assert delivery.send_waiting() == 0
    assert sent(places) == []
    assert Delivery.objects.get().receipt == {"error": "NotReleased"}


def when_its_time_has_come() -> int:
    """What the next sweep after the pause sends."""
    Delivery.objects.update(not_before=timezone.now())
    return delivery.send_waiting()


def test_package_nobody_signed_is_not_delivered(people: dict[str, Person], places: Path) -> None:
    row = waiting(people, Kind.MACRO, State.RELEASED)
    assert (delivery.send_waiting(), sent(places)) == (0, [])
    row.package.sign_offs.create(package_sha256=SHA256, person=people["disclosure_analyst"], signed_at=timezone.now())
    assert (delivery.send_waiting(), when_its_time_has_come()) == (0, 1)


def test_earlier_package_is_not_delivered(people: dict[str, Person], places: Path) -> None:
    _package(waiting(people, Kind.MICRO, State.RELEASED).package.request)
    assert (delivery.send_waiting(), sent(places)) == (0, [])


def test_nothing_is_delivered_while_suspended(people: dict[str, Person], places: Path) -> None:
    waiting(people, Kind.MICRO, State.RELEASED)
    DataRequest.objects.update(suspended_reason="An incident was reported.")
    assert (delivery.send_waiting(), sent(places)) == (0, [])
    DataRequest.objects.update(suspended_reason="")
    assert delivery.send_waiting() == 1


@pytest.mark.django_db(transaction=True)
def test_delivery_waits_for_a_step_without_holding_the_chain(people: dict[str, Person]) -> None:
    row = waiting(people, Kind.MICRO, State.RELEASED)
    sender = threading.Thread(target=_send_apart, args=[row.pk])
    with transaction.atomic():
        request = DataRequest.objects.select_for_update().get()
        sender.start()
        _until_somebody_waits()
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '2s'")
        events.record("test.step", actor=None, request_number=request.number)
    sender.join(60)
    assert Delivery.objects.get().status == Delivery.Status.DELIVERED
    assert Event.objects.filter(kind="package.deliver").count() == 1


def _send_apart(delivery_id: str) -> None:
    try:
        delivery._send(delivery_id)
    finally:
        connection.close()


def _until_somebody_waits() -> None:
    until = time.monotonic() + 10
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute(WAITING_FOR_A_LOCK)
            if cursor.fetchone()[0]:
                return
            time.sleep(0.02)
    pytest.fail("Nobody waited: the step and the delivery did not meet.")
