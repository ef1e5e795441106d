"""Generated secrets of the demonstration and the tests: made on first start, mode 600, marked as not for production.

Production makes its own (docs/operations.md); config/checks.py refuses a folder that carries the mark.
"""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from config.embedded.place import Account

MARK = "demo-secret"
RSA_BITS = 3072


def ensure_keys(folder: Path) -> dict[str, str]:
    """Every key file named by an environment variable, made in `folder` where it is missing; variable -> path."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / MARK).touch(mode=0o600)
    makers: dict[str, tuple[str, Callable[[], bytes]]] = {
        "SECRET_KEY_FILE": ("secret-key", lambda: secrets.token_urlsafe(64).encode()),
        "MFA_KEY_FILE": ("mfa-key", lambda: secrets.token_bytes(32)),
        "SSN_KEY_FILE": ("ssn-key", lambda: secrets.token_bytes(32)),
        "WORKER_PRIVATE_KEY_FILE": ("worker-private.pem", _private_key),
        "WORKER_PUBLIC_KEY_FILE": ("worker-public.pem", lambda: _public_key(folder / "worker-private.pem")),
        "ANCHOR_KEY_FILE": ("anchor-private.pem", _anchor_key),
        "ANCHOR_PUBLIC_KEY_FILE": ("anchor-public.pem", lambda: _public_key(folder / "anchor-private.pem")),
    }
    for name, make in makers.values():
        _ensure(folder / name, make)
    return {variable: str(folder / name) for variable, (name, _) in makers.items()}


def ensure_password(folder: Path, role: str) -> str:
    """The remembered password of a database role, made on first use."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"password-{role}"
    _ensure(path, lambda: secrets.token_urlsafe(24).encode())
    return path.read_text()


def private_text(path: Path, text: str, account: Account | None = None) -> None:
    """A new file only we (or `account`) can read; an existing one, or a link in its place, is an error."""
    _write_new(path, text.encode(), account)


def _ensure(path: Path, make: Callable[[], bytes]) -> None:
    """Written beside and renamed: a key file is whole or absent."""
    if path.exists():
        return
    unfinished = path.with_name(f"{path.name}.new-{secrets.token_hex(4)}")
    _write_new(unfinished, make(), None)
    unfinished.rename(path)


def _write_new(path: Path, content: bytes, account: Account | None) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        if account:
            os.fchown(descriptor, account.uid, account.gid)
        file.write(content)


def _private_key() -> bytes:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _anchor_key() -> bytes:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ed25519

    return ed25519.Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _public_key(private_key: Path) -> bytes:
    from cryptography.hazmat.primitives import serialization

    key = serialization.load_pem_private_key(private_key.read_bytes(), password=None)
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
