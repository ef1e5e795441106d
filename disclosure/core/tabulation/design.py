"""What a requester asks of a table: source, people or universe, dimensions with their levels, filters, measures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from disclosure.core.measures import (
    CATALOGUE,
    PEOPLE_ROWS,
    SOURCE_OF,
    UNIVERSE_ROWS,
    Change,
    Quantile,
    Quotient,
    bases,
    counted_rows,
    quantiles,
)
from disclosure.core.tabulation.hierarchy import AREA_LEVELS, INDUSTRY_LEVELS, SECTORS, SUPERSECTOR
from disclosure.core.tabulation.periods import POOLING, TIMES
from disclosure.core.tabulation.prices import Prices
from disclosure.core.tabulation.regions import regions_of

SOURCES = ("wage_records", "establishments")
DIMENSIONS = (
    "cohort", "state", "area", "industry", "ownership", "origin_state", "origin_industry", "tenure", "size",
)  # fmt: skip
LAYOUTS = ("crossed", "qcew")
QCEW_DIMENSIONS = ("area", "ownership", "industry")
MOST_DIMENSIONS = 4
OF_SEVERAL_QUARTERS = frozenset({"earnings_change", "earnings_change_percent", "pay_before", "pay_after"})
_PERSON_DIMENSIONS = frozenset({"cohort", "state", "origin_state", "origin_industry", "tenure"})
_DIMENSIONS_OF = {
    "employers": frozenset({"state", "area", "industry", "ownership"}),
    "jobs": frozenset({"state", "area", "industry", "ownership"}),
    "moves": frozenset({"state", "area", "industry", "ownership", "origin_state", "origin_industry"}),
    "persons": frozenset(DIMENSIONS) - {"size"},
    "establishments": frozenset({"area", "industry", "ownership", "size"}),
    "dynamics": frozenset({"area", "industry", "ownership", "size"}),
}


Problem = tuple[str, str]  # the entry of the design it is about, and what must change in plain words


class DesignError(ValueError):
    """A table design that cannot be tabulated; `problems` says what to change, one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class TableDesign:
    """A table: its dimensions are crossed with their totals for every quarter, or for quarters pooled.

    `industries` are NAICS prefixes (2 to 6 digits, or a sector such as 44-45); empty means all. `regions` are those of
    the form (North=44001,44007), for areas at that level. `followed_from` (YYYYQ, or 0 for none) makes a table of the
    people found in those industries in that quarter and followed; named cohorts are people as well (`people`, which is
    no entry of the form). `time` is the calendar's quarter, or the quarters since the reference quarter of each cohort
    ("since"; of those, `after` are shown, or all), or quarters pooled ("year", "all"). The `layout` "qcew" has the
    cells that BLS publishes instead of crossed dimensions: all levels of NAICS, owners and areas, and size classes.
    `prices` (20214=278.802, the base quarter first) put dollars into those of one quarter.
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
    prices: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, people: bool = False) -> TableDesign:
        """Read the JSON of a request's form; raise DesignError with every problem at once.

        `people`: the request sends named cohorts.
        """
        design = cls.draft(data, people=people)
        problems = [f"Unknown entry {key}." for key in sorted(set(data) - _ENTRIES)] + design.problems()
        if problems:
            raise DesignError(problems)
        return design

    @classmethod
    def draft(cls, data: Mapping[str, Any], *, people: bool = False) -> TableDesign:
        """Read the same without a check: a design that may be unfinished or contradict itself."""
        followed_from = _number(data.get("followed_from"), 0)
        return cls(
            source=str(data.get("source") or ""),
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
            prices=_words(data.get("prices")),
            regions=_words(data.get("regions")),
            people=people or bool(followed_from) or "cohort" in _words(data.get("dimensions")),
        )

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

    @property
    def amounts(self) -> frozenset[str]:
        """Return the columns of amounts that the tabulator reads: bases, what percentiles are taken of, and persons."""
        formulas = [CATALOGUE[name].formula for name in quantiles(self.measures)]
        taken = {
            name for formula in formulas if isinstance(formula, Quantile) for name in (formula.value, formula.where)
        }
        return frozenset({*bases(self.measures), *taken, "persons"})

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
        return [problem for _, problem in (*self.unfinished(), *self.contradictions())]

    def unfinished(self) -> list[Problem]:
        """Return what is still to be chosen: a draft may be kept without it."""
        found = [] if self.source else [("source", "Choose wage records or establishments as the source.")]
        found += [] if self.dimensions else [("dimensions", "Choose at least one dimension.")]
        return found + ([] if self.measures else [("measures", "Choose at least one measure.")])

    def contradictions(self) -> list[Problem]:
        """Return what cannot be, each with the entry it is about."""
        return [
            *self._dimension_problems(),
            *self._layout_problems(),
            *self._level_problems(),
            *self._time_problems(),
            *self._measure_problems(),
            *self._comparison_problems(),
            *self._price_problems(),
        ]

    def _dimension_problems(self) -> list[Problem]:
        found = []
        if self.source and self.source not in SOURCES:
            found.append(("source", "Choose wage records or establishments as the source."))
        said = []
        if len(self.dimensions) > MOST_DIMENSIONS:
            said.append(f"Choose at most {MOST_DIMENSIONS} dimensions.")
        if len(set(self.dimensions)) < len(self.dimensions):
            said.append("Name each dimension once.")
        said += [f"There is no dimension {name}." for name in self.dimensions if name not in DIMENSIONS]
        if {"state", "area"} <= set(self.dimensions):
            said.append("Choose state or area, not both: an area table has the states as totals.")
        if self.source == "establishments" and _PERSON_DIMENSIONS & set(self.dimensions):
            said.append("Cohort and state of employment describe persons: choose wage records, or area by state.")
        return found + [("dimensions", words) for words in said]

    def _layout_problems(self) -> list[Problem]:
        if self.layout not in LAYOUTS:
            return [("layout", "The layout is crossed or qcew.")]
        if self.layout == "qcew" and (self.source != "establishments" or set(self.dimensions) != set(QCEW_DIMENSIONS)):
            return [("layout", "The layout of QCEW is a table of establishments by area, ownership and industry.")]
        if self.layout == "qcew" and (self.industries or self.ownerships):
            return [("layout", "The layout of QCEW has all industries and owners, so that its totals are what they "
                     "say.")]  # fmt: skip
        return []

    def _level_problems(self) -> list[Problem]:
        found = []
        if self.area_level not in AREA_LEVELS:
            found.append(("area_level", "The area level is county, metro, region or state."))
        if self.industry_level not in INDUSTRY_LEVELS:
            found.append(("industry_level", "The industry level is 2, 3, 4, 5 or 6 digits, or 1 for supersectors."))
        if self.industry_level == SUPERSECTOR and self.industries and self._has_industries:
            found.append(("industry_level", "Supersectors are made of whole sectors: leave the industries out, or show "
                          "them by sector."))  # fmt: skip
        found += self._region_problems()
        found += [("industries", f"{code} is not a NAICS code of 2 to 6 digits or a sector.")
                  for code in self.industries if not _is_industry(code)]  # fmt: skip
        found += [("ownerships", f"{code} is no ownership; choose 1, 2, 3 or 5.")
                  for code in self.ownerships if code not in {"1", "2", "3", "5"}]  # fmt: skip
        return found

    @property
    def _has_industries(self) -> bool:
        return not {"industry", "origin_industry"}.isdisjoint(self.dimensions)

    def _region_problems(self) -> list[Problem]:
        if self.area_level != "region" or "area" not in self.dimensions:
            return []
        if not self.regions:
            return [("regions", "Name your regions and their counties, or choose other areas.")]
        try:
            self.regions_by_county()
        except ValueError as problem:
            return [("regions", str(problem))]
        return []

    def _time_problems(self) -> list[Problem]:
        found = []
        if self.time not in TIMES:
            found.append(("time", "Time is the calendar's quarter, quarters since the reference quarter, or quarters "
                          "pooled by year or altogether."))  # fmt: skip
        if self.time in POOLING and self.of_people:
            found.append(("time", "Quarters are not pooled for people followed: each would count once a quarter."))
        if self.time in POOLING and "size" in self.dimensions:
            found.append(
                ("time", "Size classes are those of some quarters only, which pooled quarters would mix with others.")
            )
        if self.time in POOLING and self.layout == "qcew":
            found.append(
                ("time", "The layout of QCEW has quarters, and brings annual averages in a file of their own.")
            )
        if self.time == "since" and not self.of_people:
            found.append(("time", "Quarters since a reference quarter are counted for people followed only."))
        if self.followed_from and not (self.source == "wage_records" and _is_quarter(self.followed_from)):
            found.append(("followed_from", "People are followed in wage records, from one reference quarter on."))
        if self.after and min(self.after) < 0:
            found.append(("after", "Name quarters after the reference quarter as 0, 1, 2 and so on."))
        elif self.after and self.time != "since":
            found.append(("after", "These quarters are counted from the reference quarter: choose that as the time, or "
                          "leave them out."))  # fmt: skip
        return found

    def _measure_problems(self) -> list[Problem]:
        said = []
        if len(set(self.measures)) < len(self.measures):
            said.append("Name each measure once.")
        for name in self.measures:
            if name not in CATALOGUE:
                said.append(f"There is no measure {name}.")
            elif self.source in SOURCES and self.source not in CATALOGUE[name].sources:
                said.append(f"{CATALOGUE[name].title} cannot be made from {self.source.replace('_', ' ')}.")
        if said:
            return [("measures", words) for words in said]
        return self._row_problems() if self.measures and self.source in SOURCES else []

    def _comparison_problems(self) -> list[Problem]:
        formulas = [CATALOGUE[name].formula for name in self.measures if name in CATALOGUE]
        found = []
        if any(isinstance(one, Change) for one in formulas) and self.time not in {"quarter", "year"}:
            found.append(("measures", "A change over the year needs quarters or years side by side."))
        if any(isinstance(one, Quotient) for one in formulas) and not (
            "area" in self.dimensions and len(self.dimensions) > 1
        ):
            found.append(("measures", "A location quotient needs areas and another dimension, such as industry."))
        return found

    def _price_problems(self) -> list[Problem]:
        """Dollars can be put into those of one quarter where each figure is of one quarter."""
        if not self.prices:
            return []
        found = []
        try:
            Prices.of(self.prices)
        except ValueError as problem:
            found.append(("prices", str(problem)))
        if self.time != "quarter" or self.layout == "qcew":
            found.append(("prices", "Constant dollars need calendar quarters side by side."))
        mixed = [CATALOGUE[name].title for name in self.measures if name in OF_SEVERAL_QUARTERS]
        return found + [
            ("prices", f"{title} is of several quarters, for which there is no one index.") for title in mixed
        ]

    def _row_problems(self) -> list[Problem]:
        """Measures that are counted from different things cannot stand in one table, nor dimensions they have not."""
        offered = PEOPLE_ROWS if self.of_people else UNIVERSE_ROWS
        foreign = [CATALOGUE[name] for name in self.measures if not set(CATALOGUE[name].rows) & set(offered)]
        if foreign:
            what = "people followed: name a cohort" if not self.of_people else "all workers, not people followed"
            return [("measures", f"{measure.title} is counted of {what}.") for measure in foreign]
        if not self.rows:
            titles = ", ".join(CATALOGUE[name].title for name in self.measures)
            return [("measures", "These measures are counted from different things; make a table of each: "
                     f"{titles}.")]  # fmt: skip
        return [
            ("dimensions", f"This table has no dimension {name.replace('_', ' ')}: its measures are not counted by it.")
            for name in self.dimensions
            if name in DIMENSIONS and name not in _DIMENSIONS_OF[self.rows]
        ]

    def regions_by_county(self) -> dict[str, str]:
        """Return the region of each county where areas are the form's regions; empty elsewhere. Raises ValueError."""
        return regions_of(self.regions) if self.area_level == "region" else {}

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
