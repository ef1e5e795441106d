"""One server process of ours: started as the right account, ended by its own process id, gone when we are."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from config.embedded.place import Account

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class ServerFailed(RuntimeError):
    """A server did not start; the message ends with the last lines of its log."""


class AlreadyRunning(RuntimeError):
    """Another process is using this data folder."""


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_free(port: int) -> bool:
    """Whether a server of ours could listen on this port of 127.0.0.1 now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def spawn(
    arguments: Sequence[str | Path],
    *,
    log: Path,
    environment: Mapping[str, str],
    account: Account | None = None,
    stdin: bytes = b"",
    cwd: Path = Path("/"),
    farewell: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own, output appended to `log` (mode 600).

    It gets `farewell` when the thread that started it ends, so start servers from a thread that stays.
    """
    with open(log, "ab", opener=_private_opener) as output:
        process = subprocess.Popen(
            arguments,
            stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            cwd=cwd,
            start_new_session=True,
            preexec_fn=_die_with(os.getpid(), farewell),
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
    if process.stdin:
        process.stdin.write(stdin)
        process.stdin.close()
    return process


def _private_opener(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _die_with(parent: int, farewell: signal.Signals) -> Callable[[], None] | None:
    """Runs in the child after it changed its user: Linux sends `farewell` when the parent is gone."""
    libc = LIBC
    if libc is None:
        return None

    def bind_to_parent() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(farewell))
        if os.getppid() != parent:
            os._exit(1)

    return bind_to_parent


def end(process: subprocess.Popen[bytes], *steps: tuple[signal.Signals, float]) -> None:
    """Each step's signal in turn until the process is gone within that step's seconds; finally SIGKILL."""
    for number, seconds in steps:
        if process.poll() is not None:
            return
        process.send_signal(number)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
    process.kill()
    process.wait()


def wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes], seconds: float) -> bool:
    """True as soon as `ready()`; False when the process ended or the seconds passed."""
    deadline = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < deadline:
        if ready():
            return True
        time.sleep(0.02)
    return False


def last_lines(log: Path, count: int = 12) -> str:
    """The end of a log, for an error message."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-count:])


class Server:
    """A server process as one object: `start` and `stop` are the server's own, the rest is the same for all."""

    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        """Running and answering, or ServerFailed."""
        raise NotImplementedError

    def stop(self) -> None:
        """Ended as the server wants to be ended."""
        raise NotImplementedError

    @property
    def pid(self) -> int | None:
        """The running server's process id."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def kill(self) -> None:
        """SIGKILL, as a power cut of the process would; `start` begins again as the server does after one."""
        if self._process:
            self._process.kill()
            self._process.wait()
        self._process = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()
