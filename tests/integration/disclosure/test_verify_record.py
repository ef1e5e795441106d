"""`verify_disclosure_record`: a kept package with its record at BLS, or a package file anywhere."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.management import CommandError, call_command
from django.utils import timezone

from disclosure.services import record_check
from requests_app.models import DataRequest, Event, Package, Person
from requests_app.services.life import workflow
from requests_app.services.packages import files, packages
from tests import factories
from tests.integration.disclosure.review import in_disclosure_review

Review = tuple[DataRequest, Package]
HOLDS = "The files are as they were signed, and were signed under this disclosure record."


@pytest.fixture
def review(people: dict[str, Person], monkeypatch: pytest.MonkeyPatch) -> Review:
    return in_disclosure_review(people, monkeypatch)


def verify(what: object, **options: Any) -> str:
    """What the command says."""
    out = io.StringIO()
    call_command("verify_disclosure_record", str(what), stdout=out, **options)
    return out.getvalue().strip()


def refused(what: object, **options: Any) -> list[str]:
    """The lines with which the command fails."""
    with pytest.raises(CommandError) as failure:
        verify(what, **options)
    return str(failure.value).splitlines()


def kept(package: Package) -> bytes:
    return b"".join(files.read(package.file))


def with_file(package: bytes, name: str, data: bytes) -> bytes:
    """The package with other bytes in one file."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(stream, "w") as new:
        for one in old.namelist():
            new.writestr(one, data if one == name else old.read(one))
    return stream.getvalue()


def put(patch: pytest.MonkeyPatch, package: Package, which: str, change: Callable[[bytes], bytes]) -> None:
    """Let the store give other bytes for the package's file or its disclosure record."""
    read, damaged = files.read, getattr(package, which)
    patch.setattr(record_check.files, "read",
                  lambda file: [change(b"".join(read(file)))] if file == damaged else read(file))  # fmt: skip


def rewritten(record: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    """The disclosure record with something done to it."""
    kept = json.loads(record)
    change(kept)
    return json.dumps(kept).encode()


OTHER_RECORDS: list[tuple[Callable[[dict[str, Any]], object], str]] = [
    (lambda record: record["tables"]["table_1"]["audit"].update(exact=1), "The final audit of table_1 is not clean."),
    (lambda record: record.update(request="WR-2026-999999"), "The record is of another request."),
]
NOT_THE_RECORD = ["The disclosure record is not the one that was kept.",
                  "The package was made under another disclosure record."]  # fmt: skip


def test_package_as_kept_holds_and_the_check_is_an_event(people: dict[str, Person], review: Review) -> None:
    request, package = review
    packages.sign_off(request, actor=people["disclosure_analyst"], package_sha256=package.sha256)
    workflow.transition(request, "send_to_partners", actor=people["second_disclosure_analyst"])
    assert verify(request.number) == verify(request.number, package=1) == HOLDS
    assert refused(request.number, package=7) == [f"{request.number} has no aggregated package 7."]
    draft = factories.draft(people)
    assert refused(draft.number) == [f"{draft.number} has no aggregated package."]
    assert refused("WR-2026-999999") == ["WR-2026-999999 has no aggregated package."]
    events = Event.objects.filter(kind="package.verify")
    assert [(one.outcome, one.detail) for one in events] == [("done", {"version": 1, "problems": []})] * 2


def test_other_table_or_record_is_named(review: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    request, package = review
    table = next(name for name in zipfile.ZipFile(io.BytesIO(kept(package))).namelist() if name.endswith(".csv"))
    put(monkeypatch, package, "file", lambda data: with_file(data, table, b"quarter\n"))
    assert refused(request.number) == [f"{table} is not as it was signed.",
                                       "The package is not the one that was kept."]  # fmt: skip
    assert Event.objects.get(kind="package.verify").outcome == "failed"

    monkeypatch.undo()
    for change, words in OTHER_RECORDS:
        with monkeypatch.context() as patch:
            put(patch, package, "workbench", lambda data, change=change: rewritten(data, change))
            assert refused(request.number) == [*NOT_THE_RECORD, words]


def test_package_that_went_on_with_one_signature_is_found(people: dict[str, Person], review: Review) -> None:
    request, package = review
    analyst = people["disclosure_analyst"]
    packages.sign_off(request, actor=analyst, package_sha256=package.sha256)
    request.decisions.create(transition="send_to_partners", from_state="disclosure_review",
                             to_state="partner_review", decided_at=timezone.now(), decided_by=analyst)  # fmt: skip
    assert refused(request.number) == ["It went on without a signature of another analyst."]


def test_package_file_is_checked_without_the_record_and_by_known_keys_only(review: Review, tmp_path: Path) -> None:
    data = kept(review[1])
    file = tmp_path / "package.zip"
    file.write_bytes(data)
    assert verify(file) == HOLDS
    file.write_bytes(with_file(data, "codebook.md", b"Other words"))
    assert refused(file) == ["codebook.md is not as it was signed."]
    file.write_bytes(data[:-200])
    assert refused(file) == ["This is no package: it has no manifest that can be read."]
    assert not Event.objects.filter(kind="package.verify").exists()
    key = tmp_path / "keys.pem"
    key.write_bytes(
        Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    [problem] = refused(review[0].number, key=key)
    assert problem.startswith("The manifest is signed with a key that is not known")
    key.write_text("no key")
    assert len(refused(review[0].number, key=key)) == 1
    assert refused(review[0].number, key=tmp_path / "none.pem")[0].startswith("There are no public keys")
