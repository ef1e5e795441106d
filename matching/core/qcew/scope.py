"""What a file of published QCEW speaks of, and so what it replaces: areas or one industry, in its periods and sizes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import pyarrow.compute as pc

from matching.core.qcew.file import QcewFile
from matching.core.qcew.layout import QcewError

_ASKED: Final = ("area_fips", "industry_code", "size_code", "year", "qtr")


@dataclass(frozen=True)
class Scope:
    """Distinct codes of a file. Periods are the year and the quarter as printed: 20161, 2016A."""

    areas: tuple[str, ...]
    industries: tuple[str, ...]
    sizes: tuple[str, ...]
    periods: tuple[str, ...]
    rows: int

    @property
    def kind(self) -> str:
        """`area`, `industry`, `cell` (one area and industry), else `single`: many areas, whole."""
        one_area, one_industry = len(self.areas) == 1, len(self.industries) == 1
        if one_area and one_industry:
            return "cell"
        return "area" if one_area else "industry" if one_industry else "single"

    @property
    def replaced_areas(self) -> list[str] | None:
        """Only cells of these areas are replaced; None: of every area."""
        return None if self.kind == "industry" else list(self.areas)

    @property
    def replaced_industries(self) -> list[str] | None:
        """Only cells of these industries are replaced; None: of every industry."""
        return list(self.industries) if self.kind in ("industry", "cell") else None


def scope_of(file: QcewFile, progress: Callable[[int], None]) -> Scope:
    """One pass over the file's codes; `progress` gets bytes read. Raises QcewError when no row is in it."""
    found: dict[str, set[str]] = {name: set() for name in (*_ASKED, "period")}
    rows = 0
    for batch in file.batches(_ASKED):
        for name in _ASKED:
            found[name].update(pc.unique(batch[name]).to_pylist())
        periods = pc.binary_join_element_wise(batch["year"], batch["qtr"], "")
        found["period"].update(pc.unique(periods).to_pylist())
        rows += batch.num_rows
        progress(file.position)
    if rows == 0:
        raise QcewError(f"{file.path.name}: the file holds no row.")
    areas, industries, sizes, periods = (
        tuple(sorted(found[name])) for name in ("area_fips", "industry_code", "size_code", "period")
    )
    return Scope(areas, industries, sizes, periods, rows)
