"""The page of measures: the catalogue that form, codebook and tabulator read."""

from config.reference.markdown import page, table
from disclosure.core.measures import GROUPS, Measure, protected

INTRODUCTION = """
Each measure is defined once, in `disclosure/core/measures/`. A measure is made of additive columns; suppression
protects those, because whoever knows the measure may know them. A percentile is protected by the counts of jobs or
persons below and above it.
"""
HEADER = ["Measure", "Title", "Definition", "Unit", "Population", "Formula", "Known as", "Protected"]


def measures_page() -> str:
    """Every measure, by group."""
    blocks = [block for group, measures in GROUPS.items() for block in _of_group(group, measures)]
    return page("Measures", INTRODUCTION, *blocks)


def _of_group(group: str, measures: tuple[Measure, ...]) -> list[str]:
    return [f"## {group}", table(HEADER, [_row(measure) for measure in measures])]


def _row(measure: Measure) -> list[str]:
    return [
        f"`{measure.name}`",
        measure.title,
        measure.definition,
        measure.unit,
        measure.population,
        measure.formula_text,
        measure.known_as or "ours",
        _protection(measure),
    ]


def _protection(measure: Measure) -> str:
    columns = ", ".join(protected((measure.name,)))
    if measure.bases and not columns:
        return "nothing: QCEW publishes it on every row"
    return f"{columns}: {measure.protected_by}" if columns else measure.protected_by
