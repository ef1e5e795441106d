"""The daily check of the event log: walk the chain, compare it with the anchors, anchor its head, record the result.

The scheduler asks every ten minutes; the first time in a day does the work, so a day that begins with everything down
is caught up later, and twice is once. The Auditors are told where something does not hold.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from requests_app.models import Event
from requests_app.services.event_log import anchors, event_chain, events
from requests_app.services.event_log.anchors import AnchorProblem
from requests_app.services.event_log.event_chain import ChainReport
from requests_app.services.life import notices
from requests_app.states import Role

log = structlog.get_logger("events")
KIND = "events.verify"
LOCK = "verification.lock"


@dataclass(frozen=True)
class Verification:
    """The chain, the anchors compared with it, and why today's head was not anchored, if it was not."""

    chain: ChainReport
    anchors: int
    problems: list[AnchorProblem]
    not_anchored: str = ""

    @property
    def holds(self) -> bool:
        """Every link and every anchor holds."""
        return self.chain.holds and not self.problems


def verify_daily() -> Verification | None:
    """Does today's check and records it; None where it was done today, or another worker is at it."""
    now = timezone.now()
    folder = Path(settings.ANCHOR_ROOT)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(folder / LOCK) as free:
        if not free or done_on_day_of(now):
            return None
        found = _anchored(check(folder / anchors.FILE_NAME, _known_keys()), folder, now)
        _record(found, now)
        return found


def done_on_day_of(now: datetime) -> bool:
    """A worker has recorded a check since midnight."""
    midnight = timezone.make_aware(datetime.combine(timezone.localdate(now), time.min))
    return Event.objects.filter(kind=KIND, process=settings.WR_PROCESS, occurred_at__gte=midnight).exists()


def check(file: Path | None, keys: bytes, progress: Callable[[int, int], None] | None = None) -> Verification:
    """Walks the chain, and compares it with the anchors of `file` where there is one."""
    lines = anchors.lines_of(file) if file and file.exists() else []
    good, problems = anchors.check_lines(lines, anchors.public_keys(keys))
    chain = event_chain.verify([anchor.count for _, anchor in good], progress)
    return Verification(chain, len(good), problems + anchors.check_chain(good, chain))


def _anchored(found: Verification, folder: Path, now: datetime) -> Verification:
    """Today's head, kept outside; a chain that does not hold gets no anchor."""
    if not found.holds:
        return Verification(found.chain, found.anchors, found.problems, "the log does not hold")
    if settings.ANCHOR_KEY_FILE is None:
        return Verification(found.chain, found.anchors, found.problems, "this worker has no ANCHOR_KEY_FILE")
    try:
        key = anchors.private_key(settings.ANCHOR_KEY_FILE.read_bytes())
        anchor = anchors.append(folder, found.chain, day=timezone.localdate(now), at=now, key=key)
    except OSError as error:
        log.error("head not anchored", error=type(error).__name__)
        return Verification(found.chain, found.anchors, found.problems, "the file of anchors could not be written")
    return Verification(found.chain, found.anchors + (anchor is not None), found.problems)


@transaction.atomic
def _record(found: Verification, now: datetime) -> None:
    """The daily check of the log: how many events hold, the head's hash, how many anchors were compared, what does not
    hold, and whether the head was anchored.
    """
    well = found.holds and not found.not_anchored
    detail = {
        "count": found.chain.count,
        "head": found.chain.head,
        "anchors": found.anchors,
        "anchored": not found.not_anchored,
        "reasons": sentences(found),
    }
    if not well:
        log.error("the event log does not hold", reasons=detail["reasons"])
        words = "The daily check of the event log failed. See what it found on the page of events."
        notices.tell_roles(words, (Role.AUDITOR,), now, path="/events/")
    events.record("events.verify", actor=None, outcome="done" if well else "failed", detail=detail, at=now)


def sentences(found: Verification) -> list[str]:
    """What does not hold, in words; empty where all is well."""
    said = []
    if broken := found.chain.first_break:
        said.append(f"Event {broken.seq} is the first that does not hold ({broken.fault}): {broken.fault.words}.")
    said += [f"Anchor on line {problem.line} {problem.words}." for problem in found.problems]
    return said + ([f"The head was not anchored: {found.not_anchored}."] if found.not_anchored else [])


def _known_keys() -> bytes:
    return settings.ANCHOR_PUBLIC_KEY_FILE.read_bytes() if settings.ANCHOR_PUBLIC_KEY_FILE else b""


@contextmanager
def _alone(file: Path) -> Iterator[bool]:
    """True where no other process is in here; a process that dies leaves nothing behind."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)
