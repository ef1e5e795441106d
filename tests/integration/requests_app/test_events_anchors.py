"""Anchors: one signed line a day. A cut tail, a new past and a forged line are found by them where the chain holds."""

import io
import json
import multiprocessing
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from config import launch
from config.embedded.place import CHECKOUT
from config.launch import Kind
from requests_app import tasks
from requests_app.models import Event, Notice, Person
from requests_app.services.event_log import anchors, event_chain, events, verification
from requests_app.services.event_log.event_chain import ChainReport
from tests import factories
from tests.security.roles import address

pytestmark = pytest.mark.django_db
HEAD = "ab" * 32
DAY = date(2026, 11, 22)


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Path:
    settings.ANCHOR_ROOT = tmp_path / "anchors"
    return tmp_path / "anchors"


@pytest.fixture
def key() -> Ed25519PrivateKey:
    return anchors.private_key(Path(os.environ["ANCHOR_KEY_FILE"]).read_bytes())


@pytest.fixture
def log(people: dict[str, Person]) -> int:
    """Some events; how many there are."""
    for number in range(10):
        events.record("test.plain", actor=people["auditor"], detail={"number": number})
    return Event.objects.count()


def lines(folder: Path) -> list[str]:
    return anchors.lines_of(folder / anchors.FILE_NAME)


def append(folder: Path, key: Ed25519PrivateKey, days: int = 0, count: int = 5) -> bool:
    report = ChainReport(count, HEAD, None)
    day = DAY + timedelta(days=days)
    return anchors.append(folder, report, day=day, at=timezone.now(), key=key) is not None


def problems(folder: Path) -> list[tuple[int, str]]:
    keys = anchors.public_keys(Path(os.environ["ANCHOR_PUBLIC_KEY_FILE"]).read_bytes())
    return [(problem.line, problem.words) for problem in anchors.check_lines(lines(folder), keys)[1]]


def anchor_now(folder: Path, key: Ed25519PrivateKey, days: int) -> None:
    """The chain as it is now, anchored on a day."""
    day = timezone.localdate() + timedelta(days=days)
    anchors.append(folder, event_chain.verify(), day=day, at=timezone.now(), key=key)


def run_command(folder: Path, *arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    try:
        call_command("verify_events", "--anchor", str(folder / anchors.FILE_NAME), *arguments, stdout=out)
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue()
    return 0, out.getvalue()


def tamper(statement: str, *values: object) -> None:
    with factories.behind_the_triggers(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def rewrite_from(seq: int) -> None:
    """Everything from `seq` on gets hashes that fit: what a superuser could do who knows how the chain is made."""
    previous = Event.objects.get(seq=seq - 1).hash
    for number in range(seq, Event.objects.count() + 1):
        tamper("UPDATE events.event SET previous_hash = %s WHERE seq = %s", previous, number)
        tamper("UPDATE events.event e SET hash = events.event_hash(e) WHERE seq = %s", number)
        previous = Event.objects.get(seq=number).hash


# -- the file ------------------------------------------------------------------------------------------------------


def test_a_day_has_one_line_and_each_names_the_one_before(folder: Path, key: Ed25519PrivateKey) -> None:
    assert [append(folder, key, days) for days in (0, 0, 1, 1, 5)] == [True, False, True, False, True]
    found = [json.loads(line) for line in lines(folder)]
    assert [line["day"] for line in found] == ["2026-11-22", "2026-11-23", "2026-11-27"]
    assert [line["previous"] for line in found[1:]] == [anchors.line_hash(line) for line in lines(folder)[:2]]
    assert problems(folder) == []
    assert (folder / anchors.FILE_NAME).stat().st_mode & 0o777 == 0o600


def test_a_clock_that_stepped_back_writes_nothing(folder: Path, key: Ed25519PrivateKey) -> None:
    append(folder, key)
    before = lines(folder)
    assert not append(folder, key, days=-1)
    assert lines(folder) == before


def test_a_line_left_unfinished_by_a_crash_is_written_again(folder: Path, key: Ed25519PrivateKey) -> None:
    append(folder, key)
    whole = (folder / anchors.FILE_NAME).read_bytes()
    for length in (1, 40, len(whole) - 1):
        (folder / anchors.FILE_NAME).write_bytes(whole + whole[:length])
        assert problems(folder) == []  # a line without its end was never written
        assert append(folder, key, days=1)
        assert problems(folder) == []
        assert len(lines(folder)) == 2


def test_a_full_disk_leaves_no_half_line(folder: Path, key: Ed25519PrivateKey, monkeypatch: pytest.MonkeyPatch) -> None:
    append(folder, key)
    before, really = lines(folder), os.write
    monkeypatch.setattr(os, "write", lambda descriptor, line: really(descriptor, line[:30]))
    with pytest.raises(OSError, match="to its end"):
        append(folder, key, days=1)
    monkeypatch.undo()
    assert (folder / anchors.FILE_NAME).read_text() == "".join(f"{line}\n" for line in before)


def _append_in_a_process(folder: Path, pem: bytes) -> None:
    append(folder, anchors.private_key(pem))


def test_two_processes_at_once_write_one_line(folder: Path) -> None:
    pem = Path(os.environ["ANCHOR_KEY_FILE"]).read_bytes()
    context = multiprocessing.get_context("fork")
    started = [context.Process(target=_append_in_a_process, args=(folder, pem)) for _ in range(4)]
    for process in started:
        process.start()
    for process in started:
        process.join(150)
    assert [process.exitcode for process in started] == [0, 0, 0, 0]
    assert len(lines(folder)) == 1


@pytest.mark.parametrize("seed", range(8))
def test_any_change_of_any_line_is_found(folder: Path, key: Ed25519PrivateKey, seed: int) -> None:
    for days in range(6):
        append(folder, key, days, count=10 + days)
    chance = random.Random(seed)
    whole = lines(folder)
    place = chance.randrange(len(whole) - 1)
    changes: dict[str, Any] = {
        "remove": lambda: whole[:place] + whole[place + 1 :],
        "repeat": lambda: [*whole[: place + 1], whole[place], *whole[place + 1 :]],
        "swap": lambda: [*whole[:place], whole[place + 1], whole[place], *whole[place + 2 :]],
        "count": lambda: [*whole[:place], whole[place].replace('"count":1', '"count":2'), *whole[place + 1 :]],
        "head": lambda: [*whole[:place], whole[place].replace("ab", "ba", 1), *whole[place + 1 :]],
        "noise": lambda: [*whole[:place], whole[place][:-9], *whole[place + 1 :]],
    }
    for name, change in changes.items():
        (folder / anchors.FILE_NAME).write_text("\n".join(change()) + "\n")
        assert problems(folder), name
        assert {line for line, _ in problems(folder)} & {place + 1, place + 2}, name


def test_a_line_of_somebody_elses_key_is_found(folder: Path, key: Ed25519PrivateKey) -> None:
    append(folder, key)
    append(folder, Ed25519PrivateKey.generate(), days=1)
    [(line, words)] = problems(folder)
    assert (line, "key that is not known" in words) == (2, True)


def test_a_key_of_another_kind_signs_nothing() -> None:
    with pytest.raises(ImproperlyConfigured, match="Ed25519"):
        anchors.private_key(Path(os.environ["WORKER_PRIVATE_KEY_FILE"]).read_bytes())
    with pytest.raises(ImproperlyConfigured, match="Ed25519"):
        anchors.public_keys(Path(os.environ["WORKER_PUBLIC_KEY_FILE"]).read_bytes())


# -- the chain against the file ------------------------------------------------------------------------------------


def test_cut_tail_is_found_with_the_anchor_only(log: int, folder: Path, key: Ed25519PrivateKey) -> None:
    anchor_now(folder, key, days=0)
    assert run_command(folder)[0] == 0
    tamper("DELETE FROM events.event WHERE seq > %s", log - 3)
    assert event_chain.verify().holds
    status, out = run_command(folder)
    assert status == 1
    assert f"line 1 holds {log} events" in out
    assert f"the log has {log - 3}: its end was cut off" in out


def test_cut_tail_that_new_events_filled_again_is_found(log: int, folder: Path, key: Ed25519PrivateKey) -> None:
    anchor_now(folder, key, days=0)
    tamper("DELETE FROM events.event WHERE seq > %s", log - 3)
    for _ in range(5):
        events.record("test.after", actor=None)
    assert event_chain.verify().holds
    status, out = run_command(folder)
    assert status == 1
    assert f"another hash for event {log}" in out


def test_past_written_anew_is_found_between_two_anchors(log: int, folder: Path, key: Ed25519PrivateKey) -> None:
    anchor_now(folder, key, days=-2)
    for _ in range(4):
        events.record("test.after", actor=None)
    anchor_now(folder, key, days=-1)
    events.record("test.last", actor=None)
    tamper("UPDATE events.event SET actor = 'Nobody' WHERE seq = %s", log + 2)
    rewrite_from(log + 2)
    assert event_chain.verify().holds
    status, out = run_command(folder)
    assert status == 1
    assert f"line 2 holds another hash for event {log + 4}" in out
    assert f"written anew between event {log + 1} and event {log + 4}" in out


def test_anchors_of_a_log_that_goes_on_hold(log: int, folder: Path, key: Ed25519PrivateKey) -> None:
    for days in (-3, -2, -1):
        anchor_now(folder, key, days)
        events.record("test.between", actor=None)
    status, out = run_command(folder)
    assert (status, "3 anchors" in out) == (0, True)
    status, out = run_command(folder, "--json")
    assert json.loads(out)["anchors"] == 3
    assert json.loads(out)["anchor_problems"] == []


def test_command_says_which_file_is_missing(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"no file of anchors: .*anchors\.jsonl"):
        run_command(folder)
    folder.mkdir()
    (folder / anchors.FILE_NAME).touch()
    with pytest.raises(CommandError, match="no file of the public keys"):
        run_command(folder, "--anchor-key", str(tmp_path / "nothing.pem"))


# -- the daily task ------------------------------------------------------------------------------------------------


def checked() -> list[Event]:
    return list(Event.objects.filter(kind="events.verify").order_by("seq"))


def test_daily_task_checks_anchors_and_records_once_a_day(log: int, folder: Path) -> None:
    for _ in range(3):
        tasks.verify_events()
    [event] = checked()
    assert event.outcome == "done"
    assert event.detail["count"] == log
    assert (event.detail["anchored"], event.detail["anchors"], event.detail["reasons"]) == (True, 1, [])
    [line] = lines(folder)
    assert (json.loads(line)["count"], json.loads(line)["head"]) == (log, event.detail["head"])
    assert run_command(folder)[0] == 0


def test_daily_task_killed_between_line_and_event_is_caught_up(log: int, folder: Path, key: Ed25519PrivateKey) -> None:
    anchor_now(folder, key, days=0)
    events.record("test.after", actor=None)
    tasks.verify_events()
    [event] = checked()
    assert (event.outcome, event.detail["count"], len(lines(folder))) == ("done", log + 1, 1)


def test_daily_task_of_the_next_day_adds_a_line(log: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tasks.verify_events()
    tomorrow = timezone.now() + timedelta(days=1)
    monkeypatch.setattr(timezone, "now", lambda: tomorrow)
    tasks.verify_events()
    assert [event.detail["anchors"] for event in checked()] == [1, 2]
    assert len(lines(folder)) == 2


def test_daily_task_tells_the_auditors_and_anchors_nothing_that_does_not_hold(
    log: int, folder: Path, people: dict[str, Person]
) -> None:
    tamper("UPDATE events.event SET outcome = 'refused' WHERE seq = %s", log - 4)
    tasks.verify_events()
    [event] = checked()
    assert event.outcome == "failed"
    assert f"Event {log - 4} is the first that does not hold" in event.detail["reasons"][0]
    assert not (folder / anchors.FILE_NAME).exists()
    [notice] = Notice.objects.filter(person=people["auditor"])
    assert notice.path == "/events/"


def test_daily_task_finds_a_cut_tail_by_itself(log: int, folder: Path, key: Ed25519PrivateKey) -> None:
    anchor_now(folder, key, days=-1)
    tamper("DELETE FROM events.event WHERE seq > %s", log - 1)
    tasks.verify_events()
    assert "cut off" in checked()[0].detail["reasons"][0]


def test_daily_task_without_a_key_says_so(log: int, folder: Path, settings: Settings) -> None:
    settings.ANCHOR_KEY_FILE = None
    tasks.verify_events()
    assert checked()[0].outcome == "failed"
    assert checked()[0].detail["reasons"] == ["The head was not anchored: this worker has no ANCHOR_KEY_FILE."]


DAILY_CHECK = "import django; django.setup(); from requests_app import tasks; tasks.verify_events()"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("kind", "anchored"), [(Kind.WORKER, True), (Kind.INTERACTIVE, False)])
def test_daily_task_in_a_process_with_the_workers_role_and_environment(
    kind: Kind, anchored: bool, people: dict[str, Person], folder: Path
) -> None:
    """A real interpreter with what its kind is given and no more: only the worker of the long jobs can sign."""
    own = launch.environment(kind, os.environ) | {
        "WORKER_DATABASE_URL": address("wr_worker"),
        "ANCHOR_ROOT": str(folder),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", DAILY_CHECK], env=own, cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    event = Event.objects.get(kind="events.verify")
    assert (event.process, event.detail["anchored"]) == ("worker", anchored)
    assert (folder / anchors.FILE_NAME).exists() is anchored
    assert not anchored or run_command(folder)[0] == 0


@pytest.fixture
def held_by_another(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True)
    with verification._alone(folder / verification.LOCK) as alone:
        assert alone
        yield


@pytest.mark.usefixtures("held_by_another")
def test_daily_task_leaves_alone_what_another_worker_does(log: int) -> None:
    assert verification.verify_daily() is None
    assert checked() == []
