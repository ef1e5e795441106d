"""Rotation of the SSN key: persons, wage records and packages stay; loads and matches go on at every moment of it."""

import io
import re
import secrets
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from matching import store
from matching.core.load_files.rejects import LoadRefused
from matching.core.micro.package import build_micro_package
from matching.core.micro.records import Source, attach_ids
from matching.core.tokens import ssns, tokens
from matching.loads.loading import load_wage_records
from matching.models import VaultKey, VaultPerson
from matching.vault import keys as vault_keys
from matching.vault import rotation as key_rotation
from matching.vault import rotation_tables
from matching.vault.rotation import RotationRefused, abandon, rotate
from requests_app.models import Event
from tests.integration.matching.test_loads import records, specimen
from tests.integration.matching.test_roles import role
from tests.security.roles import connected

pytestmark = pytest.mark.django_db
PERSONS = 57
FOUR_DIGITS = re.compile(r"\d{4}")


@pytest.fixture
def keys(settings: Any, tmp_path: Path) -> Callable[[str], bytes]:
    """Writes a new next key and names its file in the settings; gives the key."""

    def make(name: str = "next") -> bytes:
        settings.SSN_KEY_FILE_NEXT = tmp_path / name
        settings.SSN_KEY_FILE_NEXT.write_bytes(secrets.token_bytes(32))
        return bytes(settings.SSN_KEY_FILE_NEXT.read_bytes())

    return make


@pytest.fixture
def loaded(tmp_path: Path) -> None:
    """Two quarters of some persons; some work in one quarter only, some rows are unmatchable."""
    rows = [{"ssn": specimen(n), "wage": n, "uin": n % 5 + 1} for n in range(1, PERSONS + 1)]
    load_wage_records(records(tmp_path / "a.csv", *rows, {"ssn": "0" * 9}))
    load_wage_records(records(tmp_path / "b.csv", *rows[::2], quarter=20162))


def silent(_step: str, _done: int, _known: int) -> None:
    """The progress nobody looks at."""


def vault() -> dict[int, bytes]:
    """Person -> token."""
    ids, token = rotation_tables.read(0, 2**31 - 1)
    return {int(person): row.tobytes() for person, row in zip(ids, token, strict=True)}


def people_of(key: bytes) -> dict[int, int]:
    """Person -> number, with every token read under `key`."""
    ids, token = rotation_tables.read(0, 2**31 - 1)
    return dict(zip(ids.tolist(), ssns(token, key).tolist(), strict=True))


def resolved(*numbers: str) -> list[int]:
    """Persons found the way a match finds them."""
    with vault_keys.held() as live:
        return store.resolve(tokens(np.array([int(n) for n in numbers], np.uint32), live.key)).tolist()


def records_kept() -> list[tuple[Any, ...]]:
    """Every wage record with the place it lies at: a row that was written again would lie elsewhere."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text, ctid::text, r FROM wages.wage_record r ORDER BY 1, 2")
        return list(cursor.fetchall())


def package() -> bytes:
    """A micro package of both quarters for everybody, built from the match as the worker builds it."""
    cohort = [specimen(n) for n in range(1, PERSONS + 1)]
    found = np.array(resolved(*cohort), np.int32)
    ids = np.array([f"P{n:03d}".encode() for n in range(len(cohort))])
    tables = {
        quarter: attach_ids(store.match(found, store.open_quarter(quarter, ["44"])).table(), ids)
        for quarter in (20161, 20162)
    }
    sources = [Source(quarter, partial(iter, [table])) for quarter, table in tables.items()]
    stream = io.BytesIO()
    build_micro_package(stream, sources, request_number="WR-2026-000001", summaries=[], form_text="As asked.")
    return stream.getvalue()


@pytest.mark.usefixtures("loaded")
def test_rotation_keeps_persons_records_and_package_bytes(keys: Callable[..., bytes], settings: Any) -> None:
    old_key, next_key = vault_keys.live_key().key, keys()
    before, bytes_before, records_before, tokens_before = people_of(old_key), package(), records_kept(), vault()

    done = rotate(silent, batch=10)

    assert (done.version, done.persons, done.unchanged) == (2, PERSONS, False)
    assert people_of(next_key) == before
    assert not set(tokens_before.values()) & set(vault().values())
    assert (records_kept(), package()) == (records_before, bytes_before)
    assert set(VaultPerson.objects.values_list("key_version", flat=True)) == {2}
    settings.SSN_KEY_FILE, settings.SSN_KEY_FILE_NEXT = settings.SSN_KEY_FILE_NEXT, None
    assert package() == bytes_before
    assert rotation_tables.is_there() is False
    assert list(
        Event.objects.filter(kind__startswith="vault.").order_by("seq").values_list("kind", "subject", "detail")
    ) == [
        ("vault.rotate_key_begin", "version 1 to 2", {}),
        ("vault.rotate_key", "version 1 to 2", {"persons": PERSONS}),
    ]


@pytest.mark.usefixtures("loaded")
def test_old_key_is_retired_and_refused(keys: Callable[..., bytes], settings: Any, tmp_path: Path) -> None:
    keys()
    rotate(silent)
    settings.SSN_KEY_FILE_NEXT = None
    for attempt in (lambda: resolved(specimen(1)), lambda: load_wage_records(records(tmp_path / "c.csv", {"wage": 9}))):
        with pytest.raises(LoadRefused, match="version 2"):
            attempt()
    assert [(key.version, key.retired_at is None) for key in VaultKey.objects.order_by("version")] == [
        (1, False), (2, True),
    ]  # fmt: skip


class Stopped(Exception):
    """A kill, as far as one process can play it."""


def stop_after(step: str, count: int) -> Callable[[str, int, int], None]:
    """A progress that does not let the rotation go on after the step was told of so many times."""
    seen: list[str] = []

    def progress(what: str, _done: int, _known: int) -> None:
        seen.append(what)
        if seen.count(step) == count:
            raise Stopped

    return progress


MOMENTS = [("Rewritten", 1), ("Rewritten", 6), ("Indexes", 1), ("Verified", 1), ("Verified", 6)]


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize(("step", "count"), MOMENTS)
def test_stopped_rotation_lets_loads_and_matches_go_on_and_goes_on_itself(
    step: str, count: int, keys: Callable[..., bytes], tmp_path: Path
) -> None:
    old_key, next_key = vault_keys.live_key().key, keys()
    before, bytes_before = people_of(old_key), package()
    with pytest.raises(Stopped):
        rotate(stop_after(step, count), batch=10)

    assert package() == bytes_before
    new_and_known = [{"ssn": specimen(n), "wage": n} for n in (1, PERSONS, 900, 901)]
    load_wage_records(records(tmp_path / "c.csv", *new_and_known, quarter=20163))
    found = resolved(specimen(1), specimen(900), specimen(901))

    told: list[int] = []
    rotate(lambda what, done, _known: told.append(done) if what == "Rewritten" else None, batch=10)
    after = people_of(next_key)
    assert before.items() <= after.items()
    assert sorted(after.values()) == sorted([*before.values(), int(specimen(900)), int(specimen(901))])
    assert resolved(specimen(1), specimen(900), specimen(901)) == found
    assert package() == bytes_before
    assert step == "Rewritten" or all(done > PERSONS for done in told)  # what was rewritten is not rewritten again


@pytest.mark.usefixtures("loaded")
def test_persons_of_a_load_after_the_rotation_get_new_numbers(keys: Callable[..., bytes], tmp_path: Path) -> None:
    keys()
    rotate(silent)
    result = load_wage_records(records(tmp_path / "c.csv", {"ssn": specimen(900)}, {"ssn": specimen(2)}, quarter=20163))
    assert result.rows == 2
    (fresh,) = resolved(specimen(900))
    assert fresh > PERSONS
    assert VaultPerson.objects.count() == PERSONS + 1


@pytest.mark.usefixtures("loaded")
def test_rotation_repeated_changes_nothing_and_two_rotations_follow_each_other(
    keys: Callable[..., bytes], settings: Any
) -> None:
    bytes_before = package()
    keys()
    rotate(silent)
    after_one = vault()
    assert rotate(silent).unchanged
    assert vault() == after_one
    settings.SSN_KEY_FILE = settings.SSN_KEY_FILE_NEXT
    keys("third")
    assert rotate(silent, batch=20).version == 3
    assert package() == bytes_before


@pytest.mark.usefixtures("loaded")
def test_rotation_given_up_leaves_the_vault_and_another_key_may_follow(keys: Callable[..., bytes]) -> None:
    before = vault()
    keys()
    with pytest.raises(Stopped):
        rotate(stop_after("Verified", 1))
    keys("another")
    with pytest.raises(RotationRefused, match="not finished"):
        rotate(silent)
    assert abandon() == 2
    assert (vault(), rotation_tables.is_there()) == (before, False)
    assert rotate(silent).version == 3
    with pytest.raises(RotationRefused, match="No rotation"):
        abandon()


def spoil(statement: str) -> Callable[[str, int, int], None]:
    """A progress that changes the next vault before it is verified."""

    def progress(what: str, _done: int, _known: int) -> None:
        if what == "Indexes":
            with connection.cursor() as cursor:
                cursor.execute(statement)

    return progress


SPOILED = {
    "another token": "UPDATE vault.person_next SET token = gen_random_uuid() WHERE person_id = 3",
    "two persons swapped": """
        UPDATE vault.person_next n SET token = o.token FROM vault.person_next o
        WHERE (n.person_id, o.person_id) IN ((3, 4), (4, 3))""",
    "a token twice": "UPDATE vault.person_next SET token = (SELECT min(token::text)::uuid FROM vault.person_next)",
    "a person less, another more": "UPDATE vault.person_next SET person_id = 999 WHERE person_id = 3",
    "a person too many": "INSERT INTO vault.person_next VALUES (999, gen_random_uuid(), 2)",
    "another version": "UPDATE vault.person_next SET key_version = 1 WHERE person_id = 3",
}


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("case", SPOILED)
def test_vault_that_is_not_the_same_is_not_switched_to(case: str, keys: Callable[..., bytes]) -> None:
    before, bytes_before = vault(), package()
    first = min(before)
    keys()
    with pytest.raises(RotationRefused) as refused:
        rotate(spoil(shifted(SPOILED[case], first)))
    assert not FOUR_DIGITS.search(str(refused.value))
    assert refused.value.__cause__ is None
    assert (vault(), package()) == (before, bytes_before)
    failed = Event.objects.get(kind="vault.rotate_key")
    assert (failed.outcome, failed.subject) == ("failed", "version 1 to 2")


def shifted(statement: str, first: int) -> str:
    """The statement with persons counted from the first number given in this test."""
    return re.sub(r"\b([34])\b", lambda found: str(first + int(found[0])), statement)


@pytest.mark.usefixtures("loaded")
def test_switch_waits_for_whoever_reads_the_vault(keys: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    before = vault()
    keys()
    monkeypatch.setattr(key_rotation, "SWITCH_TRIES", 1)
    with connected("wr_worker", autocommit=False) as worker:
        worker.execute("LOCK TABLE vault.person IN ACCESS SHARE MODE")  # as `vault_keys.held` does
        with pytest.raises(RotationRefused, match="reading the vault all the time"):
            rotate(silent)
        assert (vault(), rotation_tables.is_there()) == (before, True)
        worker.execute("SELECT count(*) FROM vault.person")
    told: list[str] = []
    assert rotate(lambda what, _done, _known: told.append(what)).version == 2
    assert "Rewritten" not in told


@pytest.mark.usefixtures("loaded")
def test_rotation_is_refused_without_the_right_keys(keys: Callable[..., bytes], settings: Any, tmp_path: Path) -> None:
    settings.SSN_KEY_FILE_NEXT = None
    with pytest.raises(CommandError, match="SSN_KEY_FILE_NEXT"):
        call_command("rotate_ssn_key")
    keys()
    kept, settings.SSN_KEY_FILE = settings.SSN_KEY_FILE, tmp_path / "foreign"
    settings.SSN_KEY_FILE.write_bytes(secrets.token_bytes(32))
    with pytest.raises(CommandError, match="version 1"):
        call_command("rotate_ssn_key")
    settings.SSN_KEY_FILE = kept
    settings.SSN_KEY_FILE_NEXT.write_bytes(b"short")
    with pytest.raises(CommandError, match="32 random bytes"):
        call_command("rotate_ssn_key")
    settings.SSN_KEY_FILE_NEXT.write_bytes(b"")
    with pytest.raises(CommandError, match="Name the file"):
        call_command("rotate_ssn_key")
    assert not rotation_tables.is_there()


@pytest.mark.usefixtures("loaded")
def test_key_once_retired_is_not_used_again(keys: Callable[..., bytes], settings: Any) -> None:
    keys()
    rotate(silent)
    settings.SSN_KEY_FILE, settings.SSN_KEY_FILE_NEXT = settings.SSN_KEY_FILE_NEXT, settings.SSN_KEY_FILE
    with pytest.raises(RotationRefused, match="in use before"):
        rotate(silent)


def test_empty_vault_is_not_rotated(keys: Callable[..., bytes]) -> None:
    keys()
    with pytest.raises(RotationRefused, match="empty"):
        rotate(silent)


@pytest.mark.usefixtures("loaded")
def test_loader_rotates_and_nobody_else(keys: Callable[..., bytes]) -> None:
    keys()
    with connection.cursor() as cursor:
        for name in ("wr_loader", "wr_worker", "wr_web"):
            cursor.execute(f"GRANT {name} TO wr_owner")
    with role("wr_loader"):
        out = io.StringIO()
        call_command("rotate_ssn_key", stdout=out)
    assert f"{PERSONS} persons verified" in out.getvalue()
    with role("wr_worker"):
        assert min(resolved(specimen(1), specimen(PERSONS))) > 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege('wr_loader', 'vault.person', 'SELECT, INSERT')")
        assert cursor.fetchone() == (True,)
