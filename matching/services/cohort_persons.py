"""Keyed fingerprints of the persons of matched cohorts: who was asked about before, without saying who.

A fingerprint is the first half of the AES-256 block of a person's number in the vault, which no rotation of the SSN
key changes. Its key is a file of the workers' (KEY_ROOT), made by the first who needs it: neither the database nor its
backups have it. Without the key the fingerprints say nothing; if it is lost, only overlaps with cohorts from before
stay unseen (docs/adr/0016).
"""

import hashlib
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from matching.models.cohorts import CohortFile
from matching.models.matches import CohortPersons, PersonSet
from matching.vault.persons import UNMATCHABLE, PersonIds
from requests_app.models import DataRequest
from requests_app.models.ids import new_ulid

KEY_BYTES = 32
KEY_FILE = "fingerprints.key"
_BLOCK_TAG = 0x5752_2D46_5052_0001  # "WR-FPR", version 1
_CONTRIBUTION_TAG = 0x5752_2D43_4F4E_0000  # "WR-CON", and the number of words that follow
Fingerprints = npt.NDArray[np.uint64]


def fingerprints(person_ids: npt.NDArray[np.int32]) -> Fingerprints:
    """The fingerprint of each person, shape (n,)."""
    blocks = np.empty((len(person_ids), 2), ">u8")
    blocks[:, 0], blocks[:, 1] = _BLOCK_TAG, person_ids
    # ECB is right here: every message is exactly one block, and equal persons must give equal fingerprints.
    encryptor = Cipher(algorithms.AES256(_key()), modes.ECB()).encryptor()  # noqa: S305
    sealed = encryptor.update(blocks.tobytes()) + encryptor.finalize()
    return np.frombuffer(sealed, ">u8").reshape(-1, 2)[:, 0].astype(np.uint64)


def marked(people: pa.Table, person_ids: PersonIds) -> pa.Table:
    """Rows of people, one for each of the persons in their order, with a column of fingerprints; 0 where the vault
    knows none."""
    known = np.where(person_ids > UNMATCHABLE, fingerprints(person_ids), 0).astype(np.uint64)
    return people.append_column("fingerprint", pa.array(known))


def of_contributions(
    persons: Fingerprints,
    quarters: npt.NDArray[np.int64],
    enterprises: Sequence[str],
    amounts: Sequence[npt.NDArray[np.int64]],
) -> Fingerprints:
    """The fingerprint of what each person (by fingerprint; 0 is unknown and stays so) contributes to a quarter (n).

    It is the same in another cohort, and another one where a corrected load gave the person other wages or another
    employer: two released cells that hold the same fingerprints say the same.
    """
    names = {name: hashlib.blake2b(name.encode(), digest_size=8).digest() for name in set(enterprises)}
    words = [np.frombuffer(b"".join(names[name] for name in enterprises), ">u8"), quarters, *amounts]
    encryptor = Cipher(algorithms.AES256(_key()), modes.ECB()).encryptor()  # noqa: S305  a chain of blocks, made below
    state = np.zeros((len(persons), 2), ">u8")
    state[:, 0], state[:, 1] = _CONTRIBUTION_TAG + len(words), persons
    for word in words:
        sealed = np.frombuffer(encryptor.update(state.tobytes()), ">u8").reshape(-1, 2)
        state = sealed.copy()
        state[:, 1] ^= word.astype(np.uint64)
    sealed = np.frombuffer(encryptor.update(state.tobytes()) + encryptor.finalize(), ">u8").reshape(-1, 2)
    return np.where(persons == 0, 0, np.maximum(sealed[:, 0], 1)).astype(np.uint64)


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
