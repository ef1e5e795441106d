"""Which version of the SSN key the person vault lives under, and that key from the files this process was given.

The vault is under exactly one version at a time. While the key is rotated the next vault is made beside it
(`rotation`), and processes are given both keys, so that the moment of the switch finds them ready.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from matching.core.load_files.rejects import LoadRefused
from matching.core.ssn import SsnWorld
from matching.core.tokens import KEY_BYTES, WrongKey, key_fingerprint
from matching.models import VaultKey

FIRST_VERSION = 1


@dataclass(frozen=True)
class LiveKey:
    """The version the vault lives under and its key. A vault nobody has loaded into is version 1 of any key."""

    version: int
    key: bytes = field(repr=False)


def ssn_world() -> SsnWorld:
    """The world of this deployment."""
    return SsnWorld(settings.SSN_WORLD)


def key_of_file() -> bytes:
    """The key of ``SSN_KEY_FILE`` (worker and loader only). Raises WrongKey when there is none."""
    key = _read(settings.SSN_KEY_FILE)
    if key is None:
        raise WrongKey("This process has no SSN key (SSN_KEY_FILE).")
    return key


def next_key_of_file() -> bytes | None:
    """The key of ``SSN_KEY_FILE_NEXT``, set while the key is rotated; an empty file is none."""
    return _read(settings.SSN_KEY_FILE_NEXT)


def live_version() -> VaultKey | None:
    """The version the vault lives under; None before the first load."""
    return VaultKey.objects.filter(live_from__isnull=False, retired_at__isnull=True).first()


def live_key() -> LiveKey:
    """The vault's version and, of the two key files, the one it was made with.

    Raises LoadRefused where this process's world or keys are not the vault's, WrongKey where it has no key. Hold the
    vault (`held`) wherever the answer must still be true at the next statement.
    """
    known = live_version()
    if known is None:
        return LiveKey(FIRST_VERSION, key_of_file())
    if known.world != ssn_world():
        raise LoadRefused("This database belongs to the other world of SSNs (setting SSN_WORLD); the two never mix.")
    return LiveKey(known.version, key_of_version(known))


def key_of_version(version: VaultKey) -> bytes:
    """The key file of this version. Raises LoadRefused where this process has neither."""
    for key in (key_of_file(), next_key_of_file()):
        if key is not None and key_fingerprint(key) == version.fingerprint:
            return key
    raise LoadRefused(
        f"The SSN key of this process (SSN_KEY_FILE) is not version {version.version}, which the person vault was made "
        "with. Nothing was read or loaded."
    )


@contextmanager
def held() -> Iterator[LiveKey]:
    """A transaction in which the vault stays under the version it gives: a rotation waits to switch until it ends."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE vault.person IN ACCESS SHARE MODE")
        yield live_key()


def _read(path: Path | None) -> bytes | None:
    key = path.read_bytes() if path else b""
    if len(key) not in {0, KEY_BYTES}:
        raise WrongKey("The SSN key must be 32 random bytes.")
    return key or None
