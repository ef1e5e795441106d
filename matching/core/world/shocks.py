"""Named shocks: from a quarter on, an industry loses or gains a known share of its jobs, or pays more or less.

A shock changes establishments, and the wage records follow, so a before/after question put to the files has an answer
known beforehand (`facts`). Everything the shock does not touch stays the same, byte for byte.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from matching.core.world.careers import ordinal
from matching.core.world.cells import StateCells
from matching.core.world.randomness import stream_key, uniforms

Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]

_FIELDS: Final = ("naics", "from", "to", "jobs", "pay", "state", "county")
_MOST: Final = 9.0


class ShockError(ValueError):
    """A shock that cannot be read, or that this world cannot take."""


@dataclass(frozen=True)
class Shock:
    """From quarter `first` to `last` (YYYYQ; None: for good) industries under `naics` (a code's first digits).

    `jobs` -0.3 takes 30 % of the jobs away, 0.2 adds 20 %; `pay` changes wages per job the same way. `state` (FIPS)
    and `county` (five digits) narrow it down.
    """

    naics: str
    first: int
    last: int | None = None
    jobs: float = 0.0
    pay: float = 0.0
    state: str | None = None
    county: str | None = None

    def __post_init__(self) -> None:
        if not (self.naics.isdigit() and 2 <= len(self.naics) <= 6):
            raise ShockError("A shock names an industry: the first 2 to 6 digits of a NAICS code.")
        if not all(_is_quarter(quarter) for quarter in (self.first, self.last or self.first)):
            raise ShockError("Quarters of a shock are YYYYQ, e.g. from=20173,to=20184.")
        if self.last is not None and self.last < self.first:
            raise ShockError(f"The shock ends ({self.last}) before it begins ({self.first}).")
        if not (-1.0 <= self.jobs <= _MOST and -0.9 <= self.pay <= _MOST and (self.jobs or self.pay)):
            raise ShockError("A shock changes jobs by a share of -1 to 9, pay by -0.9 to 9, or both.")

    def is_on(self, quarter: int) -> bool:
        """Whether the quarter (YYYYQ) lies within the shock."""
        return self.first <= quarter <= (self.last or quarter)

    def cells(self, cells: StateCells) -> Mask:
        """Which finest cells of a state it strikes."""
        struck: Mask = np.char.startswith(cells.naics, self.naics)
        if self.county is not None:
            struck &= cells.area == self.county
        return struck & (self.state in (None, cells.state_fips))


def read_shock(text: str) -> Shock:
    """A shock from `naics=722,from=20173,to=20182,jobs=-0.4,pay=0.05,state=44,county=44007`; ShockError otherwise."""
    words = dict(part.partition("=")[::2] for part in text.replace(" ", "").split(","))
    unknown = sorted(set(words) - set(_FIELDS))
    if unknown or not {"naics", "from"} <= set(words):
        raise ShockError(f"A shock is {'=..., '.join(_FIELDS)}=...; naics and from are needed. Not known: {unknown}.")
    try:
        return Shock(
            naics=words["naics"],
            first=int(words["from"]),
            last=int(words["to"]) if "to" in words else None,
            jobs=float(words.get("jobs", 0)),
            pay=float(words.get("pay", 0)),
            state=words.get("state"),
            county=words.get("county"),
        )
    except ShockError:
        raise
    except ValueError:
        raise ShockError(f"Shock {text}: a number is not a number.") from None


def struck(values: Integers, shock: Shock, rows: Mask, seed: int) -> Integers:
    """Values (n, 6) of establishments after a shock on some of the rows.

    Employment is rounded up or down by chance, the same chance for every month and quarter of an establishment, so a
    shock neither flickers nor loses its size over many small ones. Dollars follow employment, and pay.
    """
    at = np.flatnonzero(rows & values.any(axis=1))
    chance = uniforms(stream_key(seed, "shock", shock.naics, shock.first), at)
    before = values[at]
    after = before.copy()
    after[:, :3] = np.floor(before[:, :3] * (1.0 + shock.jobs) + chance[:, None]).astype(np.int64)
    employed = before[:, :3].sum(axis=1)
    left = np.where(employed > 0, after[:, :3].sum(axis=1) / np.maximum(employed, 1), 1.0 + shock.jobs)
    after[:, 3:] = np.rint(before[:, 3:] * (left * (1.0 + shock.pay))[:, None]).astype(np.int64)
    changed = values.copy()
    changed[at] = after
    return changed


def _is_quarter(quarter: int) -> bool:
    return ordinal(19901) <= ordinal(quarter) <= ordinal(20994) and 1 <= quarter % 10 <= 4
