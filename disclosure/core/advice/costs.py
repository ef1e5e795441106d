"""What each dimension of a table costs: how many cells it has with it and without, and the share likely withheld.

From published QCEW and the form's own numbers only; no confidential record is behind any number here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import prod

from disclosure.core.advice.forecast import Shares, forecast, levels
from disclosure.core.advice.levels import at_level, coarser_levels, finer_levels, level_of
from disclosure.core.advice.suggest import Change, Coarser
from disclosure.core.tabulation.design import DIMENSIONS, TableDesign

PUBLISHED_BY = ("area", "industry", "ownership")  # what QCEW publishes by


@dataclass(frozen=True)
class Cost:
    """A design with its cells a quarter, and the share of them likely withheld; None where QCEW cannot tell.

    `change` is the one step that leads to it, None for the design as it stands; `is_finer`: it has more cells.
    """

    design: TableDesign
    change: Change | None
    cells: int
    share_withheld: float | None
    is_finer: bool = False


def is_foreseen(design: TableDesign) -> bool:
    """Return whether published QCEW has tables like this one: of all workers or employers, by what it publishes by."""
    return not design.of_people and design.layout == "crossed" and set(design.dimensions) <= set(PUBLISHED_BY)


def costs(design: TableDesign, shares: Shares, states: int, codes: Mapping[str, int]) -> tuple[Cost, ...]:
    """Return a sound design and the designs one step away, the dimensions in their usual order.

    `codes` says how many codes each dimension has that QCEW does not publish by.
    """
    if design.layout != "crossed":
        return ()
    now = _cost(design, None, shares, states, codes)
    steps = [_cost(one, change, shares, states, codes) for one, change in _steps(design) if not one.problems()]
    return (now, *(replace(one, is_finer=one.cells > now.cells) for one in steps))


def finest_cells(design: TableDesign, shares: Shares, codes: Mapping[str, int]) -> int:
    """Return how many cells the table has at its finest level, at least one."""
    found = shares.get(levels(design, 2)[-1])
    others = [codes.get(name, 1) for name in design.dimensions if name not in PUBLISHED_BY]
    return (found.cells if found else 1) * prod(others)


def _cost(design: TableDesign, change: Change | None, shares: Shares, states: int, codes: Mapping[str, int]) -> Cost:
    """With every other dimension comes a total."""
    known = forecast(Coarser(design), shares, states)
    others = [codes.get(name, 1) for name in design.dimensions if name not in PUBLISHED_BY]
    cells = (known.cells if known else 1) * prod(one + 1 if one > 1 else 1 for one in others)
    share = known.share_withheld if known and is_foreseen(design) else None
    return Cost(design, change, cells, share)


def _steps(design: TableDesign) -> Iterator[tuple[TableDesign, Change]]:
    """Each dimension left out or added; areas and industries one level finer and coarser."""
    for name in DIMENSIONS:
        level = level_of(design, name)
        if name in design.dimensions:
            for other in (*coarser_levels(design, name), *finer_levels(design, name)):
                yield at_level(design, name, other), Change(name, level, other)
            if len(design.dimensions) > 1:
                rest = tuple(one for one in design.dimensions if one != name)
                yield replace(design, dimensions=rest), Change(name, level)
        else:
            yield replace(design, dimensions=(*design.dimensions, name)), Change(name, "", level or name)
