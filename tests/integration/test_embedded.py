"""The embedded servers, for real: start, restart, kill, two at a time, and nothing left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from config.embedded import Place, Postgres, Redis, ensure_keys, ensure_owner, ensure_roles, find_place
from config.embedded.keys import MARK, private_text
from config.embedded.place import CHECKOUT, SCRATCH
from config.embedded.process import AlreadyRunning
from config.launch import environment


@pytest.fixture
def place() -> Place:
    return find_place()


@pytest.fixture
def folder(place: Place) -> Iterator[Path]:
    with place.scratch() as path:
        yield path


@pytest.fixture
def postgres(place: Place, folder: Path) -> Iterator[Postgres]:
    with Postgres(folder / "postgres", place=place, throwaway=True) as server:
        yield server


def ask(url: str, statement: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement)  # type: ignore[arg-type]
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def is_alive(pid: int) -> bool:
    """A zombie that nobody has waited for yet is not alive."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def has_ended(pid: int, seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not is_alive(pid)


def test_postgres_listens_on_tcp_with_a_password_only(postgres: Postgres) -> None:
    assert ask(postgres.url, "SELECT current_setting('unix_socket_directories')") == ""
    assert ask(postgres.url, "SELECT current_setting('server_encoding')") == "UTF8"
    wrong = postgres.url_of("postgres", "wrong", "postgres")
    with pytest.raises(psycopg.OperationalError, match="authentication failed"):
        psycopg.connect(wrong)


def test_postgres_start_twice_is_one_server(postgres: Postgres) -> None:
    pid = postgres.pid

    postgres.start()

    assert postgres.pid == pid


@pytest.mark.parametrize("way", ["stop", "kill"])
def test_postgres_data_and_address_survive_a_restart(postgres: Postgres, way: str) -> None:
    ask(postgres.url, "CREATE TABLE kept AS SELECT 42 AS value")
    address, pid = postgres.url, postgres.pid
    assert pid

    getattr(postgres, way)()
    assert has_ended(pid)
    postgres.start()

    assert postgres.url == address
    assert ask(address, "SELECT value FROM kept") == 42


def test_postgres_another_object_uses_the_existing_cluster(postgres: Postgres, place: Place) -> None:
    ask(postgres.url, "CREATE TABLE kept AS SELECT 42 AS value")
    postgres.stop()

    with Postgres(postgres.data_dir, place=place) as second:
        assert ask(second.url, "SELECT value FROM kept") == 42


def test_postgres_refuses_a_cluster_in_use(postgres: Postgres, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.embedded.postgres.PATIENCE_SECONDS", 0.2)

    with pytest.raises(AlreadyRunning, match=str(postgres.pid)):
        Postgres(postgres.data_dir, place=place).start()

    assert ask(postgres.url, "SELECT 1") == 1


def test_postgres_stale_pid_file_of_a_living_stranger_is_removed(postgres: Postgres) -> None:
    lines = (postgres.data_dir / "postmaster.pid").read_text().splitlines()
    postgres.stop()
    lines[0] = str(os.getpid())
    (postgres.data_dir / "postmaster.pid").write_text("\n".join(lines) + "\n")

    postgres.start()

    assert ask(postgres.url, "SELECT 1") == 1


def test_postgres_two_at_a_time_do_not_see_each_other(postgres: Postgres, place: Place, folder: Path) -> None:
    with Postgres(folder / "second", place=place, throwaway=True) as second:
        ask(second.url, "CREATE TABLE elsewhere ()")

        assert second.port != postgres.port
        assert ask(postgres.url, "SELECT to_regclass('elsewhere')") is None


def test_postgres_log_holds_no_statement_and_no_password(postgres: Postgres) -> None:
    ensure_owner(postgres.url, "owner-secret")
    with pytest.raises(psycopg.errors.DivisionByZero):
        ask(postgres.url, "SELECT 'statement-secret', 1/0")

    log = postgres.log.read_text()
    assert "division by zero" in log
    assert "statement-secret" not in log
    assert "owner-secret" not in log


def test_postgres_log_quotes_no_key_and_no_line_of_copy(postgres: Postgres) -> None:
    with psycopg.connect(postgres.url, autocommit=True) as own:
        own.execute("CREATE TEMP TABLE vault (token text PRIMARY KEY, person integer)")
        own.execute("INSERT INTO vault VALUES ('key-secret', 1)")
        with pytest.raises(psycopg.errors.UniqueViolation, match="key-secret"):
            own.execute("INSERT INTO vault VALUES ('key-secret', 2)")
        with pytest.raises(psycopg.errors.BadCopyFileFormat), own.cursor().copy("COPY vault FROM STDIN") as copy:
            copy.write(b"line-secret\n")

    log = postgres.log.read_text()
    assert "violates unique constraint" in log
    assert "missing data for column" in log
    assert "key-secret" not in log
    assert "line-secret" not in log


def test_roles_can_log_in_and_the_owner_makes_them(postgres: Postgres) -> None:
    owner = ensure_owner(postgres.url, "o:/ @", for_tests=True)
    passwords = {"wr_web": "w", "wr_worker": "k"}

    addresses = ensure_roles(owner, passwords)

    assert {role: ask(url, "SELECT current_user") for role, url in addresses.items()} == {
        role: role for role in passwords
    }
    assert ask(owner, "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user") is False
    assert ask(addresses["wr_web"], "SELECT has_database_privilege(current_database(), 'TEMPORARY')") is False
    ask(owner, "SET session_replication_role = replica")


def test_roles_again_keeps_the_passwords_that_work(postgres: Postgres) -> None:
    owner = ensure_owner(postgres.url, "o")
    ensure_roles(owner, {"wr_web": "first"})
    verifier = "SELECT rolpassword FROM pg_authid WHERE rolname = 'wr_web'"
    before = ask(postgres.url, verifier)

    ensure_roles(owner, {"wr_web": "first"})
    assert ask(postgres.url, verifier) == before

    ensure_roles(owner, {"wr_web": "second"})
    assert ask(postgres.url, verifier) != before


def test_redis_needs_its_password_and_restarts_empty_at_the_same_address(place: Place, folder: Path) -> None:
    with Redis(folder / "redis", place=place) as server:
        address = server.url
        with redis.from_url(address) as client:
            client.set("queued", 1)
        with redis.Redis(port=server.port) as stranger, pytest.raises(redis.AuthenticationError):
            stranger.ping()

        server.kill()
        server.start()

        assert server.url == address
        with redis.from_url(address) as client:
            assert client.dbsize() == 0


def test_servers_stop_leaves_no_process_and_no_port(place: Place, folder: Path) -> None:
    with Postgres(folder / "postgres", place=place) as database, Redis(folder / "redis", place=place) as queue:
        pids = [database.pid, queue.pid]

    assert all(pid and has_ended(pid) for pid in pids)
    with pytest.raises(psycopg.OperationalError, match="refused"):
        psycopg.connect(database.url)


STARTER = """
import sys, time
from pathlib import Path
from config.embedded import Postgres, Redis, find_place
with find_place().scratch() as folder:
    database, queue = Postgres(folder / "postgres").start(), Redis(folder / "redis").start()
    print(folder, database.pid, queue.pid, flush=True)
    time.sleep(60)
"""


def test_servers_end_when_their_starter_is_killed(place: Place) -> None:
    starter = subprocess.Popen([sys.executable, "-c", STARTER], stdout=subprocess.PIPE, text=True, cwd=CHECKOUT)
    assert starter.stdout
    folder, *pids = starter.stdout.readline().split()

    starter.send_signal(signal.SIGKILL)
    starter.communicate()

    assert all(has_ended(int(pid)) for pid in pids)
    assert is_removed_by_the_next_maker(place, Path(folder))


def is_removed_by_the_next_maker(place: Place, folder: Path, seconds: float = 15) -> bool:
    """By one of the next few: a server's last child may still be writing when the first comes."""
    deadline = time.monotonic() + seconds
    while folder.exists() and time.monotonic() < deadline:
        with place.scratch():
            time.sleep(0.05)
    return not folder.exists()


def test_place_is_kept_between_starts_and_refuses_a_link(place: Place, folder: Path) -> None:
    assert find_place().root == place.root
    (folder / "link").symlink_to("/tmp")  # noqa: S108  the point is a folder of somebody else

    with pytest.raises(PermissionError, match="only user"):
        place.own_folder(folder / "link")

    assert folder.name.startswith(SCRATCH)


def test_keys_are_made_once_private_and_marked(tmp_path: Path) -> None:
    made = ensure_keys(tmp_path / "secrets")
    before = {name: Path(path).read_bytes() for name, path in made.items()}

    again = ensure_keys(tmp_path / "secrets")

    assert {name: Path(path).read_bytes() for name, path in again.items()} == before
    assert {Path(path).stat().st_mode & 0o777 for path in made.values()} == {0o600}
    assert len(before["SSN_KEY_FILE"]) == len(before["MFA_KEY_FILE"]) == 32
    assert (tmp_path / "secrets" / MARK).exists()


def test_private_text_does_not_follow_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")

    with pytest.raises(FileExistsError):
        private_text(tmp_path / "link", "secret")

    assert not (tmp_path / "target").exists()


SECRETS = {
    "DATABASE_URL": set(),
    "SUPERUSER_DATABASE_URL": set(),
    "WEB_DATABASE_URL": {"web", "scheduler"},
    "WORKER_DATABASE_URL": {"worker", "interactive"},
    "LOADER_DATABASE_URL": {"loader"},
    "SECRET_KEY_FILE": {"web"},
    "MFA_KEY_FILE": {"web"},
    "SSN_KEY_FILE": {"worker", "interactive", "loader"},
    "SSN_KEY_FILE_NEXT": {"worker", "interactive", "loader"},
    "WORKER_PRIVATE_KEY_FILE": {"worker", "interactive"},
    "KEY_ROOT": {"worker", "interactive"},
    "SEGMENT_ROOT": {"worker", "interactive", "loader"},
    "ANCHOR_KEY_FILE": {"worker"},
    "SERVERS_ROOT": set(),
}


@pytest.mark.parametrize("name", SECRETS)
def test_environment_gives_a_secret_to_its_own_processes_only(name: str) -> None:
    base = dict.fromkeys(SECRETS, "value") | {"PATH": "/bin"}

    given = {
        kind for kind in ("web", "worker", "interactive", "scheduler", "loader") if name in environment(kind, base)
    }

    assert given == SECRETS[name]
