"""Lends the catalogue of measures to the form's pages and its API, which may not import it (docs/adr/0006)."""

from disclosure.core.measures import GROUPS, PEOPLE_ROWS, UNIVERSE_ROWS
from disclosure.core.tabulation.design import SOURCES
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
