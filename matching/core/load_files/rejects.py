"""Why a line of a load file is not loaded: codes and line numbers, never what the line says."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

LINES_KEPT = 1_000


class LoadRefused(Exception):
    """The file as a whole cannot be loaded; the message says why and what to do, and quotes nothing from the file."""


class Reject(StrEnum):
    """Codes of the reject report."""

    LENGTH = "line_length"
    COLUMNS = "wrong_number_of_columns"
    SSN = "ssn_not_digits"
    UIN = "uin"
    RUN = "run"
    EIN = "ein"
    WAGE = "wage_not_whole_dollars"
    WAGE_TOO_LARGE = "wage_too_large"
    HOURS = "hours"
    WEEKS = "weeks"
    NAICS = "naics"
    COUNTY = "county"
    OWNERSHIP = "ownership"
    MEEI = "meei"
    EMPLOYMENT = "employment"
    DOLLARS = "wages_or_contributions"
    LINK = "predecessor_or_successor"


@dataclass
class RejectReport:
    """Counts by code, the first line numbers of each, and the rows kept; a line counts once, under its first code."""

    counts: dict[str, int] = field(default_factory=dict)
    lines: dict[str, list[int]] = field(default_factory=dict)

    def add(self, code: Reject, lines: npt.NDArray[np.integer[Any]] | list[int]) -> None:
        """Note rejected lines of one code."""
        if len(lines) == 0:
            return
        self.counts[code.value] = self.counts.get(code.value, 0) + len(lines)
        kept = self.lines.setdefault(code.value, [])
        kept.extend(int(line) for line in lines[: LINES_KEPT - len(kept)])

    def take_over(self, later: "RejectReport") -> None:
        """Adds what another reader found further down in the same file."""
        for code, count in later.counts.items():
            self.counts[code] = self.counts.get(code, 0) + count
            kept = self.lines.setdefault(code, [])
            kept.extend(later.lines[code][: LINES_KEPT - len(kept)])

    @property
    def total(self) -> int:
        """All rejected lines."""
        return sum(self.counts.values())
