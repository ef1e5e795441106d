"""What a requester asks of a table: source, dimensions with their levels, filter and measures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from disclosure.core.hierarchy import AREA_LEVELS, INDUSTRY_LEVELS, SECTORS
from disclosure.core.measures import CATALOGUE

SOURCES = ("wage_records", "establishments")
DIMENSIONS = ("cohort", "state", "area", "industry", "ownership")
_PERSON_DIMENSIONS = frozenset({"cohort", "state"})


class DesignError(ValueError):
    """A table design that cannot be tabulated; `problems` says what to change, one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class TableDesign:
    """A table: its dimensions are crossed with their totals for every quarter; quarters are never added up.

    `industries` are NAICS prefixes (2 to 6 digits, or a sector such as 44-45); empty means all.
    """

    source: str
    dimensions: tuple[str, ...]
    measures: tuple[str, ...]
    area_level: str = "county"
    industry_level: int = 2
    industries: tuple[str, ...] = ()

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> TableDesign:
        """Read the JSON of a request's form; raise DesignError with every problem at once."""
        problems = [f"Unknown entry {key}." for key in sorted(set(data) - _ENTRIES)]
        design = cls(
            source=str(data.get("source", "")),
            dimensions=_words(data.get("dimensions")),
            measures=_words(data.get("measures")),
            area_level=str(data.get("area_level") or "county"),
            industry_level=_digits(data.get("industry_level")),
            industries=_words(data.get("industries")),
        )
        problems += design.problems()
        if problems:
            raise DesignError(problems)
        return design

    def validate(self) -> None:
        """Raise DesignError if the design cannot be tabulated."""
        problems = self.problems()
        if problems:
            raise DesignError(problems)

    def problems(self) -> list[str]:
        """Return what must change, in plain words; empty when the design is sound."""
        return [*self._dimension_problems(), *self._level_problems(), *self._measure_problems()]

    def _dimension_problems(self) -> list[str]:
        found = []
        if self.source not in SOURCES:
            found.append("Choose wage records or establishments as the source.")
        if not self.dimensions:
            found.append("Choose at least one dimension.")
        if len(set(self.dimensions)) < len(self.dimensions):
            found.append("Name each dimension once.")
        found += [f"There is no dimension {name}." for name in self.dimensions if name not in DIMENSIONS]
        if {"state", "area"} <= set(self.dimensions):
            found.append("Choose state or area, not both: an area table has the states as totals.")
        if self.source == "establishments" and _PERSON_DIMENSIONS & set(self.dimensions):
            found.append("Cohort and state of employment describe persons: choose wage records, or area by state.")
        return found

    def _level_problems(self) -> list[str]:
        found = []
        if self.area_level not in AREA_LEVELS:
            found.append("The area level is county or state.")
        if self.industry_level not in INDUSTRY_LEVELS:
            found.append("The industry level is 2, 3, 4 or 6 digits.")
        found += [f"{code} is not a NAICS code of 2 to 6 digits or a sector." for code in self.industries
                  if not _is_industry(code)]  # fmt: skip
        return found

    def _measure_problems(self) -> list[str]:
        found = [] if self.measures else ["Choose at least one measure."]
        if len(set(self.measures)) < len(self.measures):
            found.append("Name each measure once.")
        for name in self.measures:
            if name not in CATALOGUE:
                found.append(f"There is no measure {name}.")
            elif self.source in SOURCES and self.source not in CATALOGUE[name].sources:
                found.append(f"{CATALOGUE[name].title} cannot be made from {self.source.replace('_', ' ')}.")
        return found

    def industry_prefixes(self) -> tuple[str, ...]:
        """Return the filter as plain prefixes: the sector 44-45 is 44 and 45."""
        spans = {sector: [code for code, name in SECTORS.items() if name == sector] for sector in SECTORS.values()}
        return tuple(sorted({prefix for code in self.industries for prefix in spans.get(code, [code])}))


_ENTRIES = frozenset(TableDesign.__dataclass_fields__)


def _words(value: object) -> tuple[str, ...]:
    return tuple(str(word) for word in value) if isinstance(value, list | tuple) else ()


def _digits(value: object) -> int:
    text = str(value if value not in (None, "") else 2)
    return int(text) if text.isdecimal() else 0


def _is_industry(code: str) -> bool:
    return code in SECTORS.values() or (code.isascii() and code.isdecimal() and 2 <= len(code) <= 6)
