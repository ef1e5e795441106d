"""The running site of one checkout: database brought up to date, then web, two workers and the scheduler, watched."""

import hashlib
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from config import launch
from config.embedded.place import CHECKOUT
from config.embedded.process import ServerFailed, end, last_lines
from config.launch import Kind

SERVICES = (Kind.WEB, Kind.WORKER, Kind.INTERACTIVE, Kind.SCHEDULER)
# A service that ends sooner than this after its start is broken, not unlucky, and is not started again.
EARLY_SECONDS = 5


class Site:
    """All services of `environment`, started in `with`, stopped at its end. A service that dies is started again."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self._running: dict[Kind, tuple[subprocess.Popen[bytes], float]] = {}

    def __enter__(self) -> Self:
        try:
            self._prepare()
            for kind in SERVICES:
                self._start(kind)
            launch.wait_for_web(self._running[Kind.WEB][0], self.environment)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def run(self, command: Sequence[str | Path], environment: Mapping[str, str]) -> int:
        """A command's exit status, run while the services are watched."""
        process = subprocess.Popen(command, env=dict(environment), cwd=CHECKOUT, stdin=subprocess.DEVNULL)
        try:
            while process.poll() is None:
                self.heal()
                time.sleep(0.1)
        finally:
            end(process, (signal.SIGTERM, 20))
        return process.returncode

    def serve(self) -> None:
        """Until a signal ends it."""
        print(f"\nThe site: {self.environment['SITE_URL']}    (stop with Ctrl-C)", flush=True)
        print("Sign in:  ./run manage demo_signin ROLE   in another terminal", flush=True)
        while True:
            self.heal()
            time.sleep(0.5)

    def pid(self, kind: Kind) -> int:
        """The service's process id, 0 if it does not run."""
        process, _ = self._running.get(kind, (None, 0.0))
        return process.pid if process and process.poll() is None else 0

    def heal(self) -> bool:
        """Starts again what has died; ServerFailed if it died at once. True if anything had."""
        healed = False
        for kind, (process, started) in list(self._running.items()):
            if process.poll() is None:
                continue
            launch.kill(process)  # what it left of its group
            log = Path(self.environment["LOG_ROOT"]) / f"{kind}.log"
            if time.monotonic() - started < EARLY_SECONDS:
                raise ServerFailed(f"The {kind} process does not stay up.\n{last_lines(log)}")
            print(f"The {kind} process ended with status {process.returncode}; starting it again.", file=sys.stderr)
            self._start(kind)
            healed = True
        return healed

    def stop(self) -> None:
        """All at once: the others do not wait for a worker that finishes its job."""
        for process, _ in self._running.values():
            if process.poll() is None:
                process.terminate()
        for process, _ in self._running.values():
            launch.stop(process)
        self._running.clear()

    def _prepare(self) -> None:
        self._manage("migrate", "--verbosity", "0")
        stamp = Path(self.environment["STATIC_ROOT"]) / ".collected"
        fingerprint = _fingerprint(CHECKOUT / "static", CHECKOUT / "requirements.txt")
        if not stamp.exists() or stamp.read_text() != fingerprint:
            self._manage("collectstatic", "--noinput", "--clear", "--verbosity", "0")
            stamp.write_text(fingerprint)

    def _manage(self, *arguments: str) -> None:
        environment = launch.management_environment(arguments, self.environment)
        status = subprocess.run(launch.management_command(arguments), env=environment, cwd=CHECKOUT, check=False)
        if status.returncode:
            raise ServerFailed(f"./run manage {arguments[0]} failed.")

    def _start(self, kind: Kind) -> None:
        self._running[kind] = (launch.start(kind, self.environment), time.monotonic())


def _fingerprint(*roots: Path) -> str:
    """Changes when a file below `roots` is added, removed or written."""
    digest = hashlib.sha256()
    for root in roots:
        for path in sorted(root.rglob("*")) if root.is_dir() else [root]:
            facts = path.stat()
            digest.update(f"{path}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()
