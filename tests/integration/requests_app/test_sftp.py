"""SFTP against a real OpenSSH server: whole or not at all, whatever happens to the server meanwhile."""

import hashlib
import json
import os
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from requests_app.channels import sftp
from requests_app.channels.parcels import Parcel, Refused, TryAgain
from tests import openssh
from tests.openssh import Sshd

pytestmark = pytest.mark.skipif(not openssh.SSHD, reason="no OpenSSH server here: apt install openssh-server")
KIB = 1024
CONTENT = random.Random(1).randbytes(3000 * KIB)
NAME = "WR-2026-000001-package-1.zip"


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    folder = tmp_path_factory.mktemp("sshd")
    with openssh.running(folder) as server:
        yield server


@pytest.fixture
def inbox(sshd: Sshd, settings: Settings) -> Path:
    """The agency's folder, empty, and the worker's file that leads there."""
    inbox = sshd.folder / "files"
    for left in inbox.iterdir():
        left.unlink()
    _lead_there(sshd, settings)
    return inbox


def _lead_there(sshd: Sshd, settings: Settings, **other: str) -> None:
    place = {
        "host": "127.0.0.1", "port": sshd.port, "user": sshd.user, "folder": str(sshd.folder / "files"),
        "host_key": sshd.host_key, "private_key_file": "client_key", "seconds": 20,
    }  # fmt: skip
    settings.DELIVERY_PLACES_FILE = sshd.folder / "places.json"
    settings.DELIVERY_PLACES_FILE.write_text(json.dumps({"sftp": {"44": place | other}}))


def parcel(read: "Iterator[bytes] | None" = None, state: str = "44") -> Parcel:
    return Parcel(
        delivery_id="D1",
        begun_at=datetime(2026, 1, 1, tzinfo=UTC),
        request_number="WR-2026-000001",
        state=state,
        name=NAME,
        size=len(CONTENT),
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        sealed=Path("unused"),
        recipients=(),
        read=lambda: read or pieces(),
        confirm=lambda: None,
        keep=lambda _progress: None,
    )


def pieces() -> Iterator[bytes]:
    return (CONTENT[at : at + 50 * KIB] for at in range(0, len(CONTENT), 50 * KIB))


def found(inbox: Path) -> dict[str, bool]:
    """The files in the folder, and whether each is the package."""
    return {path.name: path.read_bytes() == CONTENT for path in inbox.iterdir()}


def test_package_lies_whole_in_the_agencys_folder(inbox: Path) -> None:
    receipt = sftp.send(parcel())
    assert found(inbox) == {NAME: True}
    assert sftp.send(parcel()) == receipt
    assert sftp.look("44", receipt) == {"collected": False}
    (inbox / NAME).unlink()
    assert sftp.look("44", receipt) == {"collected": True}


@pytest.mark.parametrize("seed", range(8))
def test_server_killed_in_mid_transfer_ends_in_one_whole_file(sshd: Sshd, inbox: Path, seed: int) -> None:
    last = random.Random(seed).randrange(1, 60)

    def until_the_server_dies() -> Iterator[bytes]:
        for number, piece in enumerate(pieces()):
            if number == last:
                sshd.kill()
            yield piece

    with pytest.raises(TryAgain, match="broke off"):
        sftp.send(parcel(until_the_server_dies()))
    assert NAME not in found(inbox)
    with pytest.raises(TryAgain):
        sftp.send(parcel())
    sshd.start()
    sftp.send(parcel())
    assert found(inbox) == {NAME: True}


def test_other_contents_under_the_name_are_left_alone(inbox: Path) -> None:
    (inbox / NAME).write_bytes(b"an agency's own file")
    with pytest.raises(Refused, match="other contents"):
        sftp.send(parcel())
    assert (inbox / NAME).read_bytes() == b"an agency's own file"


def test_another_host_key_is_not_believed(sshd: Sshd, inbox: Path, settings: Settings) -> None:
    other = " ".join((sshd.folder / "client_key.pub").read_text().split()[:2])
    _lead_there(sshd, settings, host_key=other)
    with pytest.raises(Refused, match="another host key"):
        sftp.send(parcel())
    for broken in ("", "ssh-ed25519", "ssh-dss AAAA", "ssh-ed25519 AAAA"):
        _lead_there(sshd, settings, host_key=broken)
        with pytest.raises(Refused, match="cannot be read"):
            sftp.send(parcel())
    assert found(inbox) == {}


def test_key_that_is_not_accepted_is_said(sshd: Sshd, inbox: Path, settings: Settings) -> None:
    _lead_there(sshd, settings, private_key_file="host_key")
    with pytest.raises(Refused, match="does not accept"):
        sftp.send(parcel())
    assert found(inbox) == {}


def test_folder_that_is_not_there_is_tried_again(sshd: Sshd, inbox: Path, settings: Settings) -> None:
    _lead_there(sshd, settings, folder=str(inbox / "nowhere"))
    with pytest.raises(TryAgain):
        sftp.send(parcel())
    assert os.listdir(inbox) == []


def test_state_without_a_server_is_said(inbox: Path) -> None:
    with pytest.raises(Refused, match="state 10"):
        sftp.send(parcel(state="10"))
    assert found(inbox) == {}


def test_package_is_taken_back(inbox: Path) -> None:
    receipt = sftp.send(parcel())
    sftp.recall("44", receipt)
    sftp.recall("44", receipt)
    assert found(inbox) == {}
