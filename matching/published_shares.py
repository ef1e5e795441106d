"""What published QCEW withholds of a table like the one somebody designs. Public data only: web may ask.

QCEW withholds by rules like ours, over the same employers, so its pattern forecasts a design's before anything
confidential is computed (product.md, "The viability forecast").
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from matching.models import PublishedQuarter
from matching.sql.statements import statement

DIGITS = (0, 1, 2, 3, 4, 5, 6)  # 0: all industries together; 1: supersectors
SECTORS = {"31": "31-33", "32": "31-33", "33": "31-33", "44": "44-45", "45": "44-45", "48": "48-49", "49": "48-49"}
OWNERS = {"wage_records": ["2", "3", "5"], "establishments": ["1", "2", "3", "5"]}  # no federal wage records


@dataclass(frozen=True)
class PublishedLevel:
    """The cells of one level of a table: how many there are, how many are withheld, published employment."""

    cells: int
    withheld: int
    jobs: int


@dataclass(frozen=True)
class Depth:
    """How fine the table is: digits of NAICS at most, with counties, by owner. Finer levels are not looked at."""

    digits: int
    counties: bool
    by_owner: bool


# Areas (all, state, county, a kind of group), digits of NAICS (0: together, 1: supersectors), owners (each, together).
Level = tuple[str, int, str]
Groups = Mapping[str, Mapping[str, str]]  # of each kind of group (metro, region), that of each county
PublishedShares = dict[Level, PublishedLevel]
Period = tuple[str, int]  # state FIPS, YYYYQ


def nearest_periods(states: Collection[str], quarters: Sequence[int]) -> list[Period]:
    """For each state the loaded quarter of published QCEW nearest to those asked for; a state without any is absent.

    One quarter stands for all: which cells are withheld changes little from one to the next.
    """
    rows = PublishedQuarter.objects.filter(
        area_fips__in=[f"{state}000" for state in states], industry_code="10", own_code="0", size_code="0"
    ).values_list("area_fips", "year", "qtr")
    loaded: dict[str, list[int]] = {}
    for area, year, quarter in rows:
        loaded.setdefault(area[:2], []).append(int(f"{year}{quarter}"))
    return [(state, min(found, key=lambda one: _distance(one, quarters))) for state, found in sorted(loaded.items())]


def _distance(quarter: int, asked: Sequence[int]) -> tuple[int, int]:
    """Quarters between; the later of two that are as near."""
    return min((abs(_place(quarter) - _place(one)) for one in asked), default=0), -quarter


def _place(quarter: int) -> int:
    return quarter // 10 * 4 + quarter % 10


def published_shares(
    owners: Sequence[str],
    periods: Sequence[Period],
    industries: Collection[str],
    depth: Depth,
    groups: Groups | None = None,
) -> PublishedShares:
    """The cells of every level of a table over these states, owners (as QCEW numbers them), industries (empty: all).

    Counties are also put together by `groups`.
    """
    members = [(kind, county, code) for kind, of in (groups or {}).items() for county, code in of.items()]
    asked = [one for one in _levels(sorted(set(industries))) if one[0] <= depth.digits]
    parameters: dict[str, Any] = {
        "states": [state for state, _ in periods],
        "years": [quarter // 10 for _, quarter in periods],
        "qtrs": [str(quarter % 10) for _, quarter in periods],
        "levels": [level for level, _, _ in asked],
        "digits": [digits for _, digits, _ in asked],
        "patterns": [pattern for _, _, pattern in asked],
        "owners": list(owners),
        "counties": depth.counties,
        "by_owner": depth.by_owner,
        "kinds": [kind for kind, _, _ in members],
        "members": [county for _, county, _ in members],
        "group_codes": [code for _, _, code in members],
    }
    with connection.cursor() as cursor:
        cursor.execute(statement("published_shares"), parameters)
        return {(areas, level, by): PublishedLevel(*counts) for areas, level, by, *counts in cursor.fetchall()}


def _levels(industries: Sequence[str]) -> list[tuple[int, int, str]]:
    """(level of the table, digits of the rows, pattern of their codes) that make up each level.

    Above its own digits an industry asked for stands for itself: a sector of which one subsector is asked holds
    nothing else.
    """
    if not industries:
        return [(digits, digits, "") for digits in DIGITS]
    found = set()
    for code in industries:
        sector = code if "-" in code else SECTORS.get(code, code) if len(code) == 2 else ""
        own, row = (2, sector) if sector else (len(code), code)
        parts = [two for two, name in SECTORS.items() if name == code] or [code]
        for level in DIGITS:
            if level <= own:
                found.add((level, own, f"^{row}$"))
            else:
                found.update((level, level, f"^{part}") for part in parts)
    return sorted(found)
