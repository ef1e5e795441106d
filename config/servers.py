"""The servers of one checkout and the environment that leads to them: kept for the demonstration, new for each test.

Only one process at a time starts the demonstration's servers; it holds `.run/servers.lock` and writes their addresses
to `.run/servers.json` (mode 600). A command started meanwhile in another terminal borrows them.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

from config.embedded import AlreadyRunning, Place, Postgres, Redis, ensure_keys, ensure_owner, ensure_roles, find_place
from config.embedded.keys import ensure_password, private_text
from config.embedded.place import RUN_FOLDER
from config.embedded.process import free_port, is_free
from config.embedded.roles import OWNER, WORKING_ROLES

STATE = "servers.json"
LOCK = "servers.lock"
USERS = "servers.users"
USUAL_PORT = 8000
PATIENCE_SECONDS = 60
# Servers the user runs; the rest of the environment is made here.
ADDRESSES = ("DATABASE_URL", "SUPERUSER_DATABASE_URL", "REDIS_URL", *WORKING_ROLES)


@contextmanager
def servers_of_demo(given: Mapping[str, str], *, own: bool, run_folder: Path = RUN_FOLDER) -> Iterator[dict[str, str]]:
    """The environment of the kept servers, which run until the block ends; what `given` sets wins.

    `own` asks to be the one who runs them (a site is served); otherwise those of another process are borrowed.
    """
    run_folder.mkdir(mode=0o700, exist_ok=True)
    state = run_folder / STATE
    with (run_folder / LOCK).open("a") as lock, (run_folder / USERS).open("a") as users:
        borrowed = _own_or_borrow(lock, users, state, own=own)
        if borrowed is not None:
            yield {**borrowed, **given}
            return
        with ExitStack() as stack:
            made = _demo_environment(stack, given, run_folder)
            stack.enter_context(_published(state, made, serving=own))
            yield {**made, **given}
            if not own:
                fcntl.flock(users, fcntl.LOCK_EX)  # whoever borrowed them meanwhile finishes first


@contextmanager
def servers_of_test(given: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """New servers, keys and folders that are gone after the block; of `given`, only servers' addresses are used."""
    place = find_place()
    with place.scratch() as folder, ExitStack() as stack:
        addresses = {name: given[name] for name in ADDRESSES if name in given}
        made = folders(folder) | ensure_keys(folder / "secrets")
        # Passwords of roles on the user's own server are remembered: the demonstration may use them too.
        passwords = RUN_FOLDER if "DATABASE_URL" in given else folder
        made |= _addresses(stack, addresses, place, folder, passwords / "secrets", throwaway=True)
        made |= {"WR_MODE": "test", "WR_PROCESS": "owner", "SSN_WORLD": "specimen"} | site_address(free_port())
        yield {name: value for name, value in given.items() if not name.startswith("WR_")} | made


def _demo_environment(stack: ExitStack, given: Mapping[str, str], run_folder: Path) -> dict[str, str]:
    place = find_place(run_folder)
    secrets = run_folder / "secrets"
    made = folders(run_folder) | ensure_keys(secrets)
    made |= _addresses(stack, given, place, place.root, secrets, throwaway=False)
    port = int(given.get("PORT", 0)) or (USUAL_PORT if is_free(USUAL_PORT) else free_port())
    return made | {"WR_MODE": "demo", "SSN_WORLD": "specimen"} | site_address(port)


def site_address(port: int) -> dict[str, str]:
    """localhost, not 127.0.0.1: passkeys need a name."""
    return {"PORT": str(port), "SITE_URL": f"http://localhost:{port}"}


def folders(root: Path) -> dict[str, str]:
    """The file stores, each its own folder of mode 700; variable -> path."""
    names = {
        "VAULT_ROOT": "vault",
        "OUTBOX_ROOT": "outbox",
        "ANCHOR_ROOT": "anchors",
        "KEY_ROOT": "keys",
        "SEGMENT_ROOT": "segments",
        "EMAIL_FILE_PATH": "mail",
        "STATIC_ROOT": "static",
        "LOG_ROOT": "log",
    }
    for name in names.values():
        (root / name).mkdir(mode=0o700, exist_ok=True)
    return {variable: str(root / name) for variable, name in names.items()} | {
        "BEAT_SCHEDULE_FILE": str(root / "beat-schedule")
    }


def _addresses(
    stack: ExitStack, given: Mapping[str, str], place: Place, servers: Path, secrets: Path, *, throwaway: bool
) -> dict[str, str]:
    """Addresses of database roles and queue: the given ones, else those of servers started here (ended by `stack`).

    SERVERS_ROOT is where started servers keep data and logs. The superuser's address exists for tests only.
    """
    made = {"SERVERS_ROOT": str(servers)}
    if "DATABASE_URL" not in given:
        postgres = stack.enter_context(Postgres(servers / "postgres", place=place, throwaway=throwaway))
        made["DATABASE_URL"] = ensure_owner(postgres.url, ensure_password(secrets, OWNER), for_tests=throwaway)
        if throwaway:
            made["SUPERUSER_DATABASE_URL"] = postgres.url
    if "REDIS_URL" not in given:
        made["REDIS_URL"] = stack.enter_context(Redis(servers / "redis", place=place)).url
    missing = {name: role for name, role in WORKING_ROLES.items() if name not in given}
    passwords = {role: ensure_password(secrets, role) for role in missing.values()}
    roles = ensure_roles(given.get("DATABASE_URL") or made["DATABASE_URL"], passwords)
    known = {name: given[name] for name in ADDRESSES if name in given}
    return made | {name: roles[role] for name, role in missing.items()} | known


def _own_or_borrow(lock: IO[str], users: IO[str], published: Path, *, own: bool) -> dict[str, str] | None:
    """None when we hold the lock and may start the servers; else the environment of those that run."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if _taken(lock, fcntl.LOCK_EX):
            return None
        state = _state(published)
        if own and state and state["serving"]:
            raise AlreadyRunning("The site of this checkout is already being served in another terminal.")
        if not own and state and _taken(users, fcntl.LOCK_SH):
            return dict(state["environment"])
        time.sleep(0.1)
    raise AlreadyRunning("Another command of this checkout is starting or using the servers: try again.")


def _taken(file: IO[str], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _state(published: Path) -> dict[str, Any] | None:
    """What the owner of the lock published; None while it is starting or stopping."""
    try:
        state: dict[str, Any] = json.loads(published.read_text())
        os.kill(state["process"], 0)
    except (FileNotFoundError, ProcessLookupError):
        return None
    return state


@contextmanager
def _published(path: Path, made: Mapping[str, str], *, serving: bool) -> Iterator[None]:
    """The addresses for other terminals of the same user, as long as the servers run."""
    unfinished = path.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    state = {"process": os.getpid(), "serving": serving, "environment": dict(made)}
    private_text(unfinished, json.dumps(state, indent=1))
    unfinished.rename(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
