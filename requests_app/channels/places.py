"""Where the channels lead and with which keys, from the JSON file DELIVERY_PLACES_FILE names: the worker's alone.

Web must not know it: whoever took over the web server could otherwise send packages elsewhere. What the file holds is
said in docs/operations.md; secrets are in files it names, never in the file itself.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from requests_app.channels.parcels import Refused

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class KiteworksPlace:
    """The secure mail server, and who BLS is there. `chunk_bytes`: 1 to 65 MiB, as its own clients send."""

    url: str
    user: str
    client_id: str
    client_name: str
    client_secret: str
    private_key: str
    ca_file: str | None = None
    chunk_bytes: int = 16 * MEBIBYTE
    seconds: float = 60.0
    pause: float = 1.0


@dataclass(frozen=True)
class SftpPlace:
    """One agency's server: its address, whose account, the folder, and the only host key that is believed."""

    host: str
    user: str
    folder: str
    host_key: str
    private_key: str
    port: int = 22
    seconds: float = 60.0


def kiteworks() -> KiteworksPlace:
    """The secure mail server of this site; `Refused` where none is configured."""
    entry = _entries().get("kiteworks")
    if not entry:
        raise Refused("Kiteworks is not configured at this site: the worker's DELIVERY_PLACES_FILE lacks it.")
    secrets = {"client_secret": _secret(entry, "client_secret_file"), "private_key": _secret(entry, "private_key_file")}
    place: KiteworksPlace = _made(KiteworksPlace, entry, secrets)
    if not place.url.startswith("https://") and settings.WR_MODE == "production":
        raise Refused("Kiteworks must be reached by https.")
    return place


def sftp(state: str) -> SftpPlace:
    """The server of the agency of this state; `Refused` where none is configured."""
    entry = _entries().get("sftp", {}).get(state)
    if not entry:
        raise Refused(f"No SFTP server is configured for state {state} in the worker's DELIVERY_PLACES_FILE.")
    place: SftpPlace = _made(SftpPlace, entry, {"private_key": _secret(entry, "private_key_file")})
    return place


def check() -> list[str]:
    """What is wrong with the file, in sentences; nothing where it is not named."""
    try:
        entries = _entries()
        if "kiteworks" in entries:
            kiteworks()
        for state in entries.get("sftp", {}):
            sftp(state)
    except (Refused, ImproperlyConfigured) as wrong:
        return [str(wrong)]
    return []


def _entries() -> dict[str, Any]:
    if settings.DELIVERY_PLACES_FILE is None:
        return {}
    try:
        entries: dict[str, Any] = json.loads(settings.DELIVERY_PLACES_FILE.read_text())
    except (OSError, ValueError) as wrong:
        raise ImproperlyConfigured(f"DELIVERY_PLACES_FILE cannot be read as JSON: {wrong}") from wrong
    return entries


def _secret(entry: dict[str, Any], name: str) -> str:
    if name not in entry:
        raise ImproperlyConfigured(f"DELIVERY_PLACES_FILE: an entry lacks {name}.")
    try:
        return (settings.DELIVERY_PLACES_FILE.parent / Path(entry[name])).read_text().strip()
    except OSError as wrong:
        raise ImproperlyConfigured(f"DELIVERY_PLACES_FILE: {name} cannot be read: {wrong.strerror}.") from wrong


def _made(place: type[Any], entry: dict[str, Any], secrets: dict[str, str]) -> Any:
    given = {name: value for name, value in entry.items() if not name.endswith("_file") or name == "ca_file"}
    try:
        return place(**given, **secrets)
    except TypeError as wrong:
        raise ImproperlyConfigured(f"DELIVERY_PLACES_FILE: {wrong}".replace("__init__() ", "")) from wrong
