"""Keyed fingerprints of the persons of matched cohorts: who was asked about before, without saying who.

A fingerprint is the first half of the AES-256 block of a person's number in the vault, which no rotation of the SSN
key changes. Its key is a file of the workers' (KEY_ROOT), made by the first who needs it: neither the database nor its
backups have it. Without the key the fingerprints say nothing; if it is lost, only overlaps with cohorts from before
stay unseen (docs/adr/0016).
"""

import hashlib
import os
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from matching.models.cohorts import CohortFile
from matching.models.matches import CohortPersons, PersonSet
from requests_app.models import DataRequest
from requests_app.models.ids import new_ulid

KEY_BYTES = 32
KEY_FILE = "fingerprints.key"
_BLOCK_TAG = 0x5752_2D46_5052_0001  # "WR-FPR", version 1
Fingerprints = npt.NDArray[np.uint64]


def fingerprints(person_ids: npt.NDArray[np.int32]) -> Fingerprints:
    """The fingerprint of each person, shape (n,)."""
    blocks = np.empty((len(person_ids), 2), ">u8")
    blocks[:, 0], blocks[:, 1] = _BLOCK_TAG, person_ids
    # ECB is right here: every message is exactly one block, and equal persons must give equal fingerprints.
    encryptor = Cipher(algorithms.AES256(_key()), modes.ECB()).encryptor()  # noqa: S305
    sealed = encryptor.update(blocks.tobytes()) + encryptor.finalize()
    return np.frombuffer(sealed, ">u8").reshape(-1, 2)[:, 0].astype(np.uint64)


def keep(row: CohortFile, persons: Fingerprints, now: datetime) -> None:
    """Remembers a matched file's persons (sorted fingerprints), in place of those of an earlier match of it."""
    data = persons.astype("<u8").tobytes()
    digest = hashlib.sha256(data).hexdigest()
    PersonSet.objects.get_or_create(digest=digest, defaults={"persons": len(persons), "fingerprints": data})
    CohortPersons.objects.update_or_create(
        request_number=row.request.number,
        cohort=row.cohort,
        quarter=row.quarter,
        defaults={"persons_id": digest, "kept_at": now},
    )


def of_set(digest: str) -> Fingerprints:
    """The sorted fingerprints of a set."""
    data = PersonSet.objects.values_list("fingerprints", flat=True).get(digest=digest)
    return np.frombuffer(bytes(data), "<u8").astype(np.uint64)


def forget(request: DataRequest) -> None:
    """A request that ended without a release has told nobody anything: its persons are not kept."""
    CohortPersons.objects.filter(request_number=request.number).delete()
    PersonSet.objects.filter(cohorts=None).delete()


def _key() -> bytes:
    if settings.KEY_ROOT is None:
        raise ImproperlyConfigured("Only a worker has KEY_ROOT (see docs/operations.md).")
    path = Path(settings.KEY_ROOT) / KEY_FILE
    return path.read_bytes() if path.exists() else _new_key(path)


def _new_key(path: Path) -> bytes:
    """A new key at `path`, or the one another worker put there meanwhile: a key once there is never replaced."""
    incoming = path.with_suffix(f".{new_ulid()}")
    descriptor = os.open(incoming, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(os.urandom(KEY_BYTES))
        out.flush()
        os.fsync(out.fileno())
    try:
        os.link(incoming, path)
    except FileExistsError:
        pass
    finally:
        incoming.unlink()
    return path.read_bytes()
