"""The person vault: SSN to token to the small number that stands for a person in wage records.

SSNs and the key exist in memory only; PostgreSQL sees tokens, in a temporary table that ends with the transaction.
"""

from datetime import datetime

import numpy as np
import numpy.typing as npt
from django.db import connection
from django.db.backends.utils import CursorWrapper

from matching.copy_binary import copy_in, read_numbers
from matching.core.ssn import is_possible
from matching.core.tokens import Tokens, key_fingerprint, tokens
from matching.models import VaultKey
from matching.statements import statement
from matching.vault_keys import LiveKey, live_key, live_version, ssn_world

UNMATCHABLE = 0
UNKNOWN = -1
_STAGE = """
DROP TABLE IF EXISTS pg_temp.batch_token;
CREATE TEMP TABLE batch_token (place integer, token uuid) ON COMMIT DROP;
"""
PersonIds = npt.NDArray[np.int32]


def ssn_key() -> bytes:
    """The key the vault lives under (`vault_keys.live_key`); ask within `vault_keys.held` what must stay true."""
    return live_key().key


class VaultWriter:
    """Gives every SSN of a load its person, adding those the vault does not know; within one transaction."""

    def __init__(self, cursor: CursorWrapper, now: datetime) -> None:
        self._cursor = cursor
        live = _agree_on_key(now)
        self._key, self._version, self._world = live.key, live.version, ssn_world()
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


def _agree_on_key(now: datetime) -> LiveKey:
    """The version in use and its key; the first load writes it down. Raises LoadRefused for another key or world."""
    live = live_key()
    if live_version() is None:
        VaultKey.objects.create(
            version=live.version, world=ssn_world(), fingerprint=key_fingerprint(live.key), made_at=now, live_from=now
        )
    return live


def check_vault_key() -> None:
    """Raises LoadRefused when this process's keys or world are not the vault's; an empty vault fits every key."""
    live_key()
