"""Reads a file or blob as its bytes and, where it is an archive or a mail, as everything inside it, however deep."""

import email
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

CHUNK_BYTES = 4 << 20
DEEPEST = 6
MAIL = b"Content-Transfer-Encoding: "
MAIL_BYTES = 64 << 20
ZIP, GZIP = b"PK\x03\x04", b"\x1f\x8b"
Part = tuple[str, Iterator[bytes]]


def parts_of_file(path: Path) -> Iterator[Part]:
    """(place, chunks) of the file itself and of everything packed in it; read each part before the next."""
    with path.open("rb") as source:
        yield from _parts(source, str(path), DEEPEST)


def parts_of_bytes(data: bytes, place: str) -> Iterator[Part]:
    """The same for bytes in memory."""
    yield from _parts(io.BytesIO(data), place, DEEPEST)


def _parts(source: IO[bytes], place: str, depth: int) -> Iterator[Part]:
    begin = source.read(4)
    source.seek(0)
    yield place, chunks(source)
    if depth == 0:
        return
    source.seek(0)
    if begin == ZIP:
        yield from _members(source, place, depth)
    elif begin[:2] == GZIP:
        with gzip.GzipFile(fileobj=source) as packed:
            yield from _parts(io.BytesIO(_unpacked(packed)), f"{place}!unpacked", depth - 1)
    else:
        yield from _mails(source, place, depth)


def _members(source: IO[bytes], place: str, depth: int) -> Iterator[Part]:
    try:
        with zipfile.ZipFile(source) as archive:
            for name in archive.namelist():
                with archive.open(name) as member:
                    yield from _parts(io.BytesIO(_unpacked(member)), f"{place}!{name}", depth - 1)
    except zipfile.BadZipFile:
        return  # it only begins like one; its bytes were read


def _unpacked(member: IO[bytes] | gzip.GzipFile) -> bytes:
    """As much as can be unpacked: a file still being written ends early."""
    out = bytearray()
    try:
        while part := member.read(CHUNK_BYTES):
            out += part
    except (EOFError, zlib.error, zipfile.BadZipFile, gzip.BadGzipFile):
        pass
    return bytes(out)


def _mails(source: IO[bytes], place: str, depth: int) -> Iterator[Part]:
    """The decoded bodies and attachments of the mails in a file of Django's file backend."""
    head = source.read(1 << 16)
    if MAIL not in head:
        return
    for text in (head + source.read(MAIL_BYTES)).split(b"\n" + b"-" * 79):
        for part in email.message_from_bytes(text.lstrip()).walk():
            body = part.get_payload(decode=True)
            if isinstance(body, bytes):
                yield from _parts(io.BytesIO(body), f"{place}!{part.get_content_type()}", depth - 1)


def chunks(source: IO[bytes]) -> Iterator[bytes]:
    """The bytes of a file, some megabytes at a time."""
    while part := source.read(CHUNK_BYTES):
        yield part
