"""What stands beside the Tables section: an example of the table, its forecast, and what each dimension costs.

From the form and from published QCEW only: web has no right on wage records (docs/adr/0020).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from disclosure.core.advice.costs import Cost, costs
from disclosure.core.advice.made_up import Example, made_up
from disclosure.core.package.published_table import PublishedTable
from disclosure.core.tabulation.design import TableDesign
from disclosure.core.tabulation.hierarchy import SUPERSECTOR
from disclosure.presets import presets_of
from disclosure.selectors import published_words
from disclosure.selectors.design_words import in_words, step_in_words
from disclosure.selectors.published_forecast import Basis, basis_of, codes_of, forecast_of
from disclosure.selectors.shown_tables import ShownTable, lay_out
from requests_app import form
from requests_app.form import RequestForm
from requests_app.models import DataRequest
from requests_app.selectors.life.titles import codes
from requests_app.states import Kind

STATES, AREAS, INDUSTRIES, QUARTERS = 2, 3, 3, 2  # of an example, at most
ROWS = 28
SECTORS_SHOWN = ("445", "622", "722")
OF_BOTH_DOMAINS = ("236", "445", "722")
WITHOUT_SCOPE = ("44", "10")
WITHOUT_QUARTERS = (20191, 20192)
COST_COLUMNS = [
    {"label": "The table"},
    {"label": "Cells", "format": "count", "unit": "a quarter"},
    {"label": "Withheld", "format": "percent", "unit": "of cells, likely"},
]


def designer(request: DataRequest, design: Mapping[str, Any], problems: Sequence[str] = ()) -> dict[str, Any]:
    """The context of the designer for a design as the form keeps it, saved or not.

    `problems` were found before it could be read; a design with problems has no example.
    """
    asked = form.read(request)
    read = TableDesign.draft(design, people=asked.kind is Kind.MICRO_TO_MACRO)
    found = list(problems) or (read.problems() if design else [])
    context: dict[str, Any] = {"problems": found, "is_empty": not design}
    if not design or found:
        return context | {"said": said(found)}
    basis = basis_of(asked, read)
    return context | _example(asked, read) | _told(asked, read, basis)


def presets(request: DataRequest, seen_version: int, *, is_empty: bool) -> dict[str, Any]:
    """The context of the questions to start from; open where there is no design yet."""
    return {"presets": presets_of(request.kind), "seen_version": seen_version, "is_empty": is_empty}


def said(problems: Sequence[str]) -> str:
    """One sentence for those who do not see the page change."""
    return f"This table cannot be made yet. {' '.join(problems)}" if problems else ""


def _example(asked: RequestForm, design: TableDesign) -> dict[str, Any]:
    table = made_up(design, example_of(asked, design))
    return {"example_tables": [_shown(table)], "rows_left_out": max(0, len(table.rows) - ROWS)}


def _shown(table: PublishedTable) -> ShownTable:
    return lay_out(asdict(table) | {"rows": [list(row) for row in table.rows[:ROWS]]}, {})


def example_of(asked: RequestForm, design: TableDesign) -> Example:
    """A few codes of each dimension: the form's own where it names some, else any."""
    states = (asked.states or WITHOUT_SCOPE)[:STATES]
    counties = [_counties(state) for state in states]
    found = tuple(area for ones in counties for area in ones[: AREAS - len(states) + 1])
    named = tuple(design.regions_by_county())
    return Example(
        quarters=(asked.quarters or WITHOUT_QUARTERS)[:QUARTERS],
        states=states,
        areas=tuple(dict.fromkeys((*named[:AREAS], *found))),
        industries=_industries(design),
        cohorts=tuple(cohort.name for cohort in asked.cohorts)[:2],
    )


def _counties(state: str) -> list[str]:
    return [code for code in codes("area") if code[:2] == state and code[2:].isdigit() and 0 < int(code[2:]) < 900]


def _industries(design: TableDesign) -> tuple[str, ...]:
    """Up to three 6-digit codes that differ at the table's level, within the industries asked for."""
    wanted = design.industry_prefixes() or (OF_BOTH_DOMAINS if design.industry_level == SUPERSECTOR else SECTORS_SHOWN)
    fine = [code for code in codes("industry") if len(code) == 6 and code.isdigit() and code.startswith(wanted)]
    first = {code[: max(design.industry_level, 2)]: code for code in reversed(fine)}
    of_each = [next((code for code in fine if code.startswith(prefix)), "") for prefix in wanted]
    found = dict.fromkeys(filter(None, [*of_each, *sorted(first.values())]))
    return tuple(found)[:INDUSTRIES] or ("445110",)


def _told(asked: RequestForm, design: TableDesign, basis: Basis | None) -> dict[str, Any]:
    """The forecast, the costs, and one sentence of both."""
    if basis is None:
        return {"said": "", "needs_scope": True}
    found = forecast_of(asked, design, basis)
    steps = costs(design, basis.shares, len(basis.periods), codes_of(asked, design, basis.shares))
    return {
        "forecast": found,
        "forecast_words": published_words.context(found) if found else {},
        "costs": [_cost_row(one) for one in steps],
        "cost_columns": COST_COLUMNS,
        "said": published_words.sentence(found) if found else "",
    }


def _cost_row(cost: Cost) -> list[Any]:
    return [step_in_words(cost.change) if cost.change else in_words(()), cost.cells, cost.share_withheld]
