"""Lends the catalogue of measures, and the rules of a design, to the form and its API, which may not import them.

docs/adr/0006 says why.
"""

from collections.abc import Mapping
from typing import Any

from disclosure.core.measures import GROUPS, PEOPLE_ROWS, UNIVERSE_ROWS
from disclosure.core.tabulation.design import SOURCES, TableDesign
from requests_app.hooks import provider
from requests_app.wording import MeasureWords


@provider("measures")
def measures() -> list[MeasureWords]:
    """Every measure in the catalogue's order, in words."""
    return [
        MeasureWords(
            name=measure.name,
            title=measure.title,
            definition=measure.definition,
            unit=measure.unit,
            formula=measure.formula_text,
            population=measure.population,
            group=group,
            known_as=measure.known_as,
            protected_by=measure.protected_by,
            sources=tuple(source for source in SOURCES if source in measure.sources),
            of_universe=bool(set(measure.rows) & set(UNIVERSE_ROWS)),
            of_people=bool(set(measure.rows) & set(PEOPLE_ROWS)),
        )
        for group, measures in GROUPS.items()
        for measure in measures
    ]


@provider("design_contradictions")
def design_contradictions(design: Mapping[str, Any], *, of_people: bool) -> list[tuple[str, str]]:
    """What cannot be in a design as the form keeps it: the entry, and what to change."""
    return TableDesign.draft(design, people=of_people).contradictions()
