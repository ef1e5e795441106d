"""The page of measures: the catalogue that form, codebook and tabulator read."""

from config.reference.markdown import page, table
from disclosure.core.measures import CATALOGUE, Measure, protected
from disclosure.core.table_design import SOURCES

INTRODUCTION = """
Each measure is defined once, in `disclosure/core/measures.py`. A measure is made of additive columns; suppression
protects those, because whoever knows the measure may know them.
"""


def measures_page() -> str:
    """Every measure, by what it is made from."""
    return page(
        "Measures",
        INTRODUCTION,
        *(block for source in SOURCES for block in _of_source(source)),
    )


def _of_source(source: str) -> list[str]:
    rows = [_row(measure) for measure in CATALOGUE.values() if source in measure.sources]
    header = ["Measure", "Title", "Definition", "Unit", "Made of", "Protected"]
    return [f"## From {source.replace('_', ' ')}", table(header, rows)]


def _row(measure: Measure) -> list[str]:
    return [
        f"`{measure.name}`",
        measure.title,
        measure.definition,
        measure.unit,
        ", ".join(measure.bases),
        ", ".join(protected((measure.name,))) or "none: QCEW publishes it on every row",
    ]
