"""The viability forecast from public data: how much of a table of this design would be withheld, and what would help.

Everything here comes from published QCEW; no confidential record is behind any number (product.md, "The viability
forecast"). It is an estimate: the table may be made of other measures, and of persons instead of establishments.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from disclosure.core.advice.suggest import Coarser, coarser
from disclosure.core.tabulation.design import TableDesign
from disclosure.core.tabulation.hierarchy import industry_levels

TOO_MANY = 0.5  # a table that withholds more than half says so before it is submitted
BETTER = 3
_AREAS: dict[str, tuple[str, ...]] = {
    "state": ("all", "state"), "metro": ("all", "metro"), "region": ("all", "region"),
    "county": ("all", "state", "county"),
}  # fmt: skip
_CONSIDERED = 40


class PublishedLevel(Protocol):
    """The published cells of one level of a table: how many, how many withheld, and published employment."""

    @property
    def cells(self) -> int: ...
    @property
    def withheld(self) -> int: ...
    @property
    def jobs(self) -> int: ...


Shares = Mapping[tuple[str, int, str], PublishedLevel]  # by areas, digits of NAICS and owners


@dataclass(frozen=True)
class Forecast:
    """A design with what published QCEW withholds of its cells, and the share of employment at its finest level."""

    design: Coarser
    cells: int
    withheld: int
    share_of_value: float

    @property
    def share_withheld(self) -> float:
        """Return the share of cells that would be withheld."""
        return self.withheld / self.cells if self.cells else 0.0

    @property
    def withholds_too_much(self) -> bool:
        """Return whether more than half would be withheld."""
        return self.share_withheld > TOO_MANY


def forecast(one: Coarser, shares: Shares, states: int) -> Forecast | None:
    """Return the forecast of a design over so many states; None where QCEW has no such table."""
    asked = levels(one.design, states)
    found = [shares[level] for level in asked if level in shares]
    if not any(level[0] == asked[-1][0] for level in shares):
        return None
    finest, top = shares.get(asked[-1]), shares.get(("all", 0, "together"))
    share = finest.jobs / top.jobs if finest and top and top.jobs else 0.0
    return Forecast(one, sum(level.cells for level in found), sum(level.withheld for level in found), min(share, 1.0))


def better(design: TableDesign, shares: Shares, states: int, at_most: int = BETTER) -> tuple[Forecast, ...]:
    """Return coarser designs that would withhold a smaller share: of each size of change those that help most.

    Those that withhold at most half come first, with the fewest changes; then those that come nearest to it.
    """
    now = forecast(Coarser(design), shares, states)
    if now is None:
        return ()
    # Pooling quarters is left out: published QCEW cannot tell what it would do.
    ones = [forecast(one, shares, states) for one in coarser(design, 1, at_most=_CONSIDERED)]
    helpful = [one for one in ones if one and one.share_withheld < now.share_withheld]
    helpful.sort(key=lambda one: (one.withholds_too_much, len(one.design.changes), one.share_withheld))
    return tuple(helpful[:at_most])


def levels(design: TableDesign, states: int) -> list[tuple[str, int, str]]:
    """Return the levels of a table's cells, the finest last."""
    areas = _AREAS.get(design.area_level, ()) if "area" in design.dimensions else ("all",)
    if states == 1 and "state" in areas:
        areas = tuple(one for one in areas if one != "all")  # the state is the total
    digits = [0, *industry_levels(design.industry_level)]
    digits = digits if "industry" in design.dimensions else [0]
    owners = ("together", "each") if "ownership" in design.dimensions else ("together",)
    return [(area, digit, owner) for area in areas for digit in digits for owner in owners]
