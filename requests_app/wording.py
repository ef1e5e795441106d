"""The words of a table design: what its stored names are called on pages.

The measures belong to disclosure (disclosure/core/measures/), which this app may not import: it lends them as a
provider.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from requests_app import hooks

SOURCES = {"wage_records": "Wage records (persons and their jobs)", "establishments": "Establishments (QCEW)"}
DIMENSIONS = {
    "cohort": "Cohort",
    "state": "State of employment",
    "area": "Area of employment",
    "industry": "Industry",
    "ownership": "Ownership",
    "origin_state": "State before",
    "origin_industry": "Industry before",
    "tenure": "Quarters with the employer",
    "size": "Size of the establishment",
}
DIMENSION_HINTS = {
    "state": "Where you do not ask for areas, which have the states as totals.",
    "origin_state": "Of moves from job to job, and of people followed.",
    "origin_industry": "Of moves from job to job, and of people followed.",
    "tenure": "Of people followed only.",
    "size": "Of private establishments by employment in March: in first quarters, and of dynamics also in second ones; "
    "all others stand together.",
}
TIMES = {
    "quarter": "Calendar quarters",
    "year": "Years, the quarters of each pooled",
    "all": "All quarters pooled into one",
    "since": "Quarters since each cohort's reference quarter",
}
OWNERSHIPS = {
    "5": "Private",
    "3": "Local government",
    "2": "State government",
    "1": "Federal government",
}
LAYOUTS = {
    "crossed": "Rows and columns as chosen, each crossed with the others and with a total",
    "qcew": "As BLS publishes QCEW: establishments by area, owner and industry at every level",
}
# What a table in the layout of QCEW always shows.
QCEW_DESIGN = {
    "source": "establishments",
    "dimensions": ["area", "ownership", "industry"],
    "measures": ["establishments", "month1", "month2", "month3", "wages", "taxable_wages", "contributions",
                 "avg_wkly_wage"],
    "area_level": "county",
    "industry_level": 6,
    "industries": [],
}  # fmt: skip
AREA_LEVELS = {
    "county": "County",
    "metro": "Metropolitan area",
    "region": "Region (your own groups of counties)",
    "state": "State",
}
INDUSTRY_LEVELS = {
    "1": "Supersector (domains and supersectors as QCEW has them)",
    "2": "Sector (2 digits)",
    "3": "Subsector (3 digits)",
    "4": "Industry group (4 digits)",
    "5": "NAICS industry (5 digits)",
    "6": "National industry (6 digits)",
}


@dataclass(frozen=True)
class MeasureWords:
    """One measure as the catalogue has it: for the form, the API and the help page.

    `sources` are keys of SOURCES; `of_universe`, `of_people`: whether all workers and employers, or people followed,
    have it; `known_as` is the field's own name.
    """

    name: str
    title: str
    definition: str
    unit: str
    formula: str
    population: str
    group: str
    known_as: str
    protected_by: str
    sources: tuple[str, ...]
    of_universe: bool
    of_people: bool


def design_contradictions(design: Mapping[str, Any], *, of_people: bool) -> list[tuple[str, str]]:
    """What cannot be in a table's design: the entry it is about, and what to change; nothing that is only missing."""
    found: list[tuple[str, str]] = hooks.providers["design_contradictions"](design, of_people=of_people)
    return found


def measures() -> dict[str, MeasureWords]:
    """Every measure by its name, in the catalogue's order."""
    return {measure.name: measure for measure in hooks.providers["measures"]()}


def measure_titles() -> dict[str, str]:
    """What each measure is called."""
    return {name: measure.title for name, measure in measures().items()}
