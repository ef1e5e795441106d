"""The request's own secret around the keys of its packages and tables: destroyed at the request's end, and with it
whatever a backup of database and file store could bring back.

32 random bytes below KEY_ROOT, which is in no backup; workers only. The data key of each file that a worker makes is
wrapped for the worker (sealed_files) and then encrypted under this secret (AES-256-GCM, bound to the request's number).
"""

import os
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from requests_app import sealed_files
from requests_app.models import DataRequest
from requests_app.models.ids import new_ulid
from requests_app.services.event_log import events

SECRET_BYTES = 32
NONCE_BYTES = 12
FOLDER = "locks"


def lock(wrapped_key: bytes, request: DataRequest) -> bytes:
    """The wrapped key, encrypted under the request's secret; the first one makes the secret."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(_secret(request)).encrypt(nonce, bytes(wrapped_key), request.number.encode())


def unlock(locked: bytes | memoryview, request: DataRequest) -> bytes:
    """The wrapped key; `sealed_files.Unreadable` once the request's secret is destroyed."""
    data = bytes(locked)
    try:
        secret = AESGCM(path_of(request).read_bytes())
        return secret.decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], request.number.encode())
    except FileNotFoundError:
        raise sealed_files.Unreadable("The request has ended, and its secret with it.") from None
    except (InvalidTag, ValueError):  # a shredded file's row holds no key at all
        raise sealed_files.Unreadable("The file is not what its row says it is.") from None


def destroy(request: DataRequest, at: datetime) -> None:
    """Overwrites and removes the secret; done before, it stays done."""
    path = path_of(request)
    if path.exists():
        sealed_files.destroy(path)
        events.record("file_lock.destroy", actor=None, request_number=request.number, at=at)


def path_of(request: DataRequest) -> Path:
    """Where the request's secret lies."""
    if settings.KEY_ROOT is None:
        raise ImproperlyConfigured("Only a worker has KEY_ROOT (see docs/operations.md).")
    return Path(settings.KEY_ROOT) / FOLDER / request.number


def numbers() -> list[str]:
    """The requests that have a secret."""
    if settings.KEY_ROOT is None:
        raise ImproperlyConfigured("Only a worker has KEY_ROOT (see docs/operations.md).")
    return [path.name for path in (Path(settings.KEY_ROOT) / FOLDER).glob("WR-*")]


def _secret(request: DataRequest) -> bytes:
    """The secret; a new one is whole before it has its name, and one that is there is never replaced."""
    path = path_of(request)
    if not path.exists():
        path.parent.mkdir(mode=0o700, exist_ok=True)
        incoming = path.with_suffix(f".{new_ulid()}")
        descriptor = os.open(incoming, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            out.write(os.urandom(SECRET_BYTES))
            out.flush()
            os.fsync(out.fileno())
        try:
            os.link(incoming, path)
        except FileExistsError:
            pass  # another worker was faster
        finally:
            incoming.unlink()
    return path.read_bytes()
