"""The published forecast as its page shows it: rows of designs, the warning, states and quarters by name."""

from typing import Any

from disclosure.core.advice.forecast import Forecast
from disclosure.selectors.design_words import in_words
from disclosure.selectors.published_forecast import PublishedForecast
from requests_app.selectors.life.titles import title

COLUMNS = [
    {"label": "Design"},
    {"label": "Cells", "format": "count", "unit": "a quarter"},
    {"label": "Withheld", "format": "percent", "unit": "of cells"},
    {"label": "Shown", "format": "percent", "unit": "of employment, finest level"},
]


def context(found: PublishedForecast) -> dict[str, Any]:
    """What the template needs beside the forecast."""
    helps = "The designs below would show more." if found.better else "Ask for fewer areas, industries or owners."
    share = found.people_a_cell
    return {
        "columns": COLUMNS,
        "offers": [in_words(one.design.changes) for one in found.better],
        "rows": [_row("As designed", found.now), *(_row(in_words(one.design.changes), one) for one in found.better)]
        if found.now and found.better
        else [],
        "warning": f"You can submit it as it is, but little would be left to publish. {helps}",
        "periods": [(title("state", state), quarter) for state, quarter in found.periods],
        "unpublished": [title("state", state) for state in found.unpublished],
        "expected_size": round((share or 0) * found.finest_cells),
        "people_a_cell": None if share is None else f"{share:,.0f}" if share >= 10 else f"{share:.1f}",
    }


def sentence(found: PublishedForecast) -> str:
    """What the forecast says, in one sentence."""
    if found.now is None:
        return ""
    return f"About {found.now.share_withheld:.0%} of {found.now.cells:,} cells a quarter would be withheld."


def _row(words: str, one: Forecast) -> list[Any]:
    return [words, one.cells, one.share_withheld, one.share_of_value]
