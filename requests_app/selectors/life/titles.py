"""What the codes of tables are called on pages: areas, industries and owners by the titles BLS publishes with QCEW."""

import csv
import re
from functools import cache

from django.conf import settings

from requests_app.templatetags.formats import quarter

TITLES = settings.BASE_DIR / "data" / "titles"
FILES = {
    "area": "area_titles.csv",
    "industry": "industry_titles.csv",
    "ownership": "ownership_titles.csv",
    "size": "size_titles.csv",
}
TOTALS = {
    "area": "All areas",
    "state": "All states",
    "industry": "All industries",
    "ownership": "All owners",
    "cohort": "All cohorts",
}
OUTSIDE = "-NONMETRO"  # as disclosure/core/tabulation/regions.py writes it
REST = "Other counties"
NO_RECORD = "No wage record"
NAICS = re.compile(r"^NAICS\d* [\d-]+ ")  # "NAICS 722 Food services": the code stands beside the title anyway


def title(dimension: str, code: str) -> str:
    """A code of a table's dimension in words; a code without a title, and a cohort's name, read as they are."""
    if code == "TOTAL":
        return TOTALS.get(dimension.removeprefix("origin_"), "Total")
    if code == "NONE":
        return NO_RECORD
    if dimension == "area" and code.endswith(OUTSIDE):
        return f"{title('state', code.removesuffix(OUTSIDE))}, outside metropolitan areas"
    if dimension == "area" and code == "REST":
        return REST
    if dimension == "quarter" and code == "ALL":
        return "All quarters"
    if dimension == "quarter":
        return _since(code) if code.startswith("Q") else quarter(code)
    dimension = dimension.removeprefix("origin_")
    if dimension == "state":
        return _titles("area").get(f"{code}000", code).removesuffix(", whole state")
    return _titles(dimension).get(code, code) if dimension in FILES else code


def codes(dimension: str) -> list[str]:
    """Every code of area, industry, ownership or size that has a title, in the order BLS publishes them."""
    return list(_titles(dimension))


def _since(code: str) -> str:
    """Quarters counted from a reference quarter: Q+2 is two after it."""
    count = int(code[1:])
    if count == 0:
        return "Reference quarter"
    return f"{abs(count)} quarter{'' if abs(count) == 1 else 's'} {'before' if count < 0 else 'after'}"


@cache
def _titles(dimension: str) -> dict[str, str]:
    with (TITLES / FILES[dimension]).open(encoding="utf-8", newline="") as file:
        return {code: _plain(words) for code, words in list(csv.reader(file))[1:]}


def _plain(words: str) -> str:
    return NAICS.sub("", words).replace(" -- Statewide", ", whole state")
