"""One package to an agency's SFTP server: under a passing name first, read back, then given its own name.

Whoever watches the folder sees the package whole or not at all. An earlier attempt's file of the same name is believed
only if its bytes are the package's.
"""

import base64
import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import paramiko

from requests_app.channels import places
from requests_app.channels.parcels import Parcel, Refused, TryAgain

READ_BYTES = 256 * 1024
KEYS = {"ssh-ed25519": paramiko.Ed25519Key, "ssh-rsa": paramiko.RSAKey, "ecdsa-sha2-nistp256": paramiko.ECDSAKey}


def send(parcel: Parcel) -> dict[str, Any]:
    """Puts the package into the agency's folder; its receipt once what lies there was read back and is the same."""
    place = places.sftp(parcel.state)
    final = f"{place.folder.rstrip('/')}/{parcel.name}"
    with _connected(place) as server:
        if _size(server, final) is None:
            _write(server, parcel, f"{final}.part")
            parcel.confirm()
            server.posix_rename(f"{final}.part", final)
        elif _digest(server, final) != parcel.sha256:
            raise Refused(f"{parcel.name} lies on the agency's server with other contents. Its staff must remove it.")
    return {"host": place.host, "path": final}


def look(state: str, receipt: dict[str, Any]) -> dict[str, Any]:
    """Whether the agency has taken the package out of the folder."""
    with _connected(places.sftp(state)) as server:
        return {"collected": _size(server, receipt["path"]) is None}


def recall(state: str, receipt: dict[str, Any]) -> None:
    """Removes the package from the folder, if it is still there."""
    with _connected(places.sftp(state)) as server, suppress(FileNotFoundError):
        server.remove(receipt["path"])


@contextmanager
def _connected(place: places.SftpPlace) -> Iterator[paramiko.SFTPClient]:
    """A session with the one server whose host key is the agency's; errors in plain words."""
    with paramiko.SSHClient() as client:
        name = place.host if place.port == 22 else f"[{place.host}]:{place.port}"
        client.get_host_keys().add(name, *_host_key(place.host_key))
        client.set_missing_host_key_policy(paramiko.RejectPolicy())
        try:
            client.connect(
                place.host,
                port=place.port,
                username=place.user,
                pkey=_private_key(place.private_key),
                timeout=place.seconds,
                banner_timeout=place.seconds,
                auth_timeout=place.seconds,
                channel_timeout=place.seconds,
                allow_agent=False,
                look_for_keys=False,
            )
            with client.open_sftp() as server:
                server.get_channel().settimeout(place.seconds)  # type: ignore[union-attr]
                yield server
        except paramiko.BadHostKeyException as error:
            raise Refused("The SFTP server showed another host key than the agency's. Nothing was sent.") from error
        except paramiko.AuthenticationException as error:
            raise Refused("The SFTP server does not accept BLS's key for this account.") from error
        except PermissionError as error:
            raise Refused("The SFTP server does not let BLS write into this folder.") from error
        except (paramiko.SSHException, OSError, EOFError) as error:
            raise TryAgain(f"The SFTP server broke off or did not answer ({type(error).__name__}).") from error


def _host_key(text: str) -> tuple[str, paramiko.PKey]:
    try:
        kind, encoded = text.split()[:2]
        return kind, KEYS[kind](data=base64.b64decode(encoded))
    except (ValueError, KeyError, paramiko.SSHException) as error:
        raise Refused("The SFTP server's host key cannot be read: look at DELIVERY_PLACES_FILE.") from error


def _private_key(text: str) -> paramiko.PKey:
    for kind in KEYS.values():
        with suppress(paramiko.SSHException):
            return kind.from_private_key(io.StringIO(text))
    raise Refused("BLS's private key for SFTP cannot be read.")


def _write(server: paramiko.SFTPClient, parcel: Parcel, path: str) -> None:
    with server.open(path, "wb") as target:
        target.set_pipelined(True)
        for chunk in parcel.read():
            target.write(chunk)
    if _digest(server, path) != parcel.sha256:
        raise TryAgain("What arrived on the SFTP server is not the package; it is sent anew.")


def _size(server: paramiko.SFTPClient, path: str) -> int | None:
    try:
        return server.stat(path).st_size
    except FileNotFoundError:
        return None


def _digest(server: paramiko.SFTPClient, path: str) -> str:
    digest = hashlib.sha256()
    with server.open(path, "rb") as source:
        source.prefetch()
        while chunk := source.read(READ_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
