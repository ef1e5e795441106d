"""Walks the hash chain of the event log and names the first link that does not hold.

Each hash is recomputed here from the event's columns, apart from the database's own function. A cut tail, and a past
written wholly anew, leave a chain that holds: they are found by the anchors kept outside (anchors.py).
"""

import hashlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from django.db import connection, transaction

ROWS = """
SELECT seq, occurred_at, kind, outcome, actor_id, actor, process, request_number, subject, detail::text,
       previous_hash, hash
FROM events.event ORDER BY seq
"""
LAST = "SELECT seq FROM events.event ORDER BY seq DESC LIMIT 1"
AT_ONCE = 2000
TELL_EVERY = 100_000
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
    """How many events hold from the first on, the hash of the last of them, and what comes after if not all do.

    `heads_at`: the hashes at the counts that were asked for.
    """

    count: int
    head: str
    first_break: Break | None
    heads_at: dict[int, str] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Every link holds."""
        return self.first_break is None

    def as_dict(self) -> dict[str, Any]:
        """For one line of JSON."""
        broken = self.first_break and {"seq": self.first_break.seq, "fault": self.first_break.fault}
        return {"count": self.count, "head": self.head, "first_break": broken}


def verify(at: Collection[int] = (), progress: Callable[[int, int], None] | None = None) -> ChainReport:
    """Walks the whole chain, some thousand events in memory at a time, as of one moment.

    Notes the hash of each event numbered in `at`; tells `progress` (done, known) every so often.
    """
    count, head, heads, wanted = 0, NO_HASH, {0: NO_HASH}, frozenset(at)
    known = last_seq() if progress else 0
    for row in _events():
        fault = _fault(row, count + 1, head)
        if fault:
            return ChainReport(count, head, Break(row.seq, fault), heads)
        count, head = row.seq, row.hash
        if count in wanted:
            heads[count] = head
        if progress and count % TELL_EVERY == 0:
            progress(count, max(known, count))
    return ChainReport(count, head, None, heads)


def last_seq() -> int:
    """The number of the newest event, 0 in an empty log."""
    with connection.cursor() as cursor:
        cursor.execute(LAST)
        row = cursor.fetchone()
    return row[0] if row else 0


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
