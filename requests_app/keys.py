"""The worker's key pair: the public half wraps the data key of every package; the private half is in workers only."""

from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


@cache
def worker_public_pem() -> bytes:
    """The worker's public key, PEM."""
    return _read("WORKER_PUBLIC_KEY_FILE")


@cache
def worker_private_key() -> rsa.RSAPrivateKey:
    """The worker's private key; a process that is not a worker has none and is refused."""
    return load_private(_read("WORKER_PRIVATE_KEY_FILE"))


def load_private(pem: bytes) -> rsa.RSAPrivateKey:
    """An RSA private key from PEM."""
    key = serialization.load_pem_private_key(pem, password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ImproperlyConfigured("The private key must be an RSA key (see docs/operations.md).")
    return key


def new_pair(bits: int) -> tuple[bytes, rsa.RSAPrivateKey]:
    """A new key pair: the public half as PEM, and the private key."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    return public_pem(private), private


def public_pem(private: rsa.RSAPrivateKey) -> bytes:
    """The public half of a key, PEM."""
    return private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _read(name: str) -> bytes:
    path: Path | None = getattr(settings, name)
    if path is None:
        raise ImproperlyConfigured(f"The {settings.WR_PROCESS} process has no {name} (see docs/operations.md).")
    return path.read_bytes()
