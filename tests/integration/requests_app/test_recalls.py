"""A delivery that stopped is tried again, a delivered package is taken back, and its receipt is followed."""

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from requests_app import policies
from requests_app.models import DataRequest, Delivery, Event, Notice, Package, Person
from requests_app.models.files import FileKind
from requests_app.policies import Denied
from requests_app.services.life import requests as service
from requests_app.services.life.workflow import Conflict
from requests_app.services.packages import delivery, files, packages, recalls, receipts
from requests_app.states import Kind, State
from tests import factories
from tests.kiteworks.faults import Fault
from tests.kiteworks.server import Kiteworks
from tests.pages import signed_in

CONTENT = b"the package, longer than one chunk " * 99


@pytest.fixture
def row(people: dict[str, Person], tmp_path: Path, settings: Settings, kiteworks: Kiteworks) -> Delivery:
    """A released package of Rhode Island that waits for Kiteworks."""
    settings.VAULT_ROOT, settings.OUTBOX_ROOT = tmp_path / "vault", tmp_path / "outbox"
    request = factories.draft(people, Kind.MICRO)
    service.name_agent(request, people["agent"], actor=people["coordinator"], may_upload=False)
    sealed = files.seal_bytes(CONTENT, request, FileKind.PACKAGE)
    built = packages.Built(hashlib.sha256(CONTENT).hexdigest(), sealed, ["10", "44"], ["10"], audit_is_clean=True)
    package = packages.keep_package(request, built)
    factories.place(request, State.RELEASED)
    return Delivery.objects.create(package=package, channel="kiteworks", created_at=timezone.now())


def mailed(kiteworks: Kiteworks) -> list[tuple[list[str], list[bytes]]]:
    return kiteworks.office.sent()


def to_the_team(people: dict[str, Person]) -> list[tuple[list[str], list[bytes]]]:
    return [([people["coordinator"].email, people["agent"].email], [CONTENT])]


def test_package_goes_to_the_coordinator_and_the_agents(
    row: Delivery, people: dict[str, Person], kiteworks: Kiteworks
) -> None:
    assert delivery.send_waiting() == 1
    assert mailed(kiteworks) == to_the_team(people)
    row.refresh_from_db()
    assert (row.status, row.receipt["sha256"]) == ("delivered", row.package.sha256)


def test_person_who_could_not_open_it_today_gets_no_mail(
    row: Delivery, people: dict[str, Person], kiteworks: Kiteworks
) -> None:
    Person.objects.filter(pk=people["agent"].pk).update(is_active=False)
    delivery.send_waiting()
    assert [to for to, _ in mailed(kiteworks)] == [[people["coordinator"].email]]


def test_delivery_that_stops_is_told_and_tried_again(
    row: Delivery, people: dict[str, Person], kiteworks: Kiteworks
) -> None:
    kiteworks.faults = iter([Fault.BLOCKED, *[Fault.NONE] * 99])
    assert (delivery.send_waiting(), delivery.send_waiting()) == (0, 0)
    row.refresh_from_db()
    assert row.status == Delivery.Status.STOPPED
    assert "firewall" in row.receipt["error"]
    assert Notice.objects.filter(person=people["release_officer"], text__contains="stopped").count() == 1
    recalls.try_again(row, actor=people["release_officer"])
    assert delivery.send_waiting() == 1
    assert mailed(kiteworks) == to_the_team(people)
    with pytest.raises(Conflict):
        recalls.try_again(row, actor=people["release_officer"])


def test_delivery_that_fails_too_often_stops(row: Delivery) -> None:
    Delivery.objects.update(channel="sftp", attempts=delivery.ATTEMPTS - 1)
    delivery.send_waiting()
    row.refresh_from_db()
    assert row.status == Delivery.Status.STOPPED


def test_pause_after_a_failure_grows(row: Delivery, kiteworks: Kiteworks) -> None:
    kiteworks.faults = iter([Fault.CUT_BEFORE] * 999)
    pauses = []
    for _ in range(3):
        Delivery.objects.update(not_before=timezone.now())
        delivery.send_waiting()
        row.refresh_from_db()
        pauses.append(round((row.not_before - timezone.now()) / delivery.FIRST_PAUSE))
    assert pauses == [1, 2, 4]


def test_package_taken_back_is_withdrawn_and_no_longer_opened(
    row: Delivery, people: dict[str, Person], kiteworks: Kiteworks
) -> None:
    delivery.send_waiting()
    policies.check_is_released(row.package.file)
    recalls.ask(row, actor=people["release_officer"], reason="It went to the wrong state's agent.")
    with pytest.raises(Denied, match="taken this package back"):
        policies.check_is_released(row.package.file)
    assert (recalls.carry_out(), recalls.carry_out()) == (1, 0)
    assert [mail.withdrawn for mail in kiteworks.office.mails.values()] == [True]
    row.refresh_from_db()
    assert row.status == Delivery.Status.RECALLED
    assert Event.objects.filter(kind__in=["package.recall_ask", "package.recall"]).count() == 2


def test_recall_that_fails_is_tried_on_the_next_sweep(
    row: Delivery, people: dict[str, Person], kiteworks: Kiteworks
) -> None:
    delivery.send_waiting()
    recalls.ask(row, actor=people["release_officer"], reason="A mistake.")
    kiteworks.faults = iter([Fault.BLOCKED, *[Fault.NONE] * 99])
    assert (recalls.carry_out(), recalls.is_work_waiting(), recalls.carry_out()) == (0, True, 1)


@pytest.mark.parametrize("key", ["coordinator", "program_analyst", "approving_official"])
def test_only_a_release_officer_takes_back(row: Delivery, people: dict[str, Person], key: str) -> None:
    with pytest.raises(Denied, match="Only a Release Officer"):
        recalls.ask(row, actor=people[key], reason="A mistake.")
    with pytest.raises(Denied, match="Only a Release Officer"):
        recalls.try_again(row, actor=people[key])


def test_receipt_is_looked_for_hourly_and_told_once(row: Delivery, kiteworks: Kiteworks) -> None:
    delivery.send_waiting()
    assert receipts.look() == 0
    (mail,) = kiteworks.office.mails
    kiteworks.office.downloads[mail] = [{}]
    assert receipts.look() == 0
    Delivery.objects.update(looked_at=timezone.now() - timedelta(hours=1))
    assert (receipts.look(), receipts.look()) == (1, 0)
    row.refresh_from_db()
    assert row.receipt["downloads"] == 1
    assert row.first_opened_at is not None
    assert Event.objects.filter(kind="package.collected").count() == 1


def test_pages_of_a_delivery_retry_and_take_back(row: Delivery, people: dict[str, Person]) -> None:
    Delivery.objects.update(status=Delivery.Status.STOPPED, receipt={"error": "Blocked."})
    client, url = signed_in(people["release_officer"]), _address(row.package)
    page = client.get(url).content.decode()
    assert "Blocked." in page
    assert "Send it again now" in page
    assert people["agent"].email in page
    assert client.post(url, {"act": "try_again"}).status_code == 302
    delivery.send_waiting()
    refused = client.post(url, {"reason": ""})
    assert (refused.status_code, "Say why the package is taken back." in refused.content.decode()) == (400, True)
    assert client.post(url, {"reason": "A mistake."}).status_code == 302
    assert "A mistake." in client.get(url).content.decode()
    assert signed_in(people["program_analyst"]).get(url).status_code == 403
    assert url in client.get(reverse("request", args=[row.package.request.number])).content.decode()
    assert DataRequest.objects.get().status is State.IN_USE


def _address(package: Package) -> str:
    return reverse("package_delivery", args=[package.request.number, package.pk])
