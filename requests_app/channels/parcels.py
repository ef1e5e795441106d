"""What a channel is given to send, and the two ways in which sending may fail."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any


class TryAgain(Exception):
    """It did not go through now and may later; the sentence says why. `after`: seconds the other side asked for."""

    def __init__(self, reason: str, *, after: float = 0.0) -> None:
        """`reason` names no confidential fact: it is shown, logged and kept."""
        super().__init__(reason)
        self.after = after


class Refused(Exception):
    """It will not go through by itself: a person must act. The sentence says what is wrong."""


@dataclass(frozen=True)
class Parcel:
    """A released package on its way: what it is, to whom it goes, and how to read it.

    `delivery_id` marks it on the other side, so that an earlier attempt, none before `begun_at`, is found there.
    `confirm` is asked right before the step that cannot be taken back, and raises where the package may no longer be
    sent. `progress` is what `keep` was told by earlier attempts: where the other side stands, as far as it is known.
    """

    delivery_id: str
    begun_at: datetime
    request_number: str
    state: str
    name: str
    size: int
    sha256: str
    sealed: Path
    recipients: tuple[str, ...]
    read: Callable[[], Iterator[bytes]]
    confirm: Callable[[], None]
    keep: Callable[[dict[str, Any]], None]
    progress: dict[str, Any] = field(default_factory=dict)
