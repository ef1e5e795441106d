"""The person vault: SSN to token to the small number that stands for a person in wage records.

SSNs and the key exist in memory only; PostgreSQL sees tokens, in a temporary table that ends with the transaction.
"""

from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
from django.conf import settings
from django.db import connection
from django.db.backends.utils import CursorWrapper

from matching.copy_binary import copy_in, read_numbers
from matching.core.load_rejects import LoadRefused
from matching.core.ssn import SsnWorld, is_possible
from matching.core.tokens import KEY_BYTES, Tokens, WrongKey, key_fingerprint, tokens
from matching.models import VaultKey
from matching.statements import statement

UNMATCHABLE = 0
UNKNOWN = -1
_STAGE = """
DROP TABLE IF EXISTS pg_temp.batch_token;
CREATE TEMP TABLE batch_token (place integer, token uuid) ON COMMIT DROP;
"""
PersonIds = npt.NDArray[np.int32]


def ssn_key() -> bytes:
    """The key of this process, from ``SSN_KEY_FILE`` (worker and loader only). Raises WrongKey when there is none."""
    if not settings.SSN_KEY_FILE:
        raise WrongKey("This process has no SSN key (SSN_KEY_FILE).")
    key = Path(settings.SSN_KEY_FILE).read_bytes()
    if len(key) != KEY_BYTES:
        raise WrongKey("The SSN key must be 32 random bytes.")
    return key


def ssn_world() -> SsnWorld:
    """The world of this deployment."""
    return SsnWorld(settings.SSN_WORLD)


class VaultWriter:
    """Gives every SSN of a load its person, adding those the vault does not know; within one transaction."""

    def __init__(self, cursor: CursorWrapper, now: datetime) -> None:
        self._cursor = cursor
        self._key = ssn_key()
        self._world = ssn_world()
        self._version = _agree_on_key(self._key, self._world, now)
        cursor.execute(_STAGE)

    def person_ids(self, ssn: npt.NDArray[np.uint32]) -> PersonIds:
        """A person per row; ``UNMATCHABLE`` for a number that cannot be an SSN in this world, which gets no token."""
        result = np.full(len(ssn), UNMATCHABLE, np.int32)
        possible = is_possible(ssn, self._world)
        distinct, inverse = np.unique(ssn[possible], return_inverse=True)
        if len(distinct):
            _stage_tokens(self._cursor, tokens(distinct, self._key))
            self._cursor.execute(statement("vault_add"), {"key_version": self._version})
            result[possible] = _find(self._cursor, len(distinct))[inverse]
        return result


def find_persons(token: Tokens) -> PersonIds:
    """The person of each token, ``UNKNOWN`` (-1) where the vault has none. Runs within a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_STAGE)
        _stage_tokens(cursor, token)
        return _find(cursor, len(token))


def _stage_tokens(cursor: CursorWrapper, token: Tokens) -> None:
    cursor.execute("TRUNCATE batch_token")
    copy_in(cursor, "batch_token (place, token)", [np.arange(len(token), dtype=np.int32), token])
    cursor.execute("ANALYZE batch_token")


def _find(cursor: CursorWrapper, count: int) -> PersonIds:
    place, person = read_numbers(cursor, statement("vault_find"), {}, {"place": "i4", "person_id": "i4"})
    result = np.full(count, UNKNOWN, np.int32)
    result[place] = person
    return result


def _agree_on_key(key: bytes, world: SsnWorld, now: datetime) -> int:
    """The version of the key in use; the first load writes it down. Raises LoadRefused for another key or world."""
    known = VaultKey.objects.order_by("-version").first()
    if known is None:
        known = VaultKey.objects.create(version=1, world=world, fingerprint=key_fingerprint(key), made_at=now)
    if known.world != world:
        raise LoadRefused("This database belongs to the other world of SSNs (setting SSN_WORLD); the two never mix.")
    if known.fingerprint != key_fingerprint(key):
        raise LoadRefused("The SSN key is not the one this vault was made with (SSN_KEY_FILE). Nothing was loaded.")
    return known.version


def check_vault_key() -> None:
    """Raises LoadRefused when this process's key or world is not the vault's; an empty vault fits every key."""
    known = VaultKey.objects.order_by("-version").first()
    if known is not None and (known.world != ssn_world() or known.fingerprint != key_fingerprint(ssn_key())):
        raise LoadRefused("The SSN key or SSN_WORLD of this process is not the one the vault was made with.")
