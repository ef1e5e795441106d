"""The status of every cell of a table, as suppression decides it and the audit, the package and reviewers read it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from disclosure.core.system import Bools
from disclosure.core.tabulation.cells import Key


class Status(StrEnum):
    """Published, or withheld as sensitive itself, or withheld to protect another. Outside BLS both are one marker."""

    PUBLISHED = "F"
    PRIMARY = "P"
    COMPLEMENTARY = "S"


@dataclass(frozen=True)
class Pattern:
    """A suppression pattern: which cells (in the system's order) are primary and which are complementary."""

    keys: tuple[Key, ...]
    primary: Bools
    complementary: Bools

    @property
    def withheld(self) -> Bools:
        """Return which cells are not published."""
        return self.primary | self.complementary

    @property
    def statuses(self) -> tuple[Status, ...]:
        """Return each cell's status."""
        chosen = np.where(self.primary, "P", np.where(self.complementary, "S", "F"))
        return tuple(Status(code) for code in chosen.tolist())

    @property
    def by_key(self) -> Mapping[Key, Status]:
        """Return the status of each named cell."""
        return dict(zip(self.keys, self.statuses, strict=True))

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the statuses; an audit names the pattern it was made for by this."""
        lines = ("\x1f".join((*key, status)) for key, status in zip(self.keys, self.statuses, strict=True))
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()
