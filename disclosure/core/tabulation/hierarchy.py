"""Dimensions of a table as trees of codes with totals.

Every additive relation of a table comes from these trees: a parent's cell is the sum of its children's cells, for
each combination of the other dimensions. A total over a single code is not made: it would be the same cell twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from disclosure.core.tabulation.regions import REST, metropolitan_area
from matching.core.qcew.published import industry_parent

TOTAL = "TOTAL"
NONE = "NONE"  # a person without a wage record has no state, county, industry or owner
SECTORS = {"31": "31-33", "32": "31-33", "33": "31-33", "44": "44-45", "45": "44-45", "48": "48-49", "49": "48-49"}
SUPERSECTOR = 1  # the level above the digits of NAICS, below QCEW's two domains
INDUSTRY_LEVELS = (SUPERSECTOR, 2, 3, 4, 5, 6)
_NAICS_INDUSTRY = 5
AREA_LEVELS = ("state", "region", "metro", "county")

Chain = tuple[str | None, ...]  # the codes of a leaf's branch from the top down; None where a level is missing


@dataclass(frozen=True)
class Hierarchy:
    """One dimension: nodes in display order (a parent stands before its children) and where each leaf belongs.

    `parent` is -1 for the root. `levels` holds, per level from the top, the node of every leaf of `leaves`, or -1
    where the leaf's branch has no such level.
    """

    name: str
    codes: tuple[str, ...]
    parent: npt.NDArray[np.int64]
    leaves: tuple[str, ...]
    levels: tuple[npt.NDArray[np.int64], ...]

    @property
    def size(self) -> int:
        """Return the number of nodes, totals included."""
        return len(self.codes)


def area(counties: Iterable[str], level: str, regions: Mapping[str, str] | None = None) -> Hierarchy:
    """Build county -> state -> total, or state, metropolitan area or region -> total; `regions` names that of each
    county. States are written as QCEW does: 44 is 44000."""
    named = regions or {}

    def chain(county: str) -> Chain:
        state = county[:2] + "000" if county else None
        if level == "county":
            return (TOTAL, state, county or NONE)
        if level == "metro":
            return (TOTAL, metropolitan_area(county) if county else NONE)
        if level == "region":
            return (TOTAL, named.get(county, REST) if county else NONE)
        return (TOTAL, state or NONE)

    return _tree("area", counties, chain)


def industry_levels(level: int) -> tuple[int, ...]:
    """Return the digits of the levels of a table: below 4 digits either 5 or 6, which mostly are the same cells;
    supersectors, which are levels of no digits, stand by themselves."""
    return tuple(
        digits
        for digits in INDUSTRY_LEVELS
        if digits <= level and (digits not in {SUPERSECTOR, _NAICS_INDUSTRY} or digits == level)
    )


def industry(codes: Iterable[str], level: int, name: str = "industry") -> Hierarchy:
    """Build the NAICS prefix tree down to 2 to 6 digits; manufacturing, retail and transport span codes. At the level
    of supersectors it is supersector -> domain -> total, in QCEW's codes."""
    kept = industry_levels(level)

    def chain(code: str) -> Chain:
        if not code:
            return (TOTAL, *[None] * (1 if level == SUPERSECTOR else len(kept) - 1), NONE)
        if level == SUPERSECTOR:
            supersector = industry_parent(_naics(code, 2)) or ""
            return (TOTAL, supersector[:3], supersector)
        return (TOTAL, *(_naics(code, digits) for digits in kept))

    return _tree(name, codes, chain)


def flat(name: str, codes: Iterable[str]) -> Hierarchy:
    """Build codes -> total: ownership, cohort, state of employment."""
    return _tree(name, codes, lambda code: (TOTAL, code or NONE))


def _naics(code: str, digits: int) -> str:
    return SECTORS.get(code[:2], code[:2]) if digits == 2 else code[:digits]


def _tree(name: str, codes: Iterable[str], chain_of: Callable[[str], Chain]) -> Hierarchy:
    leaves = tuple(sorted(set(codes)))
    chains = _without_single_total([chain_of(leaf) for leaf in leaves])
    paths = sorted({path for chain in chains for path in _paths(chain)})
    node = {path[-1]: index for index, path in enumerate(paths)}
    if len(node) != len(paths):
        raise ValueError(f"a code of the dimension {name} stands at two places of its tree")
    parent = [node[path[-2]] if len(path) > 1 else -1 for path in paths]
    levels = [[-1 if code is None else node[code] for code in level] for level in zip(*chains, strict=True)]
    return Hierarchy(
        name,
        tuple(node),
        np.array(parent, dtype=np.int64),
        leaves,
        tuple(np.array(level, dtype=np.int64) for level in levels),
    )


def _without_single_total(chains: list[Chain]) -> list[Chain]:
    """Leave out the total where only one code stands below it."""
    children = {next(code for code in chain[1:] if code is not None) for chain in chains}
    return [chain[1:] for chain in chains] if len(children) == 1 else chains


def _paths(chain: Chain) -> list[tuple[str, ...]]:
    codes = [code for code in chain if code is not None]
    return [tuple(codes[: depth + 1]) for depth in range(len(codes))]
