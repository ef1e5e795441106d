"""Who owns an establishment: UI accounts (UIN), reporting units (RUN), enterprises (EIN) and the MEEI code.

Single-unit accounts, multi-unit accounts with a master and units, several accounts under one EIN, enterprises with
accounts in several states. Assigned once for all quarters, by seed. MEEI codes: domain of the QCEW microdata (1 single,
2 master, 3 unit, 4 multi refusing detail, 5 composite unit, 6 multi not broken out).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from matching.core.world.randomness import Permutation, stream_key, uniforms

Integers = NDArray[np.int64]

_MULTI_SHARE: Final = {"1": 0.8, "2": 0.8, "3": 0.75, "5": 0.16}
_MULTI_SHARE_LARGE: Final = 0.45
_LARGE: Final = 2.0
_ACROSS_INDUSTRIES: Final = 0.15
_UNITS_PER_FIRM: Final = 5
_NATIONAL_MULTI: Final = 0.5
_NATIONAL_SINGLE: Final = 0.02
_NATIONALS_PER_INDUSTRY: Final = 15
_RELATED_ACCOUNTS: Final = 0.03
_EIN_UNKNOWN: Final = 0.003
# Nine digits that never begin with 9 (no specimen number can be mistaken for one), in blocks of ten million a state.
_NUMBERS: Final = 800_000_000
_FIRST_NUMBER: Final = 100_000_000
_STATE_BLOCK: Final = 10_000_000
_NATIONAL_BLOCK: Final = 780_000_000
_TURN_OF_UIN: Final = 1 << 23
_TURNS_OF_EIN: Final = 5


@dataclass(frozen=True)
class Accounts:
    """Per establishment (n,): `account` index, `uin`, `ein` as integers (0 unknown), `run` (0 single), `meei`.

    `is_alone`: a private single-unit account that shares its EIN with nobody, so it may be followed by another.
    """

    account: Integers
    uin: Integers
    run: Integers
    ein: Integers
    meei: Integers
    is_alone: NDArray[np.bool_]


def assign_accounts(
    seed: int, state_fips: str, ownership: NDArray[np.str_], naics: NDArray[np.str_], weight: NDArray[np.float64]
) -> Accounts:
    """Group establishments (given in a fixed order, all arrays (n,)) into accounts and enterprises of one state."""
    key = stream_key(seed, "accounts", state_fips)
    account, units = _accounts(key, ownership, naics, weight)
    run = np.where(units > 1, _rank_within(account) + 1, 0)
    uin = _FIRST_NUMBER + Permutation(_NUMBERS, stream_key(key, "uin")).forward(account)
    ein, is_alone = _enterprises(seed, key, state_fips, account, units, ownership, naics)
    return Accounts(account, uin, run, ein, _meei(key, ownership, account, units), is_alone)


def numbers_of(seed: int, state_fips: str, accounts: Accounts, turns: Integers) -> tuple[Integers, Integers]:
    """UIN and EIN per establishment (n,) after so many `turns` of firms at the place; these of `Accounts` after none.

    EINs come again after 5 turns, UINs never.
    """
    rows = np.flatnonzero(turns)
    uin, ein, account = accounts.uin.copy(), accounts.ein.copy(), accounts.account[rows]
    later = Permutation(_NUMBERS, stream_key(stream_key(seed, "accounts", state_fips), "uin"))
    uin[rows] = _FIRST_NUMBER + later.forward(account + turns[rows] * _TURN_OF_UIN)
    number = int(state_fips) * _STATE_BLOCK + account + turns[rows] % _TURNS_OF_EIN * (_STATE_BLOCK // _TURNS_OF_EIN)
    known = ein[rows] > 0
    ein[rows[known]] = _FIRST_NUMBER + Permutation(_NUMBERS, stream_key(seed, "ein")).forward(number[known])
    return uin, ein


def _accounts(
    key: int, ownership: NDArray[np.str_], naics: NDArray[np.str_], weight: NDArray[np.float64]
) -> tuple[Integers, Integers]:
    """Account index and number of units of that account, per establishment."""
    rows = np.arange(len(naics))
    multi = uniforms(stream_key(key, "multi"), rows) < _multi_share(ownership, weight)
    across = uniforms(stream_key(key, "across"), rows) < _ACROSS_INDUSTRIES
    group_name = np.char.add(ownership, np.where(across, _prefix(naics, 2), _prefix(naics, 4)))
    _, group = np.unique(group_name, return_inverse=True)
    firms = np.maximum(1, np.bincount(group, multi) // _UNITS_PER_FIRM)[group]
    firm = (firms * uniforms(stream_key(key, "firm"), rows) ** 2).astype(np.int64)
    owner = np.where(multi, group * len(rows) + firm, (group.max() + 1) * len(rows) + rows)
    _, account, units = np.unique(owner, return_inverse=True, return_counts=True)
    return account.astype(np.int64), units[account].astype(np.int64)


def _multi_share(ownership: NDArray[np.str_], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    share = np.select([ownership == code for code in _MULTI_SHARE], list(_MULTI_SHARE.values()), 0.0)
    return np.where((weight > _LARGE) & (ownership == "5"), _MULTI_SHARE_LARGE, share)


def _rank_within(account: Integers) -> Integers:
    """Position of each row among the rows of its account, in row order."""
    order = np.argsort(account, kind="stable")
    ordered = account[order]
    first = np.searchsorted(ordered, ordered)
    rank = np.empty(len(account), dtype=np.int64)
    rank[order] = np.arange(len(account)) - first
    return rank


def _enterprises(
    seed: int,
    key: int,
    state_fips: str,
    account: Integers,
    units: Integers,
    ownership: NDArray[np.str_],
    naics: NDArray[np.str_],
) -> tuple[Integers, NDArray[np.bool_]]:
    """EIN per establishment: the account's own, a related account's, a national enterprise's, or 0 (unknown).

    And which are private single-unit accounts with an EIN of their own.
    """
    _, first = np.unique(account, return_index=True)
    accounts = np.arange(len(first))
    private, multi = ownership[first] == "5", units[first] > 1
    related = private & (uniforms(stream_key(key, "related"), accounts) < _RELATED_ACCOUNTS)
    number = int(state_fips) * _STATE_BLOCK + np.where(related, np.maximum(accounts - 1, 0), accounts)
    national = uniforms(stream_key(key, "national"), accounts) < np.where(multi, _NATIONAL_MULTI, _NATIONAL_SINGLE)
    rank = (_NATIONALS_PER_INDUSTRY * uniforms(stream_key(key, "which"), accounts) ** 2).astype(np.int64)
    industry = _prefix(naics[first], 4).astype(np.int64)
    shared = related | (national & private)
    shared[:-1] |= related[1:]
    number = np.where(national & private, _NATIONAL_BLOCK + industry * _NATIONALS_PER_INDUSTRY + rank, number)
    ein = _FIRST_NUMBER + Permutation(_NUMBERS, stream_key(seed, "ein")).forward(number)
    unknown = private & ~multi & (uniforms(stream_key(key, "unknown"), accounts) < _EIN_UNKNOWN)
    return np.where(unknown, 0, ein)[account], (private & ~multi & ~shared)[account]


def _meei(key: int, ownership: NDArray[np.str_], account: Integers, units: Integers) -> Integers:
    chance = uniforms(stream_key(key, "meei"), account)
    single = np.where(chance < 0.004, 4, np.where(chance < 0.014, 6, 1))
    single = np.where(ownership == "5", single, 1)
    composite = uniforms(stream_key(key, "composite"), np.arange(len(account))) < 0.01
    return np.where(units > 1, np.where(composite, 5, 3), single)


def _prefix(codes: NDArray[np.str_], length: int) -> NDArray[np.str_]:
    return codes.astype(f"U{length}")
