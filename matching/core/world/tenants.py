"""Firms that come and go: at a place where an establishment stands, one closes and another opens, or it is sold.

Only small things happen here: private single-unit accounts with an EIN of their own. A place keeps its county, industry
and size, so published counts stay; its UI account and EIN are new. After a sale the people stay, and the files link
predecessor and successor; where one closes and another opens they do not, and nobody comes along (`closings`).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from matching.core.world.accounts import Accounts, numbers_of
from matching.core.world.careers import following, ordinal
from matching.core.world.randomness import stream_key, uniforms

Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]

_LIVES: Final = np.array([20, 40, 80, 160])
_SOLD: Final = 0.25
_LARGE: Final = 1.0
_SINCE: Final = ordinal(19901)


@dataclass(frozen=True)
class Tenancies:
    """How long firms stay, per place (n,): `life` in quarters (0: for ever), how old it was in 1990, sold or not."""

    life: Integers
    start: Integers
    is_sold: Mask

    def turns(self, quarter: int) -> Integers:
        """How many firms have left each place since 1990."""
        return np.where(self.life > 0, (ordinal(quarter) - _SINCE + self.start) // np.maximum(self.life, 1), 0)

    def is_new(self, quarter: int) -> Mask:
        """Where another firm stands than in the quarter before."""
        return np.not_equal(self.turns(quarter), self.turns(following(quarter, -1)))

    @property
    def closes(self) -> Mask:
        """Places where firms close rather than being sold."""
        return (self.life > 0) & ~self.is_sold


@dataclass(frozen=True)
class Tenants:
    """Who is at each place (n,) in a quarter: `uin` and `ein`; the same as `Accounts` for who never leaves."""

    uin: Integers
    ein: Integers


def make_tenancies(
    seed: int, state_fips: str, accounts: Accounts, weight: NDArray[np.float64], lasting: Mask
) -> Tenancies:
    """Lives of the firms at the places of a state; large ones live longer. Only `lasting` places are sold.

    `lasting` (n,): the place is filled in every quarter, so that a link never leads to nobody.
    """
    key, rows = stream_key(seed, "tenants", state_fips), np.arange(len(weight))
    draws = [uniforms(stream_key(key, "life", turn), rows) for turn in range(2)]
    rank = np.where(weight > _LARGE, np.maximum(*draws), draws[0])
    life = np.where(accounts.is_alone, _LIVES[(rank * len(_LIVES)).astype(np.int64)], 0)
    start = (uniforms(stream_key(key, "start"), rows) * life).astype(np.int64)
    sold = lasting & (uniforms(stream_key(key, "sold"), rows) < _SOLD)
    return Tenancies(life, start, sold)


def tenants_of(seed: int, state_fips: str, accounts: Accounts, tenancies: Tenancies, quarter: int) -> Tenants:
    """The accounts and enterprises at every place in a quarter (YYYYQ)."""
    uin, ein = numbers_of(seed, state_fips, accounts, tenancies.turns(quarter))
    return Tenants(uin, ein)
