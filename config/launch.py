"""Starts the parts of the system as real processes, each with the environment of its own role and nothing more.

`./run`, the demonstration and the tests use it alike, so that the trust boundary of security.md is the same
everywhere: what a process is not given here, it cannot leak.
"""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path

from config.embedded.place import CHECKOUT
from config.embedded.process import ServerFailed, end, last_lines, spawn
from manage import LOADER_COMMANDS

PYTHON = Path(sys.executable)
WEB_PROCESSES = 2
THREADS = 8


class Kind(StrEnum):
    """What can be started. `work` and `interactive` are the same program on two queues."""

    WEB = "web"
    WORKER = "worker"
    INTERACTIVE = "interactive"
    SCHEDULER = "scheduler"
    LOADER = "loader"


# What every process needs to find itself; `LC_`, and `COV_` and `COVERAGE_` for measuring, are passed on as well.
MACHINE = frozenset({"PATH", "HOME", "LANG", "LANGUAGE", "TMPDIR", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR"})
MACHINE_PREFIXES = ("LC_", "COV_", "COVERAGE_")
SHARED = frozenset({
    "WR_MODE", "SSN_WORLD", "REDIS_URL", "SITE_URL", "DELIVERY_CHANNELS", "MICRO_DELIVERY_CHANNELS",
    "VAULT_ROOT", "OUTBOX_ROOT", "STATIC_ROOT",
    "WORKER_PUBLIC_KEY_FILE", "EMAIL_BACKEND", "EMAIL_FILE_PATH", "FROM_EMAIL", "COHORT_MAX_BYTES",
    "COHORT_MAX_SECONDS", "JOB_LEASE_SECONDS", "SWEEP_SECONDS", "SESSION_LOCK_MINUTES", "SESSION_END_MINUTES",
    "SESSION_HOURS", "ACCOUNT_IDLE_DAYS", "APPROVAL_EXPIRES_DAYS", "RETENTION_DAYS", "STEP_TARGET_DAYS",
    "PROGRAM_MAILBOX",
})  # fmt: skip
WORKER = frozenset(
    {"WORKER_DATABASE_URL", "WORKER_PRIVATE_KEY_FILE", "SSN_KEY_FILE", "SSN_KEY_FILE_NEXT", "KEY_ROOT", "SEGMENT_ROOT"}
)
# The daily anchor of the event log is signed by the worker of the long jobs: nobody reaches it over the network, and
# neither web, which people can attack, nor the database's superuser has its key.
ANCHOR = frozenset({"ANCHOR_ROOT", "ANCHOR_KEY_FILE", "ANCHOR_PUBLIC_KEY_FILE"})
OF_KIND = {
    Kind.WEB: frozenset({
        "WEB_DATABASE_URL", "SECRET_KEY", "SECRET_KEY_FILE", "MFA_KEY_FILE", "PORT", "ALLOWED_HOSTS",
        "CSRF_TRUSTED_ORIGINS", "BEHIND_TLS_PROXY", "OIDC_PROVIDERS_FILE",
        "CONTACT_EMAIL", "PRA_NUMBER", "PRA_EXPIRES_ON", "PRA_BURDEN_MINUTES",
    }),
    Kind.SCHEDULER: frozenset({"WEB_DATABASE_URL", "BEAT_SCHEDULE_FILE"}),
    Kind.WORKER: WORKER | ANCHOR | frozenset({"DELIVERY_PLACES_FILE"}),
    Kind.INTERACTIVE: WORKER,
    Kind.LOADER: frozenset({"LOADER_DATABASE_URL", "SSN_KEY_FILE", "SSN_KEY_FILE_NEXT", "SEGMENT_ROOT"}),
}  # fmt: skip
PROCESS_NAME = {Kind.INTERACTIVE: "worker"}


def environment(kind: Kind | str, base: Mapping[str, str]) -> dict[str, str]:
    """The part of `base` that a process of `kind` may know, and WR_PROCESS."""
    kind = Kind(kind)
    allowed = MACHINE | SHARED | OF_KIND[kind]
    passed = {name: value for name, value in base.items() if name in allowed or name.startswith(MACHINE_PREFIXES)}
    return passed | {"WR_PROCESS": PROCESS_NAME.get(kind, kind.value), "PYTHONUNBUFFERED": "1"}


def command(kind: Kind | str, base: Mapping[str, str]) -> list[str | Path]:
    """The command line of a process that keeps running."""
    celery: list[str | Path] = [PYTHON, "-m", "celery", "-A", "config"]
    # One job at a time in each pool process; the database holds the order, so workers need not talk to each other.
    worker = [*celery, "worker", "--without-gossip", "--without-mingle", "--loglevel", "INFO"]
    match Kind(kind):
        case Kind.WEB:
            web: list[str | Path] = [PYTHON, "-m", "gunicorn", "config.wsgi", "--no-control-socket"]
            web += ["--bind", f"127.0.0.1:{base['PORT']}", "--workers", str(WEB_PROCESSES)]
            # Loaded once, before the fork: what stops the application from starting is the last thing in the log.
            return [
                *web,
                "--preload",
                "--threads",
                str(THREADS),
                "--graceful-timeout",
                "10",
                "--name",
                "wage-records-web",
            ]
        case Kind.WORKER:
            return [*worker, "--queues", "work", "--hostname", "work@%h", "--concurrency", "1"]
        case Kind.INTERACTIVE:
            return [*worker, "--queues", "interactive", "--hostname", "interactive@%h", "--concurrency", "1"]
        case Kind.SCHEDULER:
            return [*celery, "beat", "--pidfile=", "--loglevel", "INFO"]
        case Kind.LOADER:
            raise ValueError("The loader is a command, not a service: ./run manage load_wage_records.")


def start(kind: Kind | str, base: Mapping[str, str], *, log_folder: Path | None = None) -> subprocess.Popen[bytes]:
    """A running process of `kind`; output in LOG_ROOT/<kind>.log (or `log_folder`). It ends when its starter does."""
    folder = log_folder or Path(base["LOG_ROOT"])
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    log = folder / f"{Kind(kind)}.log"
    return spawn(command(kind, base), log=log, environment=environment(kind, base), cwd=CHECKOUT)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Warm stop: web finishes its answers, a worker its job for at most 20 seconds; then harder."""
    end(process, (signal.SIGTERM, 20), (signal.SIGQUIT, 3))
    kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL to the process and its children: what a crash of the machine's part would be."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass  # nobody of the group is left
    process.wait()


def wait_for_web(process: subprocess.Popen[bytes], base: Mapping[str, str], *, seconds: float = 60) -> None:
    """Until the web process says that it, the database, the queue and the files are ready; else why it is not."""
    deadline = time.monotonic() + seconds
    answer = "no answer"
    while process.poll() is None and time.monotonic() < deadline:
        status, answer = _health(int(base["PORT"]))
        if status == http.client.OK:
            return
        time.sleep(0.1)
    log = Path(base["LOG_ROOT"]) / f"{Kind.WEB}.log"
    raise ServerFailed(f"The site did not become ready: {answer}\n{last_lines(log)}")


def management_command(arguments: Sequence[str]) -> list[str | Path]:
    """The command line of a management command; its environment is `management_environment`."""
    return [PYTHON, CHECKOUT / "manage.py", *arguments]


def management_environment(arguments: Sequence[str], base: Mapping[str, str]) -> dict[str, str]:
    """A loading command gets the loader's environment; anything else is the owner at the keyboard and gets all."""
    if arguments and arguments[0] in LOADER_COMMANDS:
        return environment(Kind.LOADER, base)
    return {name: value for name, value in base.items() if name != "WR_PROCESS"}


def _health(port: int) -> tuple[int, str]:
    """Asks over the loopback, past any proxy of the environment."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health/ready", headers={"Host": "localhost"})
        response = connection.getresponse()
        return response.status, response.read().decode(errors="replace")[:500]
    except OSError as error:
        return 0, str(error)
    finally:
        connection.close()
