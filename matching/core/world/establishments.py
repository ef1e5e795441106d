"""Establishments that add up to every finest cell, to the unit, in every quarter.

A state's roster holds each place where an establishment ever is, with its owner; place k of a cell is filled in a
quarter if the cell counts more than k, so the same ones persist and counts grow and fall among the smallest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from matching.core.world.accounts import Accounts, assign_accounts
from matching.core.world.cells import CellFigures, StateCells
from matching.core.world.growth import cell_figures, highest_figures, lowest_count
from matching.core.world.randomness import normals, stream_key, uniforms
from matching.core.world.shares import share_out
from matching.core.world.shocks import Shock, struck
from matching.core.world.tenants import Tenancies, Tenants, make_tenancies, tenants_of

Integers = NDArray[np.int64]
Reals = NDArray[np.float64]

_SIZE_SPREAD: Final = 1.2
_PAY_SPREAD: Final = 0.25
_QUARTER_NOISE: Final = 0.05
_MONTH_NOISE: Final = 0.02
MASTER: Final = 2


@dataclass(frozen=True)
class Roster:
    """Every establishment of a state, sorted by cell, then by rank (largest first).

    Arrays (n,): `cell` (row of `cells`), `rank` within the cell from 0, `weight` (relative size, lognormal), `pay`
    (relative pay); `accounts` says who owns it, `tenancies` how long.
    """

    seed: int
    cells: StateCells
    cell: Integers
    rank: Integers
    weight: Reals
    pay: Reals
    accounts: Accounts
    tenancies: Tenancies

    @property
    def ownership(self) -> NDArray[np.str_]:
        return self.cells.ownership[self.cell]

    @property
    def naics(self) -> NDArray[np.str_]:
        return self.cells.naics[self.cell]

    def tenants(self, quarter: int) -> Tenants:
        """Who is at every place in the quarter (YYYYQ)."""
        return tenants_of(self.seed, self.cells.state_fips, self.accounts, self.tenancies, quarter)


@dataclass(frozen=True)
class EstablishmentQuarter:
    """One quarter of a roster: `present` (n,) and `values` (n, 6) in the order of qcew.VARIABLES, zero if not there."""

    quarter: int
    present: NDArray[np.bool_]
    values: Integers


def make_roster(seed: int, cells: StateCells) -> Roster:
    """The establishments of a state: as many per cell as it ever counts."""
    largest = np.max([highest_figures(cells, quarter).establishments for quarter in cells.published], axis=0)
    cell = np.repeat(np.arange(len(largest)), largest)
    rank = np.arange(len(cell)) - np.repeat(np.cumsum(largest) - largest, largest)
    rows = np.arange(len(cell))
    key = stream_key(seed, "roster", cells.state_fips)
    quantile = 1.0 - (rank + uniforms(stream_key(key, "size"), rows)) / largest[cell]
    weight = np.exp(_SIZE_SPREAD * ndtri(np.clip(quantile, 1e-6, 1.0 - 1e-6)))
    pay = np.exp(_PAY_SPREAD * normals(stream_key(key, "pay"), rows))
    accounts = assign_accounts(seed, cells.state_fips, cells.ownership[cell], cells.naics[cell], weight)
    smallest = np.min([figures.establishments for figures in cells.published.values()], axis=0)
    lasting = rank < lowest_count(smallest)[cell]
    tenancies = make_tenancies(seed, cells.state_fips, accounts, weight, lasting)
    return Roster(seed, cells, cell, rank, weight, pay, accounts, tenancies)


def establishment_quarter(roster: Roster, quarter: int, shocks: Sequence[Shock] = ()) -> EstablishmentQuarter:
    """Employment by month, wages, taxable wages and contributions of every establishment in one quarter (YYYYQ).

    Without shocks, sums over each county x NAICS x ownership equal the cell (published, completed where withheld, or
    grown) to the unit; nothing is negative. Shocks come after that, one upon the other; one that leaves nothing of an
    establishment closes it.
    """
    calm = fill_cells(roster, quarter, cell_figures(roster.seed, roster.cells, quarter))
    values = calm.values
    for shock in shocks:
        if shock.is_on(quarter):
            values = struck(values, shock, shock.cells(roster.cells)[roster.cell], roster.seed)
    closed = calm.values.any(axis=1) & ~values.any(axis=1)
    return EstablishmentQuarter(quarter, calm.present & ~closed, values)


def fill_cells(roster: Roster, quarter: int, figures: CellFigures) -> EstablishmentQuarter:
    """The figures of every cell shared out to the unit; every establishment has an employee while there are enough."""
    present = roster.rank < figures.establishments[roster.cell]
    there = np.flatnonzero(present)
    filled = np.flatnonzero(figures.establishments > 0)
    sizes = figures.establishments[filled]
    values = np.zeros((len(roster.cell), figures.values.shape[1]), dtype=np.int64)
    split = _split_cells(roster, quarter, there, sizes, figures.values[filled])
    values[there] = split
    return EstablishmentQuarter(quarter, present, values)


def _split_cells(roster: Roster, quarter: int, there: Integers, sizes: Integers, totals: Integers) -> Integers:
    """Values (establishments there, 6) of the cells with these sizes (cells,) and totals (cells, 6)."""
    key = stream_key(roster.seed, "quarter", roster.cells.state_fips, quarter)
    size = roster.weight[there] * np.exp(_QUARTER_NOISE * normals(key, there))
    split = np.empty((len(there), 6), dtype=np.int64)
    for month in range(3):
        noisy = size * np.exp(_MONTH_NOISE * normals(stream_key(key, month), there))
        split[:, month] = _employment(totals[:, month], sizes, roster.rank[there], noisy)
    split[:, 3] = share_out(totals[:, 3], split[:, :3].sum(axis=1) * roster.pay[there], sizes)
    split[:, 4] = share_out(totals[:, 4], split[:, 3].astype(np.float64), sizes)
    split[:, 5] = share_out(totals[:, 5], split[:, 4].astype(np.float64), sizes)
    return split


def _employment(totals: Integers, sizes: Integers, rank: Integers, weight: Reals) -> Integers:
    """One employee each as far as they go, the rest by weight."""
    each = (rank < np.repeat(np.minimum(totals, sizes), sizes)).astype(np.int64)
    return each + share_out(np.maximum(totals - sizes, 0), weight, sizes)


@dataclass(frozen=True)
class Masters:
    """MEEI 2 records of one quarter: `unit` is the largest unit of the account (its county, NAICS), values the sums."""

    unit: Integers
    values: Integers


def master_records(roster: Roster, figures: EstablishmentQuarter) -> Masters:
    """One master per multi-unit account with a unit there; values repeat the sum of its units (never add both)."""
    units = np.flatnonzero(figures.present & (roster.accounts.run > 0))
    account, place = np.unique(roster.accounts.account[units], return_inverse=True)
    sums = np.zeros((len(account), figures.values.shape[1]), dtype=np.int64)
    np.add.at(sums, place, figures.values[units])
    order = np.lexsort((units, -figures.values[units, 0], place))
    _, first = np.unique(place[order], return_index=True)
    return Masters(units[order[first]], sums)
