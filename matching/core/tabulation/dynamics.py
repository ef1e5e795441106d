"""Business Employment Dynamics: third-month employment of establishments against the quarter before.

Definitions of openings, expansions, closings and contractions: BLS, Employment and Wages Annual Averages, section on
BED. Establishments are the same if they have the same account and reporting unit, else if one names the other as its
predecessor or successor. Private ownership only, without private households (NAICS 814) and without establishments
that have no third-month employment in either quarter.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Texts = npt.NDArray[np.bytes_]
DYNAMICS_COLUMNS = (
    "openings", "expansions", "closings", "contractions", "employment_before", "employment_after",
)  # fmt: skip
HOUSEHOLDS = b"814"


@dataclass(frozen=True)
class Establishments:
    """One quarter of a state (n,): `key` is account and unit; `predecessor`, `successor` too, empty where none."""

    key: Texts
    predecessor: Texts
    successor: Texts
    employment: Ints


@dataclass(frozen=True)
class Links:
    """Establishments compared (k): places in this quarter and in the one before, -1 where there is none."""

    now: Ints
    before: Ints


def linked(now: Establishments, before: Establishments) -> Links:
    """Every establishment of both quarters once, with its counterpart where there is one.

    A link by predecessor and successor holds where the old one reports no employment any more and the new one had none
    before; where several lay claim to the same, the first in order of keys has it.
    """
    found = _places(now.key, before.key)
    _follow(found, now, before)
    gone = np.ones(len(before.key), bool)
    gone[found[found >= 0]] = False
    left = np.flatnonzero(gone)
    return Links(
        np.concatenate([np.arange(len(now.key)), np.full(len(left), -1)]).astype(np.int64),
        np.concatenate([found, left]).astype(np.int64),
    )


def _follow(found: Ints, now: Establishments, before: Establishments) -> None:
    """Link those that have no counterpart with employment by what they name as predecessor, or are named by."""
    new = (found < 0) | (before.employment[found] == 0) if len(before.key) else np.ones(len(found), bool)
    still = np.zeros(len(before.key), bool)
    still[found[(found >= 0) & (now.employment > 0)]] = True
    named = _places(now.predecessor, before.key)
    naming = _places(now.key, before.successor)
    for candidate in (named, naming):
        for place in np.flatnonzero(new & (candidate >= 0) & (now.employment > 0)):  # sold firms: few
            old = candidate[place]
            if not still[old] and before.employment[old] > 0:
                found[found == old] = -1
                found[place], still[old], new[place] = old, True, False


def dynamics(links: Links, now: Establishments, before: Establishments) -> dict[str, Ints]:
    """Jobs gained and lost by pair of establishments (k): columns of ``DYNAMICS_COLUMNS``."""
    after = np.where(links.now >= 0, now.employment[links.now], 0) if len(now.key) else np.zeros_like(links.now)
    was = np.where(links.before >= 0, before.employment[links.before], 0) if len(before.key) else np.zeros_like(after)
    both = (after > 0) & (was > 0)
    return {
        "openings": np.where((was == 0) & (after > 0), after, 0),
        "expansions": np.where(both, np.maximum(after - was, 0), 0),
        "closings": np.where((was > 0) & (after == 0), was, 0),
        "contractions": np.where(both, np.maximum(was - after, 0), 0),
        "employment_before": was,
        "employment_after": after,
    }


def _places(wanted: Texts, keys: Texts) -> Ints:
    """The first place of each wanted text among the keys, -1 where it is empty or not there."""
    if not len(keys):
        return np.full(len(wanted), -1, np.int64)
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    place = np.minimum(np.searchsorted(ordered, wanted), len(keys) - 1)
    return np.where((ordered[place] == wanted) & (wanted != b""), order[place], -1).astype(np.int64)
