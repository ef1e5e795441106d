"""The cells of the QCEW layout above an establishment, their aggregation levels, and which of them may be exempt.

A cell is area, ownership, industry and size class (0: all sizes). Counties add up to states and to metropolitan areas
(by the delineation of `regions.py`), industries to sectors, supersectors, domains and all; owners to all (0) and to
government (8, of states); size classes of private establishments, in first quarters, to the state's sectors (BLS
aggregation levels 61 to 64).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cache

import numpy as np

from disclosure.core.tabulation.contributions import Ints
from disclosure.core.tabulation.regions import metropolitan_areas
from matching.core.qcew.published import industry_parent
from matching.core.qcew.published import parents as parents_of_all_sizes

Code = tuple[str, str, str, str]  # area, ownership, industry, size class
Parent = tuple[str, Code]  # kind of relation, the cell above

ALL_SIZES = "0"
FEDERAL, PRIVATE = "1", "5"
UNCLASSIFIED = frozenset({"1029", "99", "999", "9999", "99999", "999999"})
_SECTOR = 4
CLASS_FROM = (0, 5, 10, 20, 50, 100, 250, 500, 1000)  # employees in March


def code_of(key: tuple[str, ...]) -> Code:
    """Return the code of a cell without its quarter."""
    return key[1], key[2], key[3], key[4]


def parents(code: Code) -> Iterator[Parent]:
    """Yield the cells right above a cell, each with the kind of sum it is part of."""
    area, ownership, industry, size = code
    if size == ALL_SIZES:
        for kind, (above, owner, of) in parents_of_all_sizes((area, ownership, industry)):
            if not (kind == "area" and is_metropolitan(area)):
                yield kind, (above, owner, of, ALL_SIZES)
        if area in metropolitan_areas():
            yield "metro", (metropolitan_areas()[area], ownership, industry, ALL_SIZES)
        return
    yield "size", (area, ownership, industry, ALL_SIZES)
    parent = industry_parent(industry)
    if parent is not None:
        yield "industry", (area, ownership, parent, size)


def is_metropolitan(area: str) -> bool:
    """Return whether an area's code is that of a metropolitan area."""
    return area.startswith("C") and area[1:].isdigit()


def whole_metropolitan_areas(states: Collection[str]) -> frozenset[str]:
    """Return the metropolitan areas that lie wholly in some states (FIPS); of others a table has only a part."""
    beyond = {area for county, area in metropolitan_areas().items() if county[:2] not in states}
    return frozenset({*metropolitan_areas().values()} - beyond)


@cache
def at_and_above(code: Code) -> frozenset[Code]:
    """Return the cell and every cell that counts it."""
    return frozenset({code}).union(*(at_and_above(parent) for _, parent in parents(code)))


def size_classes(employment: Ints) -> list[str]:
    """Return the size class of each establishment by its March employment (n); none is class 1."""
    return [str(number) for number in np.searchsorted(CLASS_FROM, employment, side="right").tolist()]


def counted_in(area: str, ownership: str, industry: str, size: str) -> frozenset[Code]:
    """Return every cell that counts the establishments of one size class in a finest cell.

    By size there are no counties and no industries below the sector.
    """
    counting = at_and_above((area, ownership, industry, ALL_SIZES))
    if size == ALL_SIZES:
        return counting
    return counting | at_and_above((area[:2] + "000", ownership, _sector(industry), size))


def _sector(industry: str) -> str:
    while industry_depth(industry) > _SECTOR:
        industry = industry_parent(industry) or ""
    return industry


def industry_depth(industry: str) -> int:
    """Return 1 for all industries, 2 domain, 3 supersector, 4 sector, 5 to 8 for three to six digits of NAICS."""
    if industry.startswith("10"):
        return len(industry) - 1
    return _SECTOR if len(industry) == 2 or "-" in industry else len(industry) + 2


def aggregation_level(code: Code) -> str:
    """Return BLS's agglvl_code of a cell: 1x nation, 4x metropolitan area, 5x and 6x state, 7x county."""
    area, ownership, industry, size = code
    family = _family(area)
    if ownership == "8":
        return {1: "95", 5: "96"}[family]
    if size != ALL_SIZES:
        family += 1
    return f"{family}{0 if ownership == '0' else industry_depth(industry)}"


def _family(area: str) -> int:
    if area == "US000":
        return 1
    if is_metropolitan(area):
        return 4
    return 5 if area.endswith("000") else 7
