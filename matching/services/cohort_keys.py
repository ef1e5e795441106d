"""One key pair per request for its cohort files, so that destroying one file of the worker's ends all their copies."""

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from matching.models.cohorts import CohortFileState, CohortKey
from requests_app import keys, sealed_files
from requests_app.hooks import effect, guard, runner
from requests_app.models import DataRequest, Job, Person
from requests_app.models.ids import new_ulid
from requests_app.services.event_log import events
from requests_app.services.life import jobs, workflow
from requests_app.services.life.jobs import Progress
from requests_app.states import WITH_COHORT, Kind

KEY_BITS = 3072


class KeyDestroyed(Exception):
    """The request's cohort key no longer exists, and with it nothing that it protected."""


@effect("approve", "approve_amendment")
def order_key(request: DataRequest, _actor: Person | None, _now: datetime) -> None:
    """An approved request with a cohort gets its key from a worker before files can be sent.

    Approved again after an appeal, it gets a new key: the files of the first time ended with the first one.
    """
    if Kind(request.kind) in WITH_COHORT:
        request.cohort_files.exclude(state=CohortFileState.REPLACED).update(state=CohortFileState.REPLACED)
        approvals = request.decisions.filter(transition="approve").count()
        jobs.enqueue("make_cohort_key", request, {"request": request.number, "approval": approvals})


@runner("make_cohort_key")
def make_key(job: Job, _progress: Progress) -> Callable[[], None]:
    """Makes the pair, the private half first; a repeat after a kill finds it and goes on."""
    request = job.request
    path = _path(request)
    private = keys.load_private(path.read_bytes()) if path.exists() else _new_private(path)

    def switch() -> None:
        fresh = {"public_pem": keys.public_pem(private), "made_at": timezone.now(), "destroyed_at": None}
        if not CohortKey.objects.filter(request=request, destroyed_at=None).exists():
            CohortKey.objects.update_or_create(request=request, defaults=fresh)
        workflow.transition(request, "ask_for_cohort", actor=None)

    return switch


def _new_private(path: Path) -> rsa.RSAPrivateKey:
    """A new key at `path`, or the one another attempt put there meanwhile: a key once there is never replaced."""
    _, private = keys.new_pair(KEY_BITS)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    incoming = path.with_suffix(f".{new_ulid()}")
    descriptor = os.open(incoming, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(pem)
        out.flush()
        os.fsync(out.fileno())
    try:
        os.link(incoming, path)
    except FileExistsError:
        private = keys.load_private(path.read_bytes())
    finally:
        incoming.unlink()
    return private


def private_key(request: DataRequest) -> rsa.RSAPrivateKey:
    """The private half; `KeyDestroyed` once the request's cohort files were shredded."""
    try:
        return keys.load_private(_path(request).read_bytes())
    except FileNotFoundError:
        raise KeyDestroyed from None


def destroy(request: DataRequest, now: datetime) -> None:
    """Overwrites and removes the private half: what it protected can never be read again, in backups neither."""
    for path in files_of(request):
        sealed_files.destroy(path)
    if CohortKey.objects.filter(request=request, destroyed_at=None).update(destroyed_at=now):
        events.record("cohort_key.destroy", actor=None, request_number=request.number, at=now)


def files_of(request: DataRequest) -> list[Path]:
    """The private half, and what a crash in the making of it may have left."""
    return sorted(_path(request).parent.glob(f"{request.number}.*"))


def _path(request: DataRequest) -> Path:
    if settings.KEY_ROOT is None:
        raise ImproperlyConfigured("Only a worker has KEY_ROOT (see docs/operations.md).")
    return Path(settings.KEY_ROOT) / f"{request.number}.pem"


@guard("cohort_key_ready")
def cohort_key_ready(request: DataRequest, _person: Person | None) -> list[str]:
    """Files can be sent once the worker made the request's key."""
    if CohortKey.objects.filter(request=request, destroyed_at=None).exists():
        return []
    return ["The key for this request's cohort files is not ready yet."]
