"""Records events. Call last in a transaction: the chain's lock is held from here to commit."""

import json
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from requests_app.models import Person
from requests_app.standing import roles_of

INSERT = """
INSERT INTO events.event (seq, occurred_at, kind, outcome, actor_id, actor, process, request_number, subject, detail,
                          previous_hash, hash)
VALUES (0, %s, %s, %s, %s, %s, %s, %s, %s, %s, '', '')
"""  # seq and the hashes are set by the trigger
SYSTEM_ACTOR = "The system"
UNKNOWN_ACTOR = "Somebody not signed in"


def record(
    kind: str,
    *,
    actor: Person | None,
    request_number: str = "",
    subject: str = "",
    detail: dict[str, Any] | None = None,
    outcome: str = "done",
    at: datetime | None = None,
    unknown_person: bool = False,
) -> None:
    """Appends one event with a snapshot of who acted (name, roles, agency), so that it speaks after everything changed.

    `outcome` is done, refused or failed. `detail` holds ids, hashes, counts and words, never confidential values.
    `unknown_person`: a person acted who is not signed in, and may be anybody.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            INSERT,
            [
                at or timezone.now(),
                kind,
                outcome,
                actor.pk if actor else None,
                UNKNOWN_ACTOR if unknown_person else describe(actor),
                settings.WR_PROCESS,
                request_number,
                subject,
                json.dumps(detail or {}, default=str, sort_keys=True),
            ],
        )


def describe(actor: Person | None) -> str:
    """Name, roles and agency of the actor as of now."""
    if actor is None:
        return SYSTEM_ACTOR
    roles = ", ".join(sorted(role.label for role in roles_of(actor))) or "no role"
    return f"{actor.name} ({roles}), {actor.agency.name}"
