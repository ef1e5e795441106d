"""A load's totals beside published QCEW. Withheld, none and not loaded read differently; none of them is zero."""

from typing import Any

from matching.models import PublishedComparison
from requests_app.selectors.life.titles import title

COLUMNS = [
    {"label": "Owner and figure"},
    {"label": "Loaded", "format": "count"},
    {"label": "Published", "format": "count"},
    {"label": "As published"},
    {"label": "Difference", "format": "percent", "unit": "of published"},
]
MEASURES = {
    "total_wages": "total wages",
    "employment": "jobs beside mean employment",
    "month1": "employment of month 1",
    "month2": "employment of month 2",
    "month3": "employment of month 3",
}
AS_PUBLISHED = {"": "Published", "N": "Withheld by BLS", "-": "No establishments", None: "Not loaded"}
UNKNOWN_OWNER = "X"


def table(load_id: int) -> list[list[Any]]:
    """Rows of components/data_table.html, by ownership; a withheld figure is N there, one not loaded not available."""
    return [_row(one) for one in PublishedComparison.objects.filter(load_id=load_id).order_by("ownership", "measure")]


def _row(one: PublishedComparison) -> list[Any]:
    owner = "Owner not known" if one.ownership == UNKNOWN_OWNER else title("ownership", one.ownership)
    label = f"{owner}: {MEASURES.get(one.measure) or one.measure}"
    words = AS_PUBLISHED.get(one.disclosure_code, "Published")
    if one.published is None:
        return [label, round(one.loaded), "N" if one.disclosure_code == "N" else None, words, None]
    share = (one.loaded - one.published) / one.published if one.published else None
    return [label, round(one.loaded), round(one.published), words, share]
