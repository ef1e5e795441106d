"""Counties put together: metropolitan areas as the Office of Management and Budget delineates them, or a state's own.

Metropolitan areas have QCEW's codes: C and the first four digits of the area's CBSA code (delineation of July 2015,
data/SOURCES.md). Micropolitan areas are not told apart, as QCEW has no detail of them; counties outside metropolitan
areas stand together by state. An area that reaches beyond the states of a table is there with its counties in them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parents[3] / "data" / "fips" / "cbsa_delineation.csv"
_METROPOLITAN = "Metropolitan Statistical Area"
OUTSIDE = "-NONMETRO"  # after a state's FIPS code: its counties outside metropolitan areas
REST = "REST"  # counties in none of a state's own regions
_ENTRY = re.compile(r"([A-Za-z][\w .&'/()-]{0,39})=(\d{5}(?:,\d{5})*)", re.ASCII)
_TAKEN = frozenset({"TOTAL", "NONE", REST})
PROBLEM = (
    "Write each region as its name and its counties, North=44001,44007: five digits each, a county in one region only. "
    "A name begins with a letter and has at most 40 characters."
)


@cache
def metropolitan_areas() -> Mapping[str, str]:
    """Return QCEW's code of the metropolitan area of each county (FIPS) that is in one."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        return {
            f"{int(row['fipsstatecode']):02d}{int(row['fipscountycode']):03d}": f"C{row['cbsacode'][:4]}"
            for row in csv.DictReader(file)
            if row["metropolitanmicropolitanstatis"] == _METROPOLITAN
        }


def metropolitan_area(county: str) -> str:
    """Return the metropolitan area of a county, or what stands for its state's counties outside of any."""
    return metropolitan_areas().get(county, county[:2] + OUTSIDE)


def regions_of(entries: Sequence[str]) -> dict[str, str]:
    """Return the region of each county from entries such as North=44001,44007. Raises ValueError in words."""
    found = [_ENTRY.fullmatch(entry) for entry in entries]
    pairs = [(county, one[1].strip()) for one in found if one for county in one[2].split(",")]
    names = [one[1].strip() for one in found if one]
    if not all(found) or len(dict(pairs)) < len(pairs) or len({*names}) < len(names) or _TAKEN & {*names}:
        raise ValueError(PROBLEM)
    return dict(pairs)
