"""What a requester asks of a table: source, people or universe, dimensions with their levels, filters, measures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from disclosure.core.measures import CATALOGUE, PEOPLE_ROWS, SOURCE_OF, UNIVERSE_ROWS, counted_rows
from disclosure.core.tabulation.hierarchy import AREA_LEVELS, INDUSTRY_LEVELS, SECTORS

SOURCES = ("wage_records", "establishments")
DIMENSIONS = (
    "cohort", "state", "area", "industry", "ownership", "origin_state", "origin_industry", "tenure",
)  # fmt: skip
TIMES = ("quarter", "since")
LAYOUTS = ("crossed", "qcew")
QCEW_DIMENSIONS = ("area", "ownership", "industry")
MOST_DIMENSIONS = 4
_PERSON_DIMENSIONS = frozenset({"cohort", "state", "origin_state", "origin_industry", "tenure"})
_DIMENSIONS_OF = {
    "employers": frozenset({"state", "area", "industry", "ownership"}),
    "jobs": frozenset({"state", "area", "industry", "ownership"}),
    "moves": frozenset({"state", "area", "industry", "ownership", "origin_state", "origin_industry"}),
    "persons": frozenset(DIMENSIONS),
    "establishments": frozenset({"area", "industry", "ownership"}),
    "dynamics": frozenset({"area", "industry", "ownership"}),
}


class DesignError(ValueError):
    """A table design that cannot be tabulated; `problems` says what to change, one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class TableDesign:
    """A table: its dimensions are crossed with their totals for every quarter; quarters are never added up.

    `industries` are NAICS prefixes (2 to 6 digits, or a sector such as 44-45); empty means all. `followed_from` (YYYYQ,
    or 0 for none) makes a table of the people found in those industries in that quarter and followed; named cohorts are
    people as well (`people`, which is no entry of the form). `time` is the calendar's quarter, or the quarters since
    the reference quarter of each cohort ("since"; of those, `after` are shown, or all). The `layout` "qcew" has the
    cells that BLS publishes instead of crossed dimensions: all levels of NAICS, owners and areas, and size classes.
    """

    source: str
    dimensions: tuple[str, ...]
    measures: tuple[str, ...]
    area_level: str = "county"
    industry_level: int = 2
    industries: tuple[str, ...] = ()
    ownerships: tuple[str, ...] = ()
    followed_from: int = 0
    time: str = "quarter"
    after: tuple[int, ...] = ()
    people: bool = False
    layout: str = "crossed"

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, people: bool = False) -> TableDesign:
        """Read the JSON of a request's form; raise DesignError with every problem at once.

        `people`: the request sends named cohorts.
        """
        problems = [f"Unknown entry {key}." for key in sorted(set(data) - _ENTRIES)]
        followed_from = _number(data.get("followed_from"), 0)
        design = cls(
            source=str(data.get("source", "")),
            dimensions=_words(data.get("dimensions")),
            measures=_words(data.get("measures")),
            area_level=str(data.get("area_level") or "county"),
            industry_level=_number(data.get("industry_level"), 2),
            industries=_words(data.get("industries")),
            ownerships=_words(data.get("ownerships")),
            followed_from=followed_from,
            time=str(data.get("time") or "quarter"),
            after=tuple(_number(word, -1) for word in _words(data.get("after"))),
            layout=str(data.get("layout") or "crossed"),
            people=people or bool(followed_from) or "cohort" in _words(data.get("dimensions")),
        )
        problems += design.problems()
        if problems:
            raise DesignError(problems)
        return design

    @property
    def rows(self) -> str:
        """Return the kind of contributions the table is made from; "" where no kind has all its measures."""
        offered = PEOPLE_ROWS if self.of_people else UNIVERSE_ROWS
        known = tuple(name for name in self.measures if name in CATALOGUE)
        return counted_rows(known, tuple(rows for rows in offered if SOURCE_OF[rows] == self.source))

    @property
    def of_people(self) -> bool:
        """Return whether it is a table of people followed or of named cohorts."""
        return self.people or bool(self.followed_from) or "cohort" in self.dimensions

    def as_dict(self) -> dict[str, Any]:
        """Return the design as a form keeps it."""
        return {name: value for name, value in asdict(self).items() if name in _ENTRIES}

    def validate(self) -> None:
        """Raise DesignError if the design cannot be tabulated."""
        problems = self.problems()
        if problems:
            raise DesignError(problems)

    def problems(self) -> list[str]:
        """Return what must change, in plain words; empty when the design is sound."""
        return [
            *self._dimension_problems(),
            *self._layout_problems(),
            *self._level_problems(),
            *self._time_problems(),
            *self._measure_problems(),
        ]

    def _dimension_problems(self) -> list[str]:
        found = []
        if self.source not in SOURCES:
            found.append("Choose wage records or establishments as the source.")
        if not self.dimensions:
            found.append("Choose at least one dimension.")
        if len(self.dimensions) > MOST_DIMENSIONS:
            found.append(f"Choose at most {MOST_DIMENSIONS} dimensions.")
        if len(set(self.dimensions)) < len(self.dimensions):
            found.append("Name each dimension once.")
        found += [f"There is no dimension {name}." for name in self.dimensions if name not in DIMENSIONS]
        if {"state", "area"} <= set(self.dimensions):
            found.append("Choose state or area, not both: an area table has the states as totals.")
        if self.source == "establishments" and _PERSON_DIMENSIONS & set(self.dimensions):
            found.append("Cohort and state of employment describe persons: choose wage records, or area by state.")
        return found

    def _layout_problems(self) -> list[str]:
        if self.layout not in LAYOUTS:
            return ["The layout is crossed or qcew."]
        if self.layout == "qcew" and (self.source != "establishments" or set(self.dimensions) != set(QCEW_DIMENSIONS)):
            return ["The layout of QCEW is a table of establishments by area, ownership and industry."]
        if self.layout == "qcew" and (self.industries or self.ownerships):
            return ["The layout of QCEW has all industries and owners, so that its totals are what they say."]
        return []

    def _level_problems(self) -> list[str]:
        found = []
        if self.area_level not in AREA_LEVELS:
            found.append("The area level is county or state.")
        if self.industry_level not in INDUSTRY_LEVELS:
            found.append("The industry level is 2, 3, 4 or 6 digits.")
        found += [f"{code} is not a NAICS code of 2 to 6 digits or a sector." for code in self.industries
                  if not _is_industry(code)]  # fmt: skip
        found += [f"{code} is no ownership; choose 1, 2, 3 or 5." for code in self.ownerships
                  if code not in {"1", "2", "3", "5"}]  # fmt: skip
        return found

    def _time_problems(self) -> list[str]:
        found = []
        if self.time not in TIMES:
            found.append("Time is the calendar's quarter, or quarters since the reference quarter.")
        if self.time == "since" and not self.of_people:
            found.append("Quarters since a reference quarter are counted for people followed only.")
        if self.followed_from and not (self.source == "wage_records" and _is_quarter(self.followed_from)):
            found.append("People are followed in wage records, from one reference quarter on.")
        if self.after and (self.time != "since" or min(self.after) < 0):
            found.append("Name quarters after the reference quarter as 0, 1, 2 and so on.")
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
        return found or (self._row_problems() if self.measures and self.source in SOURCES else [])

    def _row_problems(self) -> list[str]:
        """Measures that are counted from different things cannot stand in one table, nor dimensions they have not."""
        offered = PEOPLE_ROWS if self.of_people else UNIVERSE_ROWS
        foreign = [CATALOGUE[name] for name in self.measures if not set(CATALOGUE[name].rows) & set(offered)]
        if foreign:
            what = "people followed: name a cohort" if not self.of_people else "all workers, not people followed"
            return [f"{measure.title} is counted of {what}." for measure in foreign]
        if not self.rows:
            titles = ", ".join(CATALOGUE[name].title for name in self.measures)
            return [f"These measures are counted from different things; make a table of each: {titles}."]
        return [
            f"This table has no dimension {name.replace('_', ' ')}: its measures are not counted by it."
            for name in self.dimensions
            if name in DIMENSIONS and name not in _DIMENSIONS_OF[self.rows]
        ]

    def industry_prefixes(self) -> tuple[str, ...]:
        """Return the filter as plain prefixes: the sector 44-45 is 44 and 45."""
        spans = {sector: [code for code, name in SECTORS.items() if name == sector] for sector in SECTORS.values()}
        return tuple(sorted({prefix for code in self.industries for prefix in spans.get(code, [code])}))


_ENTRIES = frozenset(field.name for field in fields(TableDesign)) - {"people"}


def _words(value: object) -> tuple[str, ...]:
    return tuple(str(word) for word in value) if isinstance(value, list | tuple) else ()


def _number(value: object, empty: int) -> int:
    text = str(value if value not in (None, "") else empty)
    return int(text) if text.isascii() and text.isdecimal() else 0 if empty >= 0 else empty


def _is_industry(code: str) -> bool:
    return code in SECTORS.values() or (code.isascii() and code.isdecimal() and 2 <= len(code) <= 6)


def _is_quarter(quarter: int) -> bool:
    return 19000 < quarter < 21000 and 1 <= quarter % 10 <= 4
