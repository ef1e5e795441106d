"""The levels of areas and industries a design can have: which are the next coarser and the next finer ones."""

from __future__ import annotations

from dataclasses import replace

from disclosure.core.tabulation.design import TableDesign
from disclosure.core.tabulation.hierarchy import INDUSTRY_LEVELS

# The first of several is the usual one; metropolitan areas and regions are made of counties and may cross states.
_COARSER_AREAS = {"county": ("state", "metro", "region"), "metro": ("state",), "region": ("state",), "state": ()}
_FINER_AREAS = {"state": ("county", "metro", "region"), "metro": ("county",), "region": ("county",), "county": ()}


def level_of(design: TableDesign, name: str) -> str:
    """Return the level of a dimension; empty where it has none."""
    return {"area": design.area_level, "industry": str(design.industry_level)}.get(name, "")


def coarser_levels(design: TableDesign, name: str) -> tuple[str, ...]:
    """Return the levels next coarser that the design could have."""
    return _sound(design, name, _COARSER_AREAS, -1)


def finer_levels(design: TableDesign, name: str) -> tuple[str, ...]:
    """Return the levels next finer that the design could have."""
    return _sound(design, name, _FINER_AREAS, 1)


def at_level(design: TableDesign, name: str, level: str) -> TableDesign:
    """Return the design with areas or industries at another level."""
    return replace(design, area_level=level) if name == "area" else replace(design, industry_level=int(level))


def _sound(design: TableDesign, name: str, areas: dict[str, tuple[str, ...]], step: int) -> tuple[str, ...]:
    found: tuple[str, ...] = ()
    if name == "area":
        found = areas.get(design.area_level, ())
    elif name == "industry" and design.industry_level in INDUSTRY_LEVELS:
        place = INDUSTRY_LEVELS.index(design.industry_level) + step
        found = (str(INDUSTRY_LEVELS[place]),) if 0 <= place < len(INDUSTRY_LEVELS) else ()
    return tuple(level for level in found if not at_level(design, name, level).problems())
