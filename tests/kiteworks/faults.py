"""How the simulated server misbehaves: a seeded plan, one fault (or none) for each call."""

import random
from collections.abc import Iterator
from enum import StrEnum


class Fault(StrEnum):
    """What goes wrong with one call."""

    NONE = "none"
    BUSY = "429"
    BLOCKED = "490"
    AWAY = "503"
    AWAY_AFTER = "503 after the call was carried out"
    CUT_BEFORE = "connection cut before the call was read"
    CUT_AFTER = "connection cut after the call was carried out"
    DOUBLED = "carried out twice, as by a proxy that repeats"
    TOKEN_ENDED = "401"


COMMON = [Fault.BUSY, Fault.AWAY, Fault.AWAY_AFTER, Fault.CUT_BEFORE, Fault.CUT_AFTER, Fault.DOUBLED, Fault.TOKEN_ENDED]


def plan(seed: int, share: float = 0.35, blocked: float = 0.01) -> Iterator[Fault]:
    """An endless sequence of faults; the same for the same seed."""
    chance = random.Random(seed)
    while True:
        drawn = chance.random()
        if drawn < blocked:
            yield Fault.BLOCKED
        elif drawn < blocked + share:
            yield chance.choice(COMMON)
        else:
            yield Fault.NONE


def none() -> Iterator[Fault]:
    """A server that behaves."""
    while True:
        yield Fault.NONE
