"""The person vault: SSN to token to the small number that stands for a person in wage records.

SSNs and the key exist in memory only. Known tokens are looked up in the vault's segments (matching/segments/vault.py);
PostgreSQL sees the tokens that a load adds.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db.backends.utils import CursorWrapper

from matching.core.micro.record_order import ROW
from matching.core.ssn import is_possible
from matching.core.tokens import Tokens, key_fingerprint, tokens
from matching.models import VaultKey
from matching.segments import vault as vault_segments
from matching.segments.spill import Spill
from matching.sql.copy_binary import CopyIn
from matching.vault.keys import LiveKey, live_key, live_version, ssn_world

UNMATCHABLE = 0
UNKNOWN = vault_segments.UNKNOWN
# A record of a person who may be new, until the whole file is read.
_WAITING = np.dtype([("high", "<u8"), ("low", "<u8"), *[(name, ROW[name]) for name in ROW.names or ()]])
_BUCKET_BITS = 6  # first bits of a token
PersonIds = npt.NDArray[np.int32]
Rows = npt.NDArray[np.void]


def ssn_key() -> bytes:
    """The key the vault lives under (`vault_keys.live_key`); ask within `vault_keys.held` what must stay true."""
    return live_key().key


def find_persons(token: Tokens) -> PersonIds:
    """The person of each token, ``UNKNOWN`` (-1) where the vault has none."""
    return vault_segments.open_vault(live_key().version).find(token)


class VaultWriter:
    """Gives every SSN of a load its person; those the vault does not know get the next numbers in order of tokens.

    First `person_ids` for all records, with those of unknown persons set aside; then `add_persons` gives them back.
    """

    def __init__(self, folder: Path, now: datetime) -> None:
        live = _agree_on_key(now)
        self._key, self._version, self._world = live.key, live.version, ssn_world()
        self._folder = folder
        self._known = vault_segments.open_vault(live.version)
        self._waiting = Spill(folder, "waiting", _WAITING)
        self._lock = Lock()
        self.persons = self._known.persons

    def person_ids(self, ssn: npt.NDArray[np.uint32]) -> tuple[PersonIds, Tokens]:
        """A person per row: ``UNMATCHABLE`` for a number that cannot be an SSN in this world, which gets no token;
        ``UNKNOWN`` for one who may be new. And the tokens of these, in their order."""
        result = np.full(len(ssn), UNMATCHABLE, np.int32)
        possible = is_possible(ssn, self._world)
        token = tokens(ssn[possible], self._key)
        found = self._known.find(token)
        result[possible] = found
        return result, token[found == UNKNOWN]

    def set_aside(self, rows: Rows, token: Tokens) -> None:
        """Keeps records (dtype ``ROW``) of unknown persons until the whole file is read."""
        waiting = np.empty(len(rows), _WAITING)
        waiting["high"], waiting["low"] = token[:, 0], token[:, 1]
        for name in ROW.names or ():
            waiting[name] = rows[name]
        with self._lock:
            self._waiting.add(waiting["high"] >> np.uint64(64 - _BUCKET_BITS), waiting)

    def add_persons(self, cursor: CursorWrapper) -> Iterator[Rows]:
        """Numbers the new persons, adds them to the vault and its segments, and yields the records set aside."""
        first = self.persons + 1
        with self._waiting, vault_segments.PartWriter(self._folder, self._version, first) as segment:
            with CopyIn(cursor, "vault.person (person_id, token, key_version)") as copy:
                for rows in map(self._waiting.take, self._waiting.buckets):
                    high, low, person = self._number(rows)
                    segment.add({"high": high, "low": low, "person": person})
                    token = np.stack([high, low], axis=1).astype(">u8")
                    copy.write([person, token, np.full(len(person), self._version, np.int16)])
                    yield _of_row_type(rows)
            segment.register()
        vault_segments.merge_parts(self._folder, self._version)

    def _number(self, rows: Rows) -> tuple[npt.NDArray[Any], npt.NDArray[Any], PersonIds]:
        """Fills in the person of each row; gives the new persons' tokens in order, and their numbers."""
        order = np.lexsort((rows["low"], rows["high"]))
        high, low = rows["high"][order], rows["low"][order]
        begins = np.ones(len(rows), bool)
        begins[1:] = (high[1:] != high[:-1]) | (low[1:] != low[:-1])
        number = (self.persons + np.cumsum(begins)).astype(np.int32)
        rows["person"][order] = number
        self.persons = int(number[-1])
        return high[begins], low[begins], number[begins]


def _of_row_type(rows: Rows) -> Rows:
    """The same records without their tokens."""
    records = np.empty(len(rows), ROW)
    for name in ROW.names or ():
        records[name] = rows[name]
    return records


def _agree_on_key(now: datetime) -> LiveKey:
    """The version in use and its key; the first load writes it down. Raises LoadRefused for another key or world."""
    live = live_key()
    if live_version() is None:
        VaultKey.objects.create(
            version=live.version, world=ssn_world(), fingerprint=key_fingerprint(live.key), made_at=now, live_from=now
        )
    return live
