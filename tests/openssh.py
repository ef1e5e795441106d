"""A real OpenSSH server for tests: its SFTP part only, on a free port of 127.0.0.1, with keys of its own."""

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from config.embedded.process import free_port

SSHD = os.environ.get("SSHD", "")
CONFIG = """\
ListenAddress 127.0.0.1:{port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
Subsystem sftp internal-sftp
ForceCommand internal-sftp
"""


@dataclass
class Sshd:
    """One server: kill it, start it again on the same port with the same host key."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def user(self) -> str:
        """Whose account the package goes to: the tests' own."""
        return getpass.getuser()

    @property
    def host_key(self) -> str:
        """The server's public key, as an agency would name it."""
        return " ".join((self.folder / "host_key.pub").read_text().split()[:2])

    def start(self) -> None:
        """Listens when this returns."""
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        (self.folder / "sshd_config").write_text(CONFIG.format(port=self.port, folder=self.folder))
        command = [SSHD, "-D", "-e", "-f", str(self.folder / "sshd_config")]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise RuntimeError(f"sshd did not start: {(self.folder / 'log').read_text()}")

    def kill(self) -> None:
        """SIGKILL to the server and to every session it has forked."""
        assert self.process is not None
        for pid in [*sessions_of(self.process.pid), self.process.pid]:
            try:
                os.kill(pid, 9)
            except ProcessLookupError:
                continue
        self.process.wait()


def sessions_of(pid: int) -> list[int]:
    """All processes below `pid`, the deepest first."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except FileNotFoundError:
        return []
    return [below for child in map(int, children) for below in (*sessions_of(child), child)]


def _make_key(path: Path) -> None:
    key = Ed25519PrivateKey.generate()
    openssh = serialization.PrivateFormat.OpenSSH
    path.touch(mode=0o600)
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, openssh, serialization.NoEncryption()))
    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    path.with_suffix(".pub").write_bytes(public)


@contextmanager
def running(folder: Path) -> Iterator[Sshd]:
    """A server whose account takes the key `folder`/client_key; `folder`/files is where packages go."""
    for name in ("host_key", "client_key"):
        _make_key(folder / name)
    shutil.copy(folder / "client_key.pub", folder / "authorized_keys")
    (folder / "files").mkdir()
    server = Sshd(folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()
