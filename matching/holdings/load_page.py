"""The page of one load, for the Data Steward: everything that says how good it is, ready for the components."""

from collections.abc import Callable
from typing import Any

from matching.holdings import concerned, edit_words, published, reject_words
from matching.holdings.figures import COUNTS, SHARES, Figure, Line
from matching.holdings.history import standing_words
from matching.holdings.looks import findings
from matching.models import Holding, Kind, LoadLook, LoadQuality, Status
from requests_app.models import Person
from requests_app.selectors.life.titles import title
from requests_app.templatetags.formats import count, day, moment, money, percent, quarter

LEAST_SHARE = 0.001


def share_words(share: float) -> str:
    """A share in percent; one that would read as zero and is not says so."""
    return "Under 0.1%" if 0 < share < LEAST_SHARE else percent(share)


FORMATS: dict[str, Callable[[Any], str]] = {"count": count, "money": money, "percent": share_words}
REJECT_COLUMNS = [{"label": "Why"}, {"label": "Lines"}, {"label": "Which lines"}]


def name_of(holding: Holding) -> str:
    """Wage records of Rhode Island, 2016 Q1, version 2."""
    kind = Kind(holding.kind).label
    return f"{kind} of {title('state', holding.state)}, {quarter(holding.quarter)}, version {holding.version}"


def load_page(holding: Holding, person: Person) -> dict[str, Any]:
    """The context of holdings/load.html; without a quality row the page says that nothing was computed."""
    quality = LoadQuality.objects.filter(load_id=holding.load_id).first()
    found = concerned.concerned(holding)
    return {
        "holding": holding,
        "name": name_of(holding),
        "facts": _facts(holding),
        "in_use": holding.status == Status.VISIBLE,
        "quality": _quality(quality) if quality else None,
        "findings": findings([holding.load_id]).get(holding.load_id),
        "looks": LoadLook.objects.filter(load_id=holding.load_id).select_related("looked_by__agency"),
        "concerned_columns": concerned.COLUMNS,
        "made_from": concerned.rows([one for one in found if not one.replaced], person),
        "made_from_another": concerned.rows([one for one in found if one.replaced], person),
    }


def _facts(holding: Holding) -> list[dict[str, str]]:
    release = day(holding.release_date) if holding.release_date else "No date recorded: counts as released"
    return [
        {"key": "Status", "value": holding.edition},
        {"key": "Where it stands", "value": standing_words(holding)},
        {"key": "Loaded", "value": moment(holding.loaded_at)},
        {"key": "Official release", "value": release},
        {"key": "Rows", "value": count(holding.rows)},
        {"key": "Rejected", "value": count(holding.rejected)},
        *([{"key": "Unmatchable", "value": count(holding.unmatchable)}] if holding.kind == Kind.WAGE_RECORDS else []),
    ]


def _quality(quality: LoadQuality) -> dict[str, Any]:
    kind = Kind(quality.kind)
    return {
        "counts": [_figure_row(figure, quality) for figure in COUNTS if kind in figure.kinds],
        "shares": [_figure_row(figure, quality) for figure in SHARES if kind in figure.kinds],
        "changes": changes(quality),
        "rejects": reject_words.table(quality),
        "reject_columns": REJECT_COLUMNS,
        "reject_lines": reject_words.lines_kept(quality),
        "edits": edit_words.lines(quality),
        "places": edit_words.places(quality),
        "published": published.table(quality.load_id),
        "published_columns": published.COLUMNS,
        "computed_at": quality.computed_at,
    }


def figure_words(figure: Figure, value: float | int | None) -> str:
    """A figure's value as pages show it; one that is not known reads so."""
    return "Not known" if value is None else FORMATS[figure.format](value)


def _figure_row(figure: Figure, quality: LoadQuality) -> dict[str, str]:
    return {"label": figure.label, "what": figure.what, "value": figure_words(figure, figure.value(quality))}


def changes(quality: LoadQuality) -> list[Line]:
    """Rows and wages on the quarter and on the year, against the loads in use beside this one."""
    return [
        _change("Rows, on the quarter", quality.rows_quarter_before, quality.rows, count),
        _change("Rows, on the year", quality.rows_year_before, quality.rows, count),
        _change("Total wages, on the quarter", quality.wages_quarter_before, quality.total_wages, money),
        _change("Total wages, on the year", quality.wages_year_before, quality.total_wages, money),
    ]


def _change(label: str, before: int | None, now: int, words: Callable[[int], str]) -> Line:
    if before is None:
        return Line(label, "Not held", words(now), "", "")
    return Line(
        label, words(before), words(now), words(now - before), percent((now - before) / before if before else None)
    )
