"""What a process is not given it cannot leak: environments, settings, a real web process hold their own only.

The limit of these tests: on one machine all processes run as one user, so the operating system lets the web process
open another's key file if it learns its path from elsewhere. Production runs them in containers of their own, each
with its own secrets mounted (docs/adr/0002); what is proven here is that nobody hands web a path or a key.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import launch
from config.embedded.place import CHECKOUT
from config.embedded.process import free_port
from config.launch import Kind

# Variables that lead to what only some may have; the value is what must not appear elsewhere, in any form.
OWNERS = {
    "DATABASE_URL": set(),
    "SUPERUSER_DATABASE_URL": set(),
    "WEB_DATABASE_URL": {Kind.WEB, Kind.SCHEDULER},
    "WORKER_DATABASE_URL": {Kind.WORKER, Kind.INTERACTIVE},
    "LOADER_DATABASE_URL": {Kind.LOADER},
    "WORKER_PRIVATE_KEY_FILE": {Kind.WORKER, Kind.INTERACTIVE},
    "KEY_ROOT": {Kind.WORKER, Kind.INTERACTIVE},
    "SEGMENT_ROOT": {Kind.WORKER, Kind.INTERACTIVE, Kind.LOADER},
    "SSN_KEY_FILE": {Kind.WORKER, Kind.INTERACTIVE, Kind.LOADER},
    "ANCHOR_KEY_FILE": {Kind.WORKER},
    "ANCHOR_PUBLIC_KEY_FILE": {Kind.WORKER},
    "SECRET_KEY_FILE": {Kind.WEB},
    "MFA_KEY_FILE": {Kind.WEB},
}
NOT_WEBS = [name for name, owners in OWNERS.items() if Kind.WEB not in owners]


@pytest.mark.parametrize("kind", list(Kind))
def test_environment_holds_the_secrets_of_its_kind_and_no_others(kind: Kind) -> None:
    given = launch.environment(kind, os.environ | {"A_TOKEN_OF_THE_SHELL": "secret"})
    assert {name for name in OWNERS if name in given} == {name for name, owners in OWNERS.items() if kind in owners}
    others = {os.environ[name] for name, owners in OWNERS.items() if kind not in owners}
    assert not others & set(given.values())
    assert "A_TOKEN_OF_THE_SHELL" not in given
    assert given["WR_PROCESS"] == ("worker" if kind is Kind.INTERACTIVE else kind.value)


def test_every_secret_of_an_environment_is_named_above() -> None:
    """A new variable that leads to a secret must be given to somebody here."""
    shared = {"REDIS_URL", "WORKER_PUBLIC_KEY_FILE"}
    endings = ("_KEY_FILE", "DATABASE_URL", "REDIS_URL", "KEY_ROOT", "SEGMENT_ROOT", "_KEY")
    assert {name for name in os.environ if name.endswith(endings)} - shared == set(OWNERS)


IMPORT = """
import json
import psycopg
from django.conf import settings
base = settings.DATABASES["default"]
names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
with psycopg.connect(**{to: base[name] for name, to in names.items()}) as connection:
    role = connection.execute("SELECT current_user").fetchone()[0]
keys = ["WORKER_PRIVATE_KEY_FILE", "SSN_KEY_FILE", "MFA_KEY_FILE", "KEY_ROOT", "ANCHOR_KEY_FILE"]
print(json.dumps([settings.WR_PROCESS, role, [key for key in keys if getattr(settings, key)]]))
"""
EXPECTED = {
    Kind.WEB: '["web", "wr_web", ["MFA_KEY_FILE"]]',
    Kind.SCHEDULER: '["scheduler", "wr_web", []]',
    Kind.WORKER: '["worker", "wr_worker", ["WORKER_PRIVATE_KEY_FILE", "SSN_KEY_FILE", "KEY_ROOT", "ANCHOR_KEY_FILE"]]',
    Kind.INTERACTIVE: '["worker", "wr_worker", ["WORKER_PRIVATE_KEY_FILE", "SSN_KEY_FILE", "KEY_ROOT"]]',
    Kind.LOADER: '["loader", "wr_loader", ["SSN_KEY_FILE"]]',
}


def test_settings_work_in_every_process_with_its_own_environment_only() -> None:
    """Each in a real interpreter, all at once; the role is the one PostgreSQL sees."""
    started = {
        kind: subprocess.Popen(
            [sys.executable, "-c", IMPORT],
            env=launch.environment(kind, os.environ) | {"DJANGO_SETTINGS_MODULE": "config.settings"},
            cwd=CHECKOUT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for kind in EXPECTED
    }
    assert {kind: process.communicate(timeout=400)[0].strip() for kind, process in started.items()} == EXPECTED


@pytest.mark.parametrize("kind", ["web", "worker"])
def test_settings_do_not_load_without_the_processs_own_secret(kind: str) -> None:
    missing = {"web": "SECRET_KEY_FILE", "worker": "WORKER_DATABASE_URL"}[kind]
    environment = {name: value for name, value in launch.environment(kind, os.environ).items() if name != missing}
    command = [sys.executable, "-c", "import config.settings"]
    done = subprocess.run(command, env=environment, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert f"Set {missing.removesuffix('_FILE')}" in done.stderr


@pytest.fixture(scope="module")
def web_processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[int]]:
    """The process ids of a real web server that has answered: its master and its workers."""
    folder = tmp_path_factory.mktemp("log")
    base = os.environ | {"PORT": str(free_port()), "LOG_ROOT": str(folder)}
    process = launch.start(Kind.WEB, base)
    try:
        launch.wait_for_web(process, base)
        # The first worker may answer before the master has started the others.
        deadline = time.monotonic() + 200
        while len(workers_of(process.pid)) < launch.WEB_PROCESSES and time.monotonic() < deadline:
            time.sleep(0.1)
        yield [process.pid, *workers_of(process.pid)]
    finally:
        launch.stop(process)


def workers_of(master: int) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{master}/task/{master}/children").read_text().split()]


def test_web_process_has_no_others_secret_in_environment_command_line_or_open_files(web_processes: list[int]) -> None:
    assert len(web_processes) == 1 + launch.WEB_PROCESSES
    forbidden = {name: os.environ[name].encode() for name in NOT_WEBS}
    for pid in web_processes:
        known = Path(f"/proc/{pid}/environ").read_bytes() + Path(f"/proc/{pid}/cmdline").read_bytes()
        known += b"\0".join(os.readlink(link).encode() for link in Path(f"/proc/{pid}/fd").iterdir()) + b"\0"
        assert [name for name, value in forbidden.items() if value + b"\0" in known] == []
        assert b"WORKER_PRIVATE_KEY_FILE" not in known
        assert os.environ["WEB_DATABASE_URL"].encode() in known or pid != web_processes[0]


def test_web_process_memory_holds_no_key_of_others(web_processes: list[int]) -> None:
    private = Path(os.environ["WORKER_PRIVATE_KEY_FILE"]).read_bytes().splitlines()[5]
    secrets = {
        "worker's private key": private,
        "SSN key": Path(os.environ["SSN_KEY_FILE"]).read_bytes(),
        "anchor key": Path(os.environ["ANCHOR_KEY_FILE"]).read_bytes().splitlines()[1],
        "path of the worker's private key": os.environ["WORKER_PRIVATE_KEY_FILE"].encode(),
        "path of the SSN key": os.environ["SSN_KEY_FILE"].encode(),
        "worker's database password": os.environ["WORKER_DATABASE_URL"].encode(),
    }
    own = os.environ["WEB_DATABASE_URL"].encode()
    for pid in web_processes[1:]:
        memory = b"".join(memory_of(pid))
        assert own in memory  # the search finds what is there
        assert [name for name, secret in secrets.items() if secret in memory] == []


def memory_of(pid: int) -> Iterator[bytes]:
    """The writable memory of a process; needs to be its owner, and the kernel's leave to look."""
    if not os.access(f"/proc/{pid}/mem", os.R_OK) or not may_trace():
        pytest.skip("The kernel does not let this user read its own processes' memory (ptrace_scope): not searched.")
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            span, rights = line.split()[:2]
            start, end = (int(bound, 16) for bound in span.split("-"))
            if rights.startswith("rw") and "[vvar" not in line:
                memory.seek(start)
                yield memory.read(end - start)


def may_trace() -> bool:
    """Root may always; others where the kernel lets a process look at any of its user's."""
    scope = Path("/proc/sys/kernel/yama/ptrace_scope")
    return os.geteuid() == 0 or not scope.exists() or scope.read_text().strip() in {"0", "1"}


@pytest.mark.parametrize(
    "name", ["WORKER_PRIVATE_KEY_FILE", "SSN_KEY_FILE", "SECRET_KEY_FILE", "MFA_KEY_FILE", "ANCHOR_KEY_FILE"]
)
def test_key_file_is_closed_to_other_users(name: str) -> None:
    path = Path(os.environ[name])
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.stat().st_uid == os.geteuid()
    assert path.parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "name", ["VAULT_ROOT", "KEY_ROOT", "OUTBOX_ROOT", "ANCHOR_ROOT", "EMAIL_FILE_PATH", "LOG_ROOT"]
)
def test_folder_of_files_is_closed_to_other_users(name: str) -> None:
    assert Path(os.environ[name]).stat().st_mode & 0o077 == 0
