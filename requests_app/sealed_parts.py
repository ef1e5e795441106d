"""Sealed files that arrive in parts, so that a cut connection costs one part and not the file.

Who receives them cannot open what it sealed before, so each part of CHUNKS_PER_PART chunks has a data key of its own,
wrapped like any other; the keys lie one after the other in the file's row. In all else the file is like those of
`sealed_files`: chunks are numbered through the whole file, and only its very last one is sealed as the last.
"""

import hashlib
import os
from dataclasses import dataclass

from requests_app.sealed_files import (
    CHUNK_BYTES,
    CHUNKS_PER_PART,
    ChunkSealer,
    Unreadable,
    destroy,
    incoming_path,
    path_of,
)

PART_BYTES = CHUNKS_PER_PART * CHUNK_BYTES


@dataclass(frozen=True)
class SealedPart:
    """One part as ciphertext, in memory until it is appended."""

    wrapped_key: bytes
    ciphertext: bytes


class PartSealer:
    """Encrypts one part as it streams in; holds its ciphertext, and one chunk of it in the clear."""

    def __init__(self, file_id: str, public_pem: bytes, bound: str, *, offset: int) -> None:
        """`offset`: where in the file the part begins, a multiple of PART_BYTES."""
        self._frames: list[bytes] = []
        self._chunks = ChunkSealer(file_id, public_pem, bound, self._frames.append, first_chunk=offset // CHUNK_BYTES)

    def write(self, data: bytes) -> None:
        """Takes the next bytes in the clear."""
        self._chunks.write(data)

    def finish(self, *, last: bool) -> SealedPart:
        """The part; `last`: the file ends with it."""
        self._chunks.end(last=last)
        return SealedPart(self._chunks.wrapped_key, b"".join(self._frames))


def append(file_id: str, at: int, part: SealedPart) -> int:
    """Adds a part behind the first `at` bytes of ciphertext and makes it durable; gives how long the file is now.

    What lies behind `at` is left of an attempt nobody remembers, and is cut off. `Unreadable` where less is there.
    """
    path = incoming_path(file_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("r+b" if at else "wb") as out:
            if out.seek(0, os.SEEK_END) < at:
                raise Unreadable("What was received before is no longer here.")
            out.truncate(at)
            out.seek(at)
            out.write(part.ciphertext)
            out.flush()
            os.fsync(out.fileno())
    except FileNotFoundError:
        raise Unreadable("What was received before is no longer here.") from None
    return at + len(part.ciphertext)


def is_there(file_id: str, length: int) -> bool:
    """True where so many bytes of ciphertext are still kept."""
    try:
        return incoming_path(file_id).stat().st_size >= length
    except FileNotFoundError:
        return False


def address_of(file_id: str, length: int) -> str:
    """The content address of a file all parts of which arrived; `Unreadable` where its ciphertext is not whole."""
    digest = hashlib.sha256()
    try:
        with incoming_path(file_id).open("r+b") as source:
            source.truncate(min(length, source.seek(0, os.SEEK_END)))
            source.seek(0)
            while piece := source.read(CHUNK_BYTES):
                digest.update(piece)
                length -= len(piece)
    except FileNotFoundError:
        raise Unreadable("What was received before is no longer here.") from None
    if length:
        raise Unreadable("What was received before is no longer here.")
    return digest.hexdigest()


def adopt(file_id: str, address: str) -> None:
    """Puts a whole file under its content address; done before, it stays done."""
    path_of(address).parent.mkdir(parents=True, exist_ok=True)
    try:
        incoming_path(file_id).rename(path_of(address))
    except FileNotFoundError:
        if not path_of(address).exists():
            raise Unreadable("What was received before is no longer here.") from None


def discard(file_id: str) -> None:
    """Destroys what arrived of a file that nobody will finish."""
    destroy(incoming_path(file_id))
