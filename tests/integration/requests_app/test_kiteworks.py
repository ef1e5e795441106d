"""Kiteworks secure mail over real HTTP, against a strict simulator that misbehaves in every way a network can."""

import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pytest_django.fixtures import Settings

from requests_app.channels.kiteworks import mail
from requests_app.channels.parcels import Parcel, Refused, TryAgain
from tests.kiteworks import faults
from tests.kiteworks.faults import Fault
from tests.kiteworks.office import Answer, Office
from tests.kiteworks.server import Kiteworks

SEQUENCES = 200 if os.environ.get("WR_LONG") else 20
ATTEMPTS = 24
CONTENT = bytes(range(256)) * 11 + b"\r\n--\r\r\n end"
RECIPIENTS = ("coordinator@ri.example", "agent@ri.example")
ONE_MAIL = [(list(RECIPIENTS), [CONTENT])]


def parcel(mark: str, kept: dict[str, Any] | None = None, *, allowed: bool = True) -> Parcel:
    """A package of three chunks on its way to two people."""
    kept = {} if kept is None else kept

    def keep(progress: dict[str, Any]) -> None:
        kept.clear()
        kept.update(progress)

    def confirm() -> None:
        if not allowed:
            raise PermissionError

    return Parcel(
        delivery_id=mark,
        begun_at=datetime(2026, 1, 1, tzinfo=UTC),
        request_number="WR-2026-000001",
        state="44",
        name="WR-2026-000001-package-1.zip",
        size=len(CONTENT),
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        sealed=Path("unused"),
        recipients=RECIPIENTS,
        read=lambda: (CONTENT[at : at + 700] for at in range(0, len(CONTENT), 700)),
        confirm=confirm,
        keep=keep,
        progress=dict(kept),
    )


def sent_in_the_end(mark: str) -> bool:
    """What the service does: attempt after attempt, until it went or a person must act."""
    kept: dict[str, Any] = {}
    for _ in range(ATTEMPTS):
        try:
            mail.send(parcel(mark, kept))
        except TryAgain:
            continue
        except Refused:
            return False
        return True
    return False


def test_package_is_sent_once_to_the_people_of_the_form(kiteworks: Kiteworks) -> None:
    receipt = mail.send(parcel("D1"))
    assert kiteworks.office.sent() == [(list(RECIPIENTS), [CONTENT])]
    assert receipt["recipients"] == len(RECIPIENTS)
    mail.send(parcel("D1"))
    assert len(kiteworks.office.sent()) == 1
    mail.send(parcel("D2"))
    assert len(kiteworks.office.sent()) == 2


def test_every_sequence_of_faults_ends_in_one_mail_or_one_failure(kiteworks: Kiteworks) -> None:
    stopped = []
    for seed in range(SEQUENCES):
        kiteworks.office, kiteworks.faults = Office(), faults.plan(seed)
        if not sent_in_the_end(f"D{seed}"):
            stopped.append(seed)
            assert kiteworks.office.sent() in ([], ONE_MAIL), f"seed {seed}"
            kiteworks.faults = faults.none()  # a person looks into it and has it tried again
            assert sent_in_the_end(f"D{seed}")
        assert kiteworks.office.sent() == ONE_MAIL, f"seed {seed}"
    assert 0 < len(stopped) < SEQUENCES / 2


@pytest.mark.parametrize("fault", [fault for fault in faults.COMMON if fault is not Fault.TOKEN_ENDED])
def test_one_fault_at_any_call_is_survived(kiteworks: Kiteworks, fault: Fault) -> None:
    for call in range(12):
        kiteworks.office, kiteworks.faults = Office(), iter([*[Fault.NONE] * call, fault, *[Fault.NONE] * 500])
        assert sent_in_the_end(f"D{call}")
        assert kiteworks.office.sent() == ONE_MAIL
        assert [mail.status for mail in kiteworks.office.mails.values() if not mail.deleted] == ["sent"]


def test_upload_goes_on_where_it_broke_off(kiteworks: Kiteworks) -> None:
    calls_to_second_chunk = 5  # token, list, draft, upload, first chunk
    kiteworks.faults = iter([*[Fault.NONE] * calls_to_second_chunk, Fault.CUT_BEFORE, *[Fault.NONE] * 100])
    kept: dict[str, Any] = {}
    with pytest.raises(TryAgain, match="did not answer"):
        mail.send(parcel("D1", kept))
    assert len(kiteworks.office.uploads[kept["upload"]].chunks) == 1
    mail.send(parcel("D1", kept))
    assert [len(one.chunks) for one in kiteworks.office.uploads.values()] == [3]


def test_firewall_that_blocks_stops_the_delivery(kiteworks: Kiteworks) -> None:
    kiteworks.faults = iter([Fault.NONE, Fault.NONE, Fault.BLOCKED])
    with pytest.raises(Refused, match="firewall"):
        mail.send(parcel("D1"))
    assert kiteworks.office.sent() == []


def test_slow_scan_is_waited_for(kiteworks: Kiteworks) -> None:
    kiteworks.office.slow_scans = 2
    for _ in range(2):
        with pytest.raises(TryAgain, match="still scanning"):
            mail.send(parcel("D1"))
    mail.send(parcel("D1"))
    assert len(kiteworks.office.sent()) == 1


def test_answer_that_nobody_expects_is_tried_again(kiteworks: Kiteworks, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(_mail: str) -> None:
        raise Answer(404, "ERR_ENTITY_NOT_FOUND")

    monkeypatch.setattr(kiteworks.office, "scan", unknown)
    with pytest.raises(TryAgain, match="does not know it"):
        mail.send(parcel("D1"))


def test_package_that_may_no_longer_be_sent_stays_a_draft(kiteworks: Kiteworks) -> None:
    with pytest.raises(PermissionError):
        mail.send(parcel("D1", allowed=False))
    assert kiteworks.office.sent() == []


def test_key_that_is_none_is_said_in_words(kiteworks: Kiteworks, settings: Settings) -> None:
    (settings.DELIVERY_PLACES_FILE.parent / "key.pem").write_text("not a key")
    with pytest.raises(Refused, match="cannot be read"):
        mail.send(parcel("D1"))
    assert kiteworks.office.sent() == []


def test_wrong_key_is_said_in_words(kiteworks: Kiteworks) -> None:
    kiteworks.public_key = rsa.generate_private_key(65537, 2048).public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()  # fmt: skip
    with pytest.raises(Refused, match="DELIVERY_PLACES_FILE"):
        mail.send(parcel("D1"))


def test_downloads_are_counted_and_the_mail_can_be_taken_back(kiteworks: Kiteworks) -> None:
    receipt = mail.send(parcel("D1"))
    assert mail.look("44", receipt) == {"downloads": 0}
    kiteworks.office.downloads[receipt["mail"]] = [{"who": RECIPIENTS[0]}]
    assert mail.look("44", receipt) == {"downloads": 1}
    mail.recall("44", receipt)
    assert kiteworks.office.mails[receipt["mail"]].withdrawn
