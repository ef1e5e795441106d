"""Keeps what `sealed_files` wrote: the row that remembers a file's wrapped key, and its shredding."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import structlog
from cryptography.hazmat.primitives.asymmetric import rsa
from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from requests_app import keys, sealed_files
from requests_app.models import DataRequest, Job, SealedFile
from requests_app.models.files import FileKind
from requests_app.models.ids import new_ulid
from requests_app.models.jobs import JobState
from requests_app.sealed_files import Sealed, Sealer
from requests_app.services.event_log import events
from requests_app.services.packages import locks

log = structlog.get_logger("files")
ORPHAN_AFTER = timedelta(hours=1)
MADE_BY_WEB = frozenset({FileKind.COHORT, FileKind.OUTPUT})  # which has no request's secret


def seal_bytes(data: bytes, request: DataRequest, kind: FileKind) -> Sealed:
    """Seals bytes for the worker; the row is made later, in the transaction that switches the result in."""
    with Sealer(new_ulid(), keys.worker_public_pem(), sealed_files.bound_to(kind, request.pk)) as sealer:
        sealer.write(data)
        return sealer.finish()


def remember(sealed: Sealed, request: DataRequest, kind: FileKind, name: str, at: datetime) -> SealedFile:
    """The row of a sealed file; ValueError where the file was sealed as something else than the row would say."""
    if sealed.bound_to != sealed_files.bound_to(kind, request.pk):
        raise ValueError("The file was sealed as another kind or for another request.")
    locked = kind not in MADE_BY_WEB
    return SealedFile.objects.create(
        id=sealed.file_id,
        request=request,
        kind=kind,
        name=name,
        wrapped_key=locks.lock(sealed.wrapped_key, request) if locked else sealed.wrapped_key,
        locked=locked,
        plain_bytes=sealed.plain_bytes,
        sealed_sha256=sealed.sealed_sha256,
        created_at=at,
    )


def put_under_lock(file: SealedFile) -> None:
    """A file that web sealed, put under its request's secret by a worker too; done before, it stays done."""
    if not file.locked:
        file.wrapped_key, file.locked = locks.lock(bytes(file.wrapped_key), file.request), True
        file.save(update_fields=["wrapped_key", "locked"])


def data_key(file: SealedFile, private_key: rsa.RSAPrivateKey) -> bytes:
    """The file's key, in a process that holds the private one.

    `sealed_files.Unreadable` where the row says that the file is something else than what was sealed: somebody wrote
    to the row, and is not given the file.
    """
    bound = sealed_files.bound_to(file.kind, file.request_id)
    wrapped = locks.unlock(file.wrapped_key, file.request) if file.locked else file.wrapped_key
    try:
        return sealed_files.unwrap(wrapped, private_key, sealed_files.label(file.pk, bound))
    except ValueError:
        raise sealed_files.Unreadable("The file is not what its row says it is.") from None


def data_keys(file: SealedFile, private_key: rsa.RSAPrivateKey) -> list[bytes]:
    """The keys of a file that may have arrived in parts, in their order; `Unreadable` as with `data_key`."""
    wrapped, size = bytes(file.wrapped_key), private_key.key_size // 8
    bound = sealed_files.label(file.pk, sealed_files.bound_to(file.kind, file.request_id))
    try:
        return [
            sealed_files.unwrap(wrapped[at : at + size], private_key, bound)
            for at in range(0, max(len(wrapped), 1), size)
        ]
    except ValueError:
        raise sealed_files.Unreadable("The file is not what its row says it is.") from None


def read(file: SealedFile) -> Iterator[bytes]:
    """A file sealed for the worker, in the clear, chunk by chunk; in a worker's memory only."""
    return sealed_files.read_sealed(file.pk, file.sealed_sha256, data_key(file, keys.worker_private_key()))


def shred(file: SealedFile, *, at: datetime, why: str) -> None:
    """Forgets the file's key, destroys the ciphertext on commit, and says so; done before, it stays done."""
    if file.shredded_at:
        return
    transaction.on_commit(lambda: sealed_files.shred(file.sealed_sha256))
    file.shredded_at, file.wrapped_key = at, b""
    file.save(update_fields=["shredded_at", "wrapped_key"])
    file.openings.filter(sealed_key__isnull=False).update(sealed_key=None)  # answered, and never used
    events.record(
        "file.shred",
        actor=None,
        request_number=file.request.number,
        subject=file.pk,
        detail={"kind": file.kind, "sealed_sha256": file.sealed_sha256, "why": why},
        at=at,
    )


def remove_orphans(older_than: timedelta = ORPHAN_AFTER) -> int:
    """Destroys what a crash left in the vault: unfinished files, and finished ones that no row remembers.

    A row that was shredded remembers nothing: its ciphertext is here only where a crash came between the commit and
    the shredding. A running job's files get their rows at its end, so nothing as young as the oldest such job counts.
    Returns how many files were destroyed.
    """
    running = Job.objects.filter(state=JobState.RUNNING).aggregate(oldest=Min("started_at"))["oldest"]
    before = timezone.now() - older_than
    old = {path.name: path for path in sealed_files.untouched_since(min(before, running or before))}
    remembered = SealedFile.objects.filter(sealed_sha256__in=list(old), shredded_at=None)
    known = set(remembered.values_list("sealed_sha256", flat=True))
    removed = sum(sealed_files.destroy(path) for name, path in old.items() if name not in known)
    if removed:
        log.warning("orphans removed", files=removed)
    return removed
