"""Programs of Debian that some tests need, installed by apt where we may; said loudly where one is missing."""

import os
import shutil
import subprocess
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
SSHD = "/usr/sbin/sshd"


def find_browser() -> str:
    """Path of a Chromium for the browser tests; empty, and said, if there is none."""
    found = os.environ.get("CHROMIUM") or _first(*BROWSERS) or _installed("chromium", "the browser tests", *BROWSERS)
    if not found:
        print("!! No Chromium here: the BROWSER TESTS ARE SKIPPED. Install Debian's chromium, or set CHROMIUM=/path.")
    return found


def find_sshd() -> str:
    """Path of an OpenSSH server for the SFTP tests; empty, and said, if there is none.

    Not installed where systemd runs: the package would open this machine to the network at once.
    """
    found = os.environ.get("SSHD") or _first("sshd", SSHD)
    if not found and not Path("/run/systemd/system").exists():
        found = _installed("openssh-server", "the SFTP tests", "sshd", SSHD)
    if not found:
        print(
            "!! No OpenSSH server here: the SFTP TESTS ARE SKIPPED. Install openssh-server, or set SSHD=/path/of/sshd."
        )
    return found


def _first(*names: str) -> str:
    return next((path for name in names if (path := shutil.which(name))), "")


def _installed(package: str, what_for: str, *names: str) -> str:
    """Path of the program after an attempt to install its package; only root on Debian may."""
    program = shutil.which("apt-get")
    if os.geteuid() != 0 or not program:
        return ""
    print(f"Installing Debian's {package} for {what_for} ...", flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update", "-qq"], ["install", "-qq", "-y", "--no-install-recommends", package]):
        quiet = subprocess.DEVNULL
        if subprocess.run([program, *arguments], env=environment, stdin=quiet, stdout=quiet, check=False).returncode:
            print(f"!! apt-get {arguments[0]} failed.")
    return _first(*names)
