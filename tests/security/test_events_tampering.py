"""Whoever has the superuser's power can change a past event, but not unseen: the walk names the first that is touched.

Each kind of tampering, at random places of a log, with triggers off: what `verify_events` names is what was done.
"""

import io
import random
from collections.abc import Callable
from typing import LiteralString

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection, transaction
from psycopg.errors import InsufficientPrivilege

from requests_app.database_rules import ROLES
from requests_app.models import Event, Person
from requests_app.services.event_log import event_chain, events
from requests_app.services.event_log.event_chain import Break, Fault
from tests import factories
from tests.security.roles import connected

pytestmark = pytest.mark.django_db
LENGTH = 60
COLUMNS = ["occurred_at", "kind", "outcome", "actor_id", "actor", "process", "request_number", "subject", "detail"]
NEW_VALUE = {
    "occurred_at": "occurred_at + interval '1 microsecond'", "actor_id": "coalesce(actor_id, 0) + 1",
    "request_number": "'WR-2026-999999'",
    "detail": "detail || '{\"forged\": true}'::jsonb",
}  # fmt: skip


@pytest.fixture
def log(people: dict[str, Person]) -> int:
    """A log with events of several people; how long it is."""
    for number in range(LENGTH):
        actor = people["coordinator"] if number % 3 else None
        events.record("test.plain", actor=actor, request_number=f"WR-2026-{number:06d}", detail={"number": number})
    return Event.objects.count()


def run(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def hash_anew(seq: int) -> None:
    run("UPDATE events.event e SET hash = events.event_hash(e) WHERE seq = %s", seq)


def shift(first: int, by: int) -> None:
    """Renumbers all events from `first` on, past the primary key."""
    run("UPDATE events.event SET seq = -(seq + %s) WHERE seq >= %s", by, first)
    run("UPDATE events.event SET seq = -seq WHERE seq < 0")


def change(chance: random.Random, seq: int) -> Break:
    column = chance.choice(COLUMNS)
    run(f"UPDATE events.event SET {column} = {NEW_VALUE.get(column, f'{column} || chr(120)')} WHERE seq = %s", seq)
    return Break(seq, Fault.CHANGED)


def change_and_hash_anew(chance: random.Random, seq: int) -> Break:
    change(chance, seq)
    hash_anew(seq)
    return Break(seq + 1, Fault.BROKEN)


def delete(chance: random.Random, seq: int) -> Break:
    last = seq + chance.randrange(3)
    run("DELETE FROM events.event WHERE seq BETWEEN %s AND %s", seq, last)
    return Break(last + 1, Fault.GAP)


def delete_and_close_up(_chance: random.Random, seq: int) -> Break:
    run("DELETE FROM events.event WHERE seq = %s", seq)
    shift(seq + 1, -1)
    return Break(seq, Fault.CHANGED)


def insert(_chance: random.Random, seq: int) -> Break:
    """A forged event that fits the one before it: the first that does not hold is the one it pushed on."""
    shift(seq, 1)
    run(
        "INSERT INTO events.event SELECT %s, occurred_at, 'test.forged', outcome, actor_id, actor, process, "
        "request_number, subject, detail, hash, '' FROM events.event WHERE seq = %s",
        seq,
        seq - 1,
    )
    hash_anew(seq)
    return Break(seq + 1, Fault.CHANGED)


def exchange(seq: int, other: int) -> None:
    """Two events change places with everything they hold."""
    run("UPDATE events.event SET seq = -seq WHERE seq = %s", seq)
    run("UPDATE events.event SET seq = %s WHERE seq = %s", seq, other)
    run("UPDATE events.event SET seq = %s WHERE seq = %s", other, -seq)


def swap(chance: random.Random, seq: int) -> Break:
    exchange(seq, seq + 1 + chance.randrange(5))
    return Break(seq, Fault.CHANGED)


def swap_and_hash_anew(chance: random.Random, seq: int) -> Break:
    """The one after it was not moved, so its content holds: what does not is its link."""
    exchange(seq, seq + 2 + chance.randrange(4))
    run("UPDATE events.event e SET previous_hash = p.hash FROM events.event p WHERE e.seq = %s AND p.seq = %s",
        seq, seq - 1)  # fmt: skip
    hash_anew(seq)
    return Break(seq + 1, Fault.BROKEN)


TAMPERINGS: list[Callable[[random.Random, int], Break]] = [
    change, change_and_hash_anew, delete, delete_and_close_up, insert, swap, swap_and_hash_anew,
]  # fmt: skip


@pytest.mark.parametrize("tampering", TAMPERINGS, ids=lambda tampering: tampering.__name__)
def test_tampering_anywhere_in_the_past_is_named_at_its_place(
    log: int, tampering: Callable[[random.Random, int], Break]
) -> None:
    chance = random.Random(tampering.__name__)
    assert event_chain.verify().holds
    for _ in range(12):
        seq = chance.randrange(2, log - 6)
        with transaction.atomic():
            with factories.behind_the_triggers():
                expected = tampering(chance, seq)
            assert event_chain.verify().first_break == expected, (tampering.__name__, seq)
            transaction.set_rollback(True)
    assert event_chain.verify().holds


def test_first_event_of_all_is_not_spared(log: int) -> None:
    for statement, expected in {
        "UPDATE events.event SET actor = 'x' WHERE seq = 1": Break(1, Fault.CHANGED),
        "DELETE FROM events.event WHERE seq = 1": Break(2, Fault.GAP),
        "INSERT INTO events.event SELECT 0, occurred_at, kind, outcome, actor_id, actor, process, request_number, "
        "subject, detail, previous_hash, hash FROM events.event WHERE seq = 1": Break(0, Fault.CHANGED),
    }.items():
        with transaction.atomic():
            with factories.behind_the_triggers():
                run(statement)
            assert event_chain.verify().first_break == expected, statement
            transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_what_the_superuser_really_changed_is_named_by_the_command(people: dict[str, Person]) -> None:
    for _ in range(20):
        events.record("test.plain", actor=people["auditor"])
    seq = Event.objects.count() - 7
    with connected("superuser") as superuser:
        with pytest.raises(InsufficientPrivilege, match="never changed or removed"):
            superuser.execute("UPDATE events.event SET actor = 'Nobody' WHERE seq = %s", [seq])
        superuser.execute("SET session_replication_role = replica")
        superuser.execute("UPDATE events.event SET actor = 'Nobody' WHERE seq = %s", [seq])
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("verify_events", stdout=out)
    assert ended.value.code == 1
    assert f"Event {seq} is the first that does not hold (changed content)" in out.getvalue()


AROUND: dict[str, LiteralString] = {
    "switch the triggers off": "ALTER TABLE events.event DISABLE TRIGGER ALL",
    "pretend to be a replica": "SET session_replication_role = replica",
    "drop the trigger": "DROP TRIGGER event_is_final ON events.event",
    "drop the log": "DROP TABLE events.event",
    "replace the refusal": "CREATE OR REPLACE FUNCTION events.refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RETURN NEW; END $$",
    "change through an insert": "INSERT INTO events.event SELECT * FROM events.event LIMIT 1 "
    "ON CONFLICT (seq) DO UPDATE SET kind = 'x'",
    "change through a merge": "MERGE INTO events.event e USING (SELECT 1) o ON true WHEN MATCHED THEN DELETE",
    "make a rule": "CREATE RULE lost AS ON INSERT TO events.event DO INSTEAD NOTHING",
    "lock it against writers": "LOCK TABLE events.event IN EXCLUSIVE MODE",
}


@pytest.mark.parametrize("way", AROUND)
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.usefixtures("django_db_setup")
def test_no_role_of_the_application_gets_around_the_refusal(role: str, way: str) -> None:
    with connected(role, autocommit=False) as own:
        with pytest.raises(psycopg.Error) as refused:
            own.execute(AROUND[way])
        own.rollback()
    assert isinstance(refused.value, InsufficientPrivilege), refused.value
