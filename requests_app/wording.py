"""The words of a table design: what its stored names are called on pages.

The measures belong to disclosure (disclosure/core/measures/), which this app may not import: it lends them as a
provider.
"""

from dataclasses import dataclass

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
}
TIMES = {"quarter": "Calendar quarters", "since": "Quarters since each cohort's reference quarter"}
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
AREA_LEVELS = {"county": "County", "state": "State"}
INDUSTRY_LEVELS = {
    "2": "Sector (2 digits)",
    "3": "Subsector (3 digits)",
    "4": "Industry group (4 digits)",
    "6": "National industry (6 digits)",
}
PERSON_DIMENSIONS = ("cohort", "state", "tenure")


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


def measures() -> dict[str, MeasureWords]:
    """Every measure by its name, in the catalogue's order."""
    return {measure.name: measure for measure in hooks.providers["measures"]()}


def measure_titles() -> dict[str, str]:
    """What each measure is called."""
    return {name: measure.title for name, measure in measures().items()}
