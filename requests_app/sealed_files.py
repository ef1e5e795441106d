"""The one module that touches encrypted files: sealed while they stream in, opened only with their data key.

Format: chunks of at most 1 MiB, each a 4-byte length, then AES-256-GCM under a data key of the file's own. The nonce
is the chunk's number (a key encrypts one file only); file id, number and "last" are authenticated, so chunks cannot be
cut, swapped or moved between files. The data key is wrapped with RSA-OAEP-SHA256, with file id, kind and request as
the label: whoever can write the row, but has no private key, cannot pass one file off as another (a match result as a
released package). Files lie below VAULT_ROOT under the SHA-256 of their ciphertext. All primitives are FIPS-approved
and come from `cryptography`.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

CHUNK_BYTES = 1024 * 1024
CHUNKS_PER_PART = 8  # of a file that arrives in parts, each under a key of its own (sealed_parts)
SEALED_CHUNK_BYTES = CHUNK_BYTES + 16  # with the tag of GCM
INCOMING = "incoming"


class Unreadable(Exception):
    """The file is missing, shredded, or is not what was sealed."""


@dataclass(frozen=True)
class Sealed:
    """What must be remembered about a sealed file: kept in `SealedFile`."""

    file_id: str
    wrapped_key: bytes
    sealed_sha256: str
    plain_bytes: int
    bound_to: str

    @property
    def label(self) -> str:
        """What `wrapped_key` opens as, and as nothing else."""
        return label(self.file_id, self.bound_to)


def bound_to(kind: str, request_id: int) -> str:
    """What a file is, whichever row speaks of it: its kind and its request."""
    return f"{kind}:{request_id}"


def label(file_id: str, bound: str) -> str:
    """The OAEP label of a file's data key."""
    return f"{file_id}:{bound}"


def _oaep(label: str) -> padding.OAEP:
    return padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=label.encode())


def wrap(data_key: bytes, public_pem: bytes, label: str = "") -> bytes:
    """`data_key` sealed to the holder of the private key, to be unwrapped under the same label only."""
    key = serialization.load_pem_public_key(public_pem)
    if not isinstance(key, rsa.RSAPublicKey):
        raise TypeError("The wrapping key must be an RSA public key.")
    return key.encrypt(data_key, _oaep(label))


def unwrap(wrapped_key: bytes | memoryview, private_key: rsa.RSAPrivateKey, label: str = "") -> bytes:
    """The data key; ValueError where this private key, or this label, is not the one it was wrapped for."""
    return private_key.decrypt(bytes(wrapped_key), _oaep(label))


def path_of(sealed_sha256: str) -> Path:
    """Where the ciphertext of this hash lies."""
    return Path(settings.VAULT_ROOT) / sealed_sha256[:2] / sealed_sha256


class ChunkSealer:
    """Cuts a stream into chunks and encrypts each under one data key of its own; `keep` gets the framed ciphertext."""

    def __init__(
        self, file_id: str, public_pem: bytes, bound: str, keep: Callable[[bytes], object], *, first_chunk: int = 0
    ) -> None:
        """`bound`: what the file is, from `bound_to`. `first_chunk`: the number of the first chunk within the file."""
        self._file_id = file_id
        self._keep = keep
        self.plain_bytes = 0
        data_key = AESGCM.generate_key(bit_length=256)
        self.wrapped_key = wrap(data_key, public_pem, label(file_id, bound))
        self._cipher = AESGCM(data_key)
        self._buffer = bytearray()
        self._number = first_chunk

    def write(self, data: bytes) -> None:
        """Takes the next bytes in the clear."""
        self.plain_bytes += len(data)
        self._buffer += data
        while len(self._buffer) > CHUNK_BYTES:
            self._seal(bytes(self._buffer[:CHUNK_BYTES]), last=False)
            del self._buffer[:CHUNK_BYTES]

    def end(self, *, last: bool) -> None:
        """Seals the rest; `last`: nothing of the file follows."""
        self._seal(bytes(self._buffer), last=last)
        self._buffer.clear()

    def _seal(self, plain: bytes, *, last: bool) -> None:
        nonce, bound = _frame(self._file_id, self._number, last=last)
        sealed = self._cipher.encrypt(nonce, plain, bound)
        self._keep(len(sealed).to_bytes(4, "big") + sealed)
        self._number += 1


class Sealer:
    """Encrypts a stream into VAULT_ROOT with memory for one chunk; leaves nothing behind unless `finish` is called."""

    def __init__(self, file_id: str, public_pem: bytes, bound: str) -> None:
        """`bound`: what the file is, from `bound_to`."""
        self.file_id = file_id
        self._bound = bound
        self._chunks = ChunkSealer(file_id, public_pem, bound, self._keep)
        self._digest = hashlib.sha256()
        self._incoming = incoming_path(file_id)
        self._incoming.parent.mkdir(parents=True, exist_ok=True)
        self._out = self._incoming.open("xb")

    def __enter__(self) -> "Sealer":
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._out.close()
        with suppress(FileNotFoundError):
            self._incoming.unlink()

    @property
    def plain_bytes(self) -> int:
        """How much was written."""
        return self._chunks.plain_bytes

    def write(self, data: bytes) -> None:
        """Takes the next bytes in the clear."""
        self._chunks.write(data)

    def finish(self) -> Sealed:
        """Seals the rest, makes the file durable under its content address, and says what to remember."""
        self._chunks.end(last=True)
        self._out.flush()
        os.fsync(self._out.fileno())
        self._out.close()
        address = self._digest.hexdigest()
        path_of(address).parent.mkdir(parents=True, exist_ok=True)
        self._incoming.rename(path_of(address))
        return Sealed(self.file_id, self._chunks.wrapped_key, address, self.plain_bytes, self._bound)

    def _keep(self, framed: bytes) -> None:
        self._out.write(framed)
        self._digest.update(framed)


def incoming_path(file_id: str) -> Path:
    """Where a file lies that has not arrived whole."""
    return Path(settings.VAULT_ROOT) / INCOMING / file_id


def _frame(file_id: str, number: int, *, last: bool) -> tuple[bytes, bytes]:
    return number.to_bytes(12, "big"), f"{file_id}:{number}:{int(last)}".encode()


def _chunk_length(framed: bytes) -> int:
    length = int.from_bytes(framed, "big")
    if length > SEALED_CHUNK_BYTES:
        raise ValueError("No chunk is that long.")
    return length


def read_sealed(file_id: str, sealed_sha256: str, *data_keys: bytes) -> Iterator[bytes]:
    """The file in the clear, chunk by chunk; `Unreadable` where it is missing, cut short or altered.

    One data key opens all of it; where there are several, each opens the CHUNKS_PER_PART chunks of its part.
    """
    ciphers = [AESGCM(data_key) for data_key in data_keys]
    try:
        with path_of(sealed_sha256).open("rb") as source:
            number, length = 0, source.read(4)
            if not length:
                raise ValueError("Even an empty file has one chunk.")
            while length:
                sealed = source.read(_chunk_length(length))
                length = source.read(4)
                nonce, bound = _frame(file_id, number, last=not length)
                cipher = ciphers[number // CHUNKS_PER_PART] if len(ciphers) > 1 else ciphers[0]
                yield cipher.decrypt(nonce, sealed, bound)
                number += 1
    except FileNotFoundError:
        raise Unreadable("The file is no longer here.") from None
    except (InvalidTag, ValueError, IndexError):
        raise Unreadable("The file was altered or is not the one that was sealed.") from None


def digest_of(chunks: Iterable[bytes]) -> str:
    """SHA-256 of a file in the clear, chunk by chunk."""
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()


def shred(sealed_sha256: str) -> bool:
    """Overwrites and removes the ciphertext; False where it was already gone. The key's end is what makes it final."""
    return destroy(path_of(sealed_sha256))


def untouched_since(before: datetime) -> Iterator[Path]:
    """Files nobody wrote to since `before`: finished ones named by their address, unfinished ones in `incoming`."""
    for path in Path(settings.VAULT_ROOT).glob("*/*"):
        with suppress(FileNotFoundError):  # shredded meanwhile
            if path.stat().st_mtime < before.timestamp():
                yield path


def destroy(path: Path) -> bool:
    """Overwrites and removes a file; False where it was already gone."""
    try:
        with path.open("r+b") as target:
            for _ in range(0, path.stat().st_size, CHUNK_BYTES):
                target.write(os.urandom(CHUNK_BYTES))
            target.flush()
            os.fsync(target.fileno())
        path.unlink()
    except FileNotFoundError:
        return False
    return True
