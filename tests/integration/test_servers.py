"""The servers of a checkout: one owner, others borrow, and a test run keeps to itself."""

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from config.embedded import AlreadyRunning, find_place
from config.servers import servers_of_demo, servers_of_test

GIVEN = {"PATH": "/usr/bin:/bin", "WR_LEFTOVER": "from the shell"}


@pytest.fixture
def run_folder(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "run"
    yield folder
    shutil.rmtree(find_place(folder).root)


def connects(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def test_demo_servers_are_borrowed_by_a_second_command_and_end_with_the_first(run_folder: Path) -> None:
    with servers_of_demo(GIVEN, own=True, run_folder=run_folder) as first:
        with servers_of_demo(GIVEN, own=False, run_folder=run_folder) as second:
            assert second == first
        assert all(connects(first[name]) for name in ("DATABASE_URL", "WEB_DATABASE_URL", "LOADER_DATABASE_URL"))
        assert (run_folder / "servers.json").stat().st_mode & 0o777 == 0o600
        assert "SUPERUSER_DATABASE_URL" not in first

    assert not connects(first["DATABASE_URL"])
    assert not (run_folder / "servers.json").exists()


def test_demo_servers_are_served_once(run_folder: Path) -> None:
    with (
        servers_of_demo(GIVEN, own=True, run_folder=run_folder),
        pytest.raises(AlreadyRunning, match="already being served"),
        servers_of_demo(GIVEN, own=True, run_folder=run_folder),
    ):
        pass


def test_demo_servers_data_and_passwords_are_kept(run_folder: Path) -> None:
    with servers_of_demo(GIVEN, own=True, run_folder=run_folder) as environment:
        with psycopg.connect(environment["DATABASE_URL"], autocommit=True) as owner:
            owner.execute("CREATE SCHEMA kept")
        key = Path(environment["SSN_KEY_FILE"]).read_bytes()

    with servers_of_demo(GIVEN, own=False, run_folder=run_folder) as environment:
        assert Path(environment["SSN_KEY_FILE"]).read_bytes() == key
        with psycopg.connect(environment["DATABASE_URL"]) as owner:
            assert owner.execute("SELECT to_regnamespace('kept') IS NOT NULL").fetchone() == (True,)


def test_short_command_waits_for_its_borrowers_before_it_stops_the_servers(run_folder: Path) -> None:
    borrowed, seen = threading.Event(), []

    def borrow() -> None:
        with servers_of_demo(GIVEN, own=False, run_folder=run_folder) as environment:
            borrowed.set()
            time.sleep(1)
            seen.append(connects(environment["DATABASE_URL"]))

    with servers_of_demo(GIVEN, own=False, run_folder=run_folder):
        thread = threading.Thread(target=borrow)
        thread.start()
        assert borrowed.wait(30)
    thread.join()

    assert seen == [True]


def test_given_servers_are_used_and_get_the_missing_roles(run_folder: Path) -> None:
    with servers_of_test(GIVEN) as outside:
        given = GIVEN | {name: outside[name] for name in ("DATABASE_URL", "REDIS_URL", "WEB_DATABASE_URL")}
        with servers_of_demo(given, own=True, run_folder=run_folder) as environment:
            assert {name: environment[name] for name in given} == given
            assert environment["WORKER_DATABASE_URL"] != outside["WORKER_DATABASE_URL"]
            assert connects(environment["WORKER_DATABASE_URL"])
            assert not (find_place(run_folder).root / "postgres").exists()


def test_test_servers_are_new_each_time_and_gone_afterwards() -> None:
    with servers_of_test(GIVEN) as first, servers_of_test(GIVEN) as second:
        assert first["DATABASE_URL"] != second["DATABASE_URL"]
        assert first["VAULT_ROOT"] != second["VAULT_ROOT"]
        assert "WR_LEFTOVER" not in first
        assert connects(first["SUPERUSER_DATABASE_URL"])

    assert not Path(first["SERVERS_ROOT"]).exists()
    assert not connects(second["DATABASE_URL"])
