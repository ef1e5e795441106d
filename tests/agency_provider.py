"""An agency's OpenID Connect provider for tests: oidc-provider-mock in a process of its own on 127.0.0.1.

Run as a program it is that process, made as strict as agencies' providers are: the code's verifier must fit its
challenge (PKCE), and with a public key given a client proves itself with a signed assertion only (`private_key_jwt`).
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from config.embedded.process import free_port
from tests.agency_provider_app import serve

PATIENCE_SECONDS = 150


@dataclass(frozen=True)
class Provider:
    """The running provider."""

    url: str

    def knows(self, subject: str, **claims: Any) -> None:
        """Somebody can sign in there as `subject`, of whom it tells `claims`."""
        answer = requests.put(f"{self.url}/users/{subject}", json=claims, timeout=10)
        assert answer.status_code == 204, answer.text

    def lets(self, subject: str, address: str) -> str:
        """What somebody does there: comes by `address`, is `subject`, goes on. The address they are sent back to."""
        answer = requests.post(address, data={"sub": subject}, allow_redirects=False, timeout=10)
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]

    def refuses(self, address: str) -> str:
        """Somebody who came by `address` presses Deny."""
        answer = requests.post(address, data={"action": "deny"}, allow_redirects=False, timeout=10)
        return answer.headers["Location"]


def asked(address: str) -> Mapping[str, str]:
    """The parameters of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


@contextmanager
def running(public_key: Path | None = None) -> Iterator[Provider]:
    """The provider, until the block ends."""
    port = free_port()
    command = [sys.executable, "-W", "ignore", "-m", "tests.agency_provider", str(port), str(public_key or "")]
    process = subprocess.Popen(command, env=os.environ | {"AUTHLIB_INSECURE_TRANSPORT": "1"}, stderr=subprocess.DEVNULL)
    try:
        provider = Provider(f"http://127.0.0.1:{port}")
        _wait_for(provider, process)
        yield provider
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(provider: Provider, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if requests.get(f"{provider.url}/jwks", timeout=5).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.1)
    raise RuntimeError("The provider did not start.")


def settings_of(provider: Provider, folder: Path, **more: Any) -> Path:
    """The file OIDC_PROVIDERS_FILE names, with this provider in it."""
    (folder / "secret").write_text("a client's secret\n")
    entry = {
        "id": "ri",
        "name": "Rhode Island",
        "server_url": provider.url,
        "client_id": "wage-records",
        "client_secret_file": "secret",
    }
    file = folder / "providers.json"
    file.write_text(json.dumps([{name: value for name, value in (entry | more).items() if value is not None}]))
    return file


if __name__ == "__main__":
    serve(int(sys.argv[1]), Path(sys.argv[2]) if sys.argv[2] else None)
