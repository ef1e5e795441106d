"""A request followed to its end leaves nothing confidential: not on disk, not in the database, not in a backup."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from requests_app import keys, sealed_files
from requests_app.models import DataRequest, Delivery, Event, SealedFile
from requests_app.models.files import FileKind
from requests_app.services.life import workflow
from requests_app.services.packages import destruction, files, locks, packages, retention
from requests_app.states import Kind, State
from tests import factories
from tests.integration.requests_app.test_destruction import People, stated


@pytest.fixture
def stores(settings: Any, tmp_path: Path) -> Path:
    """File store, keys and outbox of this test alone."""
    for name in ("VAULT_ROOT", "KEY_ROOT", "OUTBOX_ROOT"):
        (tmp_path / name).mkdir()
        setattr(settings, name, tmp_path / name)
    return tmp_path


@pytest.fixture
def on_commit(django_capture_on_commit_callbacks: Any) -> Any:
    return lambda: django_capture_on_commit_callbacks(execute=True)


def plain_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def readable(row: SealedFile) -> bool:
    """A worker with its own private key, given this row and whatever lies in the store."""
    try:
        return bool(
            b"".join(
                sealed_files.read_sealed(row.pk, row.sealed_sha256, files.data_key(row, keys.worker_private_key()))
            )
        )
    except sealed_files.Unreadable:
        return False


def test_ended_micro_request_leaves_nothing_and_no_backup_brings_it_back(
    people: People, stores: Path, on_commit: Any
) -> None:
    request, package = factories.with_package(people, State.DESTRUCTION_DUE)
    outbox = stores / "OUTBOX_ROOT" / "44" / "package.sealed"
    outbox.parent.mkdir()
    shutil.copy(sealed_files.path_of(package.file.sealed_sha256), outbox)
    receipt = {"place": outbox.name}
    Delivery.objects.filter(package=package).update(channel="local_outbox", receipt=receipt)
    backup_of_row = SealedFile.objects.get(pk=package.file_id)
    shutil.copytree(stores / "VAULT_ROOT", stores / "backup")
    assert readable(backup_of_row)  # the positive control: before the end the worker reads it
    stated(package.destruction, people)
    workflow.transition(request, "confirm_destruction", actor=people["coordinator"])
    with on_commit():
        workflow.transition(request, "acknowledge_destruction", actor=people["program_analyst"])
        retention.follow()
    with on_commit():
        retention.follow()
    assert plain_files(stores / "VAULT_ROOT") == plain_files(stores / "OUTBOX_ROOT") == []
    assert plain_files(stores / "KEY_ROOT") == []
    kept = SealedFile.objects.get(pk=package.file_id)
    assert (bytes(kept.wrapped_key), kept.shredded_at is None) == (b"", False)
    assert Event.objects.filter(kind="file_lock.destroy", request_number=request.number).count() == 1
    shutil.copytree(stores / "backup", stores / "VAULT_ROOT", dirs_exist_ok=True)  # database and store come back
    assert sealed_files.path_of(backup_of_row.sealed_sha256).exists()
    assert not readable(backup_of_row)


def sealed(request: DataRequest, kind: FileKind) -> SealedFile:
    return files.remember(files.seal_bytes(b"confidential", request, kind), request, kind, str(kind), timezone.now())


def test_released_tables_are_kept_for_the_set_time_and_all_else_ends(
    people: People, stores: Path, on_commit: Any, settings: Any
) -> None:
    request = factories.draft(people, Kind.MACRO)
    parts = [files.seal_bytes(b"confidential", request, kind) for kind in (FileKind.PACKAGE, FileKind.TABLES)]
    first = packages.keep_package(request, packages.Built("1" * 64, parts[0], ["10"], [], tables=parts[1]))
    parts = [files.seal_bytes(b"confidential", request, kind) for kind in (FileKind.PACKAGE, FileKind.TABLES)]
    sent = packages.keep_package(request, packages.Built("2" * 64, parts[0], ["10"], [], tables=parts[1]))
    Delivery.objects.create(package=sent, status="delivered", created_at=timezone.now(), delivered_at=timezone.now())
    forecast = sealed(request, FileKind.FORECAST)
    factories.place(request, State.RELEASED)
    retention.follow()
    assert SealedFile.objects.filter(shredded_at__isnull=False).count() == 0
    factories.place(request, State.CLOSED)
    with on_commit():
        retention.follow()
    ended = set(SealedFile.objects.filter(shredded_at__isnull=False).values_list("pk", flat=True))
    assert ended == {first.file_id, first.tables_id, forecast.pk}
    assert readable(SealedFile.objects.get(pk=sent.tables_id))
    with factories.behind_the_triggers():
        DataRequest.objects.update(state_since=timezone.now() - settings.RETENTION_AFTER_CLOSE - timedelta(days=1))
    with on_commit():
        retention.follow()
    assert not SealedFile.objects.filter(shredded_at=None).exists()
    assert not locks.path_of(request).exists()


def test_request_that_released_nothing_keeps_nothing(people: People, stores: Path, on_commit: Any) -> None:
    request = factories.submitted(people, Kind.MACRO)
    row = sealed(request, FileKind.FORECAST)
    with on_commit():
        workflow.transition(request, "withdraw", actor=people["coordinator"], reason="Another plan.")
        retention.follow()
    assert not readable(SealedFile.objects.get(pk=row.pk))
    assert destruction.open_duties(request).count() == 0
    assert plain_files(stores / "KEY_ROOT") == []


def test_row_is_nothing_without_the_request_it_was_made_for(people: People, stores: Path) -> None:
    one, other = factories.draft(people), factories.draft(people)
    row = sealed(one, FileKind.ANALYSIS)
    sealed(other, FileKind.ANALYSIS)
    assert readable(row)
    SealedFile.objects.filter(pk=row.pk).update(request=other)
    assert not readable(SealedFile.objects.get(pk=row.pk))
