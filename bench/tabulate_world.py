"""Wage records for `bench tabulate`, straight in the shape of segments: persons, units, wages, several quarters.

Sizes of employers, industries and places are skewed; most persons stay with their employer, some move, some have two
jobs, some have none. The same in every run.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from matching.core.micro.employer_text import employer_text
from matching.segments.arrow_file import Columns, ColumnWriter, mapped
from matching.segments.match import OpenLoad
from matching.segments.records import TYPES, Records
from matching.segments.units import TYPES as UNIT_TYPES

QUARTERS = (20161, 20162, 20163, 20164, 20171, 20172, 20173, 20174)
STATES = ("10", "44")
_UNITS_A_RECORD = 0.035
_STAY, _WORK, _SECOND = 0.9, 0.83, 0.04
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Units:
    """The employers' units, the same in every quarter: county (SSCCC), NAICS, ownership, enterprise, as numbers."""

    county: Ints
    naics: Ints
    ownership: Ints
    enterprise: Ints


def make_units(count: int) -> Units:
    """Skewed places and industries; one unit in seven belongs to an enterprise with several."""
    draw = np.random.default_rng(1)
    counties = np.array([int(state) * 1000 + 2 * number + 1 for state in STATES for number in range(150)])
    industries = _industries()
    holding = draw.random(count) < 0.15
    return Units(
        counties[_skewed(draw, len(counties), count)],
        industries[_skewed(draw, len(industries), count)],
        draw.choice([2, 3, 5], count, p=[0.01, 0.03, 0.96]),
        np.where(holding, 100_000_000 + _skewed(draw, max(count // 50, 1), count), 200_000_000 + np.arange(count)),
    )


def _industries() -> Ints:
    """A thousand 6-digit codes in twenty sectors."""
    sectors = (11, 21, 22, 23, 31, 32, 33, 42, 44, 45, 48, 51, 52, 53, 54, 56, 61, 62, 71, 72)
    return np.array([sector * 10_000 + 1111 + 10 * number + number // 3 * 97 for sector in sectors
                     for number in range(50)])  # fmt: skip


def _skewed(draw: np.random.Generator, kinds: int, count: int) -> Ints:
    weight = (1 + np.arange(kinds)) ** -0.8
    return draw.permutation(kinds)[np.searchsorted(np.cumsum(weight) / weight.sum(), draw.random(count))]


def write_quarters(folder: Path, rows: int, quarters: int) -> Units:
    """Write each quarter's records and units as segments do, of `rows` persons, five in six of whom work."""
    draw = np.random.default_rng(2)
    units = make_units(units_of(rows))
    persons, count = rows, len(units.county)
    size = np.cumsum(draw.pareto(1.1, count) + 0.2)
    size /= size[-1]
    place = np.searchsorted(size, draw.random(persons)).astype(np.int32)
    pay = draw.lognormal(8.9, 0.6, persons)
    for quarter in range(quarters):
        moved = draw.random(persons) > _STAY
        place[moved] = np.searchsorted(size, draw.random(int(moved.sum())))
        works = np.flatnonzero(draw.random(persons) < _WORK)
        second = works[draw.random(len(works)) < _SECOND]
        person = np.concatenate([works, second]) + 1
        unit = np.concatenate([place[works], np.searchsorted(size, draw.random(len(second)))])
        wages = (pay[person - 1] * draw.lognormal(0, 0.2, len(person))).astype(np.int32)
        order = np.argsort((person << 32) | unit)
        _write(folder, quarter, person[order], unit[order] + quarter * count, wages[order])
    _write_units(folder, units)
    return units


def _write(folder: Path, quarter: int, person: Ints, unit: Ints, wages: Any) -> None:
    with ColumnWriter(folder, f"records-{QUARTERS[quarter]}", TYPES) as writer:
        nothing = np.full(len(person), -1, np.int16)
        writer.add({"person": person, "unit": unit, "wages": wages, "hours": nothing, "weeks": nothing})
        writer.finish({})
    first_row = np.searchsorted(person, np.arange(int(person[-1]) + 2))
    with ColumnWriter(folder, f"rows-{QUARTERS[quarter]}", {"first_row": "u4"}) as writer:
        writer.add({"first_row": first_row})
        writer.finish({})


def _write_units(folder: Path, units: Units) -> None:
    count = len(units.county)
    ein = units.enterprise.astype("S9")
    uin = np.char.zfill(np.arange(count).astype("S10"), 10)
    text: Columns = {
        "employer": employer_text(STATES[0], QUARTERS[0], uin, np.full(count, b"00000"), ein),
        "dominant_naics": units.naics.astype("S6"), "area": units.county.astype("S5"),
        "ownership": units.ownership.astype("S1"), "enterprise": ein.astype("S12"),
    }  # fmt: skip
    with ColumnWriter(folder, "units", UNIT_TYPES) as writer:
        writer.add(text)
        writer.finish({})


def units_of(rows: int) -> int:
    """How many units a quarter of so many records has."""
    return int(rows * _UNITS_A_RECORD)


def open_quarters(folder: Path, quarters: int) -> dict[int, list[OpenLoad]]:
    """The quarters as the match opens them; one load a quarter, whose state is the first."""
    units = mapped(folder / "units.arrow").columns
    loads = {}
    for number, quarter in enumerate(QUARTERS[:quarters]):
        records = mapped(folder / f"records-{quarter}.arrow").columns
        first_row = mapped(folder / f"rows-{quarter}.arrow").columns["first_row"]
        loads[quarter] = [
            OpenLoad(number, STATES[0], number * len(units["employer"]), Records(records, first_row), units)
        ]
    return loads
