"""The event log: chained by the database, walked by Python, and every tampering is named at its place."""

import io
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from requests_app.models import Event, Person
from requests_app.services.event_log import event_chain, events
from requests_app.services.event_log.event_chain import Break, Fault

pytestmark = pytest.mark.django_db


@pytest.fixture
def five_events(people: dict[str, Person]) -> list[int]:
    """The sequence numbers of five events that stand at the log's end, of the kinds services record."""
    events.record("test.plain", actor=None)
    events.record("test.person", actor=people["auditor"], request_number="WR-2026-000123", subject="é\u2028x")
    events.record("test.detail", actor=None, detail={"b": [1, 2.5, None], "a": {"ä": '\\ " \t'}, "é": True})
    events.record("test.refused", actor=people["agent"], outcome="refused", detail={"reasons": ["No."]})
    events.record("test.last", actor=None, subject="")
    return list(Event.objects.order_by("-seq").values_list("seq", flat=True)[:5])[::-1]


def tamper(statement: str, *values: object) -> None:
    """As somebody with the superuser's power would: triggers off, one statement, triggers on."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, values)
        assert cursor.rowcount == 1
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_untouched_chain_holds_and_tells_count_and_head(five_events: list[int]) -> None:
    report = event_chain.verify()
    last = Event.objects.order_by("-seq")[0]
    assert (report.count, report.head, report.first_break) == (last.seq, last.hash, None)
    assert report.count == Event.objects.count() == five_events[-1]


def test_python_computes_every_hash_as_the_database_does(five_events: list[int]) -> None:
    rows = list(event_chain._events())
    assert [row.seq for row in rows][-5:] == five_events
    assert [row.computed_hash() for row in rows] == [row.hash for row in rows]


COLUMNS: dict[str, object] = {
    "occurred_at": "2026-01-01T00:00:00.000001Z", "kind": "test.other", "outcome": "failed", "actor_id": 999_999,
    "actor": "Somebody else", "process": "web2", "request_number": "WR-2026-000999", "subject": "other",
    "detail": '{"a": 1}', "previous_hash": "0" * 64, "hash": "f" * 64,
}  # fmt: skip


def test_every_column_of_an_event_is_tampered_with_below() -> None:
    assert {"seq", *COLUMNS} == {field.column for field in Event._meta.fields}


@pytest.mark.parametrize("column", COLUMNS)
def test_changed_column_of_a_past_event_is_located(five_events: list[int], column: str) -> None:
    tamper(f"UPDATE events.event SET {column} = %s WHERE seq = %s", COLUMNS[column], five_events[1])
    report = event_chain.verify()
    assert report.first_break == Break(five_events[1], Fault.CHANGED)
    assert report.count == five_events[0]


def test_event_changed_with_its_hash_computed_anew_breaks_the_next_link(five_events: list[int]) -> None:
    seq = five_events[1]
    tamper("UPDATE events.event SET actor = 'Nobody' WHERE seq = %s", seq)
    tamper("UPDATE events.event e SET hash = events.event_hash(e) WHERE seq = %s", seq)
    assert event_chain.verify().first_break == Break(seq + 1, Fault.BROKEN)


def test_deletion_in_the_middle_is_located(five_events: list[int]) -> None:
    tamper("DELETE FROM events.event WHERE seq = %s", five_events[2])
    assert event_chain.verify().first_break == Break(five_events[3], Fault.GAP)


def test_deletion_with_numbers_closed_up_is_located(five_events: list[int]) -> None:
    tamper("DELETE FROM events.event WHERE seq = %s", five_events[3])
    tamper("UPDATE events.event SET seq = seq - 1 WHERE seq = %s", five_events[4])
    assert event_chain.verify().first_break == Break(five_events[3], Fault.CHANGED)


def test_cut_tail_shows_in_count_and_head(five_events: list[int]) -> None:
    before = event_chain.verify()
    tamper("DELETE FROM events.event WHERE seq = %s", five_events[-1])
    after = event_chain.verify()
    assert after.holds
    assert (after.count, after.head) != (before.count, before.head)


def run_command(*arguments: str) -> tuple[int, str]:
    """(exit status, output) of verify_events."""
    out = io.StringIO()
    try:
        call_command("verify_events", *arguments, stdout=out)
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_command_prints_count_and_head(five_events: list[int]) -> None:
    head = Event.objects.order_by("-seq")[0].hash
    assert run_command() == (0, f"{five_events[-1]} events, the chain holds. Head: {head}\n")
    status, out = run_command("--json")
    assert (status, json.loads(out)) == (
        0,
        {"count": five_events[-1], "first_break": None, "head": head, "holds": True},
    )


def test_command_fails_and_names_the_broken_link(five_events: list[int]) -> None:
    tamper("UPDATE events.event SET outcome = 'failed' WHERE seq = %s", five_events[3])
    status, out = run_command()
    assert status == 1
    assert f"Event {five_events[3]} is the first that does not hold (changed content)" in out
    status, out = run_command("--json")
    assert (status, json.loads(out)["first_break"]) == (1, {"seq": five_events[3], "fault": "changed content"})


def test_event_of_a_rolled_back_transaction_leaves_no_gap(five_events: list[int]) -> None:
    with transaction.atomic():
        events.record("test.undone", actor=None)
        transaction.set_rollback(True)
    events.record("test.after", actor=None)
    report = event_chain.verify()
    assert (report.holds, report.count) == (True, five_events[-1] + 1)


@pytest.fixture
def two_threads() -> Iterator[Any]:
    """Runs a function in two threads at once, each with a database connection of its own; re-raises what failed."""
    failures: list[BaseException] = []

    def run(function: Any) -> None:
        start = threading.Barrier(2)

        def one() -> None:
            try:
                start.wait(10)
                function()
            except BaseException as error:  # noqa: BLE001  told to the test's own thread
                failures.append(error)
            finally:
                connection.close()

        threads = [threading.Thread(target=one) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)

    yield run
    assert not failures


@pytest.mark.django_db(transaction=True)
def test_two_threads_recording_at_once_make_one_chain(two_threads: Any) -> None:
    each, before = 40, Event.objects.count()  # no test can take away what another one committed

    def record() -> None:
        for number in range(each):
            with transaction.atomic():
                events.record("test.race", actor=None, detail={"number": number})
                if number % 7 == 0:
                    transaction.set_rollback(True)

    two_threads(record)
    report = event_chain.verify()
    assert report.holds
    kept = 2 * (each - len(range(0, each, 7)))
    assert report.count == Event.objects.count() == before + kept
