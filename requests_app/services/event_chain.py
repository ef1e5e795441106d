"""Walks the hash chain of the event log and names the first link that does not hold.

Each hash is recomputed here from the event's columns, apart from the database's own function. A cut tail leaves a
chain that holds: it is found by comparing count and head with those kept outside (security.md, "Events").
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum

from django.db import connection, transaction

ROWS = """
SELECT seq, occurred_at, kind, outcome, actor_id, actor, process, request_number, subject, detail::text,
       previous_hash, hash
FROM events.event ORDER BY seq
"""
AT_ONCE = 2000
NO_HASH = "0" * 64


class Fault(StrEnum):
    """What is wrong with a link."""

    GAP = "gap"
    CHANGED = "changed content"
    BROKEN = "broken link"

    @property
    def words(self) -> str:
        """The fault in a sentence."""
        return {
            Fault.GAP: "events before it are missing, or were put in",
            Fault.CHANGED: "the event was changed after it was recorded",
            Fault.BROKEN: "it does not follow the event before it, one of the two was replaced",
        }[self]


@dataclass(frozen=True)
class EventRow:
    """One event as it is stored; `detail` is the text PostgreSQL gives of its JSON."""

    seq: int
    occurred_at: datetime
    kind: str
    outcome: str
    actor_id: int | None
    actor: str
    process: str
    request_number: str
    subject: str
    detail: str
    previous_hash: str
    hash: str

    def computed_hash(self) -> str:
        """SHA-256 over the fields, the hash before them first, parted by U+001F: `database_rules.EVENT_HASH` again."""
        moment = self.occurred_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
        fields = [
            self.previous_hash, str(self.seq), moment, self.kind, self.outcome,
            "" if self.actor_id is None else str(self.actor_id), self.actor, self.process, self.request_number,
            self.subject, self.detail,
        ]  # fmt: skip
        return hashlib.sha256("\x1f".join(fields).encode()).hexdigest()


@dataclass(frozen=True)
class Break:
    """The first link that does not hold."""

    seq: int
    fault: Fault


@dataclass(frozen=True)
class ChainReport:
    """How many events hold from the first on, the hash of the last of them, and what comes after if not all do."""

    count: int
    head: str
    first_break: Break | None

    @property
    def holds(self) -> bool:
        """Every link holds."""
        return self.first_break is None

    def as_json(self) -> str:
        """One line, for an anchor kept outside."""
        return json.dumps(asdict(self) | {"holds": self.holds}, sort_keys=True)


def verify() -> ChainReport:
    """Walks the whole chain, some thousand events in memory at a time, as of one moment."""
    count, head = 0, NO_HASH
    for row in _events():
        fault = _fault(row, count + 1, head)
        if fault:
            return ChainReport(count, head, Break(row.seq, fault))
        count, head = row.seq, row.hash
    return ChainReport(count, head, None)


def _fault(row: EventRow, expected_seq: int, head: str) -> Fault | None:
    """The content is asked first: a row that was changed in place says so, whatever else it breaks."""
    if row.hash != row.computed_hash():
        return Fault.CHANGED
    if row.seq != expected_seq:
        return Fault.GAP
    return Fault.BROKEN if row.previous_hash != head else None


def _events() -> Iterator[EventRow]:
    """All events in order, through a cursor on the server."""
    connection.ensure_connection()
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(ROWS)
        while rows := cursor.fetchmany(AT_ONCE):
            yield from (EventRow(*row) for row in rows)
