"""Anchors: one signed line a day, outside the database, that says how many events there were and the head's hash.

A superuser of the database can cut the log's tail, or write a whole new past with hashes that fit: the chain alone
would hold. The file of anchors does not, because its key never reaches the database's side: only the worker of the
long jobs has it (docs/operations.md). Lines are appended and synced to disk, never changed; each names the one before.
"""

import base64
import fcntl
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.core.exceptions import ImproperlyConfigured

from requests_app.services.event_log.event_chain import NO_HASH, ChainReport

FILE_NAME = "anchors.jsonl"
CONTEXT = b"wage records: anchor of the event log, 1\n"  # a signature means this and nothing else
END_OF_KEY = b"-----END PUBLIC KEY-----"


@dataclass(frozen=True)
class Anchor:
    """One line: that day the chain held `count` events and `head` was the hash of the last."""

    day: date
    at: datetime
    count: int
    head: str
    previous: str
    key: str
    signature: bytes = b""

    def signed_bytes(self) -> bytes:
        """What the signature is over: every field, in one order."""
        return CONTEXT + _json(self._fields()).encode()

    def line(self) -> str:
        """The line of the file, without its end."""
        return _json(self._fields() | {"signature": base64.b64encode(self.signature).decode()})

    def _fields(self) -> dict[str, object]:
        return {
            "day": self.day.isoformat(), "at": self.at.isoformat(), "count": self.count, "head": self.head,
            "previous": self.previous, "key": self.key,
        }  # fmt: skip


@dataclass(frozen=True)
class AnchorProblem:
    """A line that is not as it was written, or an anchor the chain no longer holds; `seq`: where to look from."""

    line: int
    words: str
    seq: int | None = None


def _json(fields: dict[str, object]) -> str:
    return json.dumps(fields, sort_keys=True, separators=(",", ":"))


def read_line(text: str) -> Anchor:
    """A line as it stands; `ValueError` where it is none."""
    fields = json.loads(text)
    if not isinstance(fields, dict):
        raise ValueError("A line of anchors is a JSON object.")
    try:
        return Anchor(
            day=date.fromisoformat(fields["day"]),
            at=datetime.fromisoformat(fields["at"]),
            count=int(fields["count"]),
            head=str(fields["head"]),
            previous=str(fields["previous"]),
            key=str(fields["key"]),
            signature=base64.b64decode(fields["signature"], validate=True),
        )
    except (KeyError, TypeError) as wrong:
        raise ValueError("A field of the line is missing.") from wrong


def lines_of(file: Path) -> list[str]:
    """The finished lines of a file of anchors; a last one without its end was never written to the end."""
    text = file.read_text(encoding="utf-8", errors="replace")
    return text[: text.rfind("\n") + 1].splitlines()


def line_hash(line: str) -> str:
    """What the next line names this one by."""
    return hashlib.sha256(line.encode()).hexdigest()


# -- keys ----------------------------------------------------------------------------------------------------------


def private_key(pem: bytes) -> Ed25519PrivateKey:
    """The signing key."""
    key = serialization.load_pem_private_key(pem, password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ImproperlyConfigured("The anchor key must be an Ed25519 key (see docs/operations.md).")
    return key


def public_keys(pem: bytes) -> dict[str, Ed25519PublicKey]:
    """The keys of a file by fingerprint: the present one and those before it, one after the other."""
    found = {}
    for part in pem.split(END_OF_KEY)[:-1]:
        key = serialization.load_pem_public_key(part + END_OF_KEY)
        if not isinstance(key, Ed25519PublicKey):
            raise ImproperlyConfigured("Every anchor key must be an Ed25519 key (see docs/operations.md).")
        found[fingerprint(key)] = key
    return found


def fingerprint(key: Ed25519PublicKey) -> str:
    """The first 16 digits of the SHA-256 of the public key."""
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()[:16]


# -- writing -------------------------------------------------------------------------------------------------------


def append(folder: Path, report: ChainReport, *, day: date, at: datetime, key: Ed25519PrivateKey) -> Anchor | None:
    """Appends the day's line and syncs it to disk; None where the file has a line of this day, or a later one.

    Two workers at once write one line; a line that a crash or a full disk left unfinished is taken back first.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _locked(folder / FILE_NAME) as descriptor:
        _drop_unfinished(descriptor)
        lines = lines_of(folder / FILE_NAME)
        if lines and read_line(lines[-1]).day >= day:
            return None
        previous = line_hash(lines[-1]) if lines else NO_HASH
        anchor = _signed(Anchor(day, at, report.count, report.head, previous, fingerprint(key.public_key())), key)
        _write(descriptor, f"{anchor.line()}\n".encode())
        _sync_folder(folder)
        return anchor


def _signed(anchor: Anchor, key: Ed25519PrivateKey) -> Anchor:
    fields = {name: getattr(anchor, name) for name in ("day", "at", "count", "head", "previous", "key")}
    return Anchor(**fields, signature=key.sign(anchor.signed_bytes()))


@contextmanager
def _locked(file: Path) -> Iterator[int]:
    """The file, open for appending only, and nobody else's until the block ends."""
    descriptor = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def _drop_unfinished(descriptor: int) -> None:
    content = os.pread(descriptor, os.fstat(descriptor).st_size, 0)
    if whole := content.rfind(b"\n") + 1 - len(content):
        os.ftruncate(descriptor, len(content) + whole)


def _write(descriptor: int, line: bytes) -> None:
    """All of the line, on the disk; else none of it and an error."""
    before = os.fstat(descriptor).st_size
    try:
        if os.write(descriptor, line) != len(line):
            raise OSError("The line of anchors could not be written to its end.")
        os.fsync(descriptor)
    except OSError:
        os.ftruncate(descriptor, before)
        raise


def _sync_folder(folder: Path) -> None:
    """So that a file made just now is still there after a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# -- checking ------------------------------------------------------------------------------------------------------


def check_lines(
    lines: Sequence[str], keys: dict[str, Ed25519PublicKey]
) -> tuple[list[tuple[int, Anchor]], list[AnchorProblem]]:
    """The anchors that are as they were signed, with the numbers of their lines; and what is wrong with the others."""
    good: list[tuple[int, Anchor]] = []
    problems: list[AnchorProblem] = []
    for number, text in enumerate(lines, 1):
        try:
            anchor = read_line(text)
        except ValueError:
            problems.append(AnchorProblem(number, "cannot be read as an anchor"))
            continue
        wrong = _wrong_with(anchor, keys)
        previous = line_hash(lines[number - 2]) if number > 1 else NO_HASH
        if not wrong and anchor.previous != previous:
            wrong = "does not follow the line before it: a line was removed, put in or changed"
        if wrong:
            problems.append(AnchorProblem(number, wrong))
        else:
            good.append((number, anchor))
    return good, problems


def _wrong_with(anchor: Anchor, keys: dict[str, Ed25519PublicKey]) -> str:
    if anchor.key not in keys:
        return f"is signed with a key that is not known ({anchor.key})"
    try:
        keys[anchor.key].verify(anchor.signature, anchor.signed_bytes())
    except InvalidSignature:
        return "does not carry the signature of its key: it was changed, or written by somebody else"
    return ""


def check_chain(anchors: Iterable[tuple[int, Anchor]], report: ChainReport) -> list[AnchorProblem]:
    """The first anchor the chain no longer holds, if any: a cut tail, or a past that was written anew.

    What lies behind the first broken link of the chain cannot be compared; the broken link is told itself.
    """
    held = 0
    for number, anchor in sorted(anchors, key=lambda numbered: numbered[1].count):
        if anchor.count > report.count:
            if report.first_break:
                return []
            words = f"holds {anchor.count:,} events on {anchor.day}, the log has {report.count:,}: its end was cut off"
            return [AnchorProblem(number, words, report.count + 1)]
        if report.heads_at.get(anchor.count) != anchor.head:
            between = f"between event {held + 1} and event {anchor.count}"
            words = f"holds another hash for event {anchor.count} on {anchor.day}: the past was written anew {between}"
            return [AnchorProblem(number, words, held + 1)]
        held = anchor.count
    return []
