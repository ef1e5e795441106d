"""Answers of workers to BLS's questions, opened by grant and laid out as rows for pages."""

from collections.abc import Mapping, Sequence
from typing import Any

from disclosure.core.advice.suggest import Outcome
from disclosure.models import Analysis
from disclosure.selectors.cell_states import opened
from disclosure.selectors.design_words import changes_of, in_words
from requests_app.models import DataRequest, Package, Person
from requests_app.selectors.life.titles import title
from requests_app.wording import measure_titles

SHOWN_WHAT_IFS = 3  # each is opened by a grant of its own
DESIGN_COLUMNS = [
    {"label": "Design"},
    {"label": "Cells", "format": "count"},
    {"label": "Sensitive", "format": "count"},
    {"label": "Protect others", "format": "count"},
    {"label": "Published", "format": "percent", "unit": "of cells"},
    {"label": "Published", "format": "percent", "unit": "of value, finest cells"},
]
WHAT_IF_COLUMNS = [{"label": "Parameters"}, *DESIGN_COLUMNS[1:]]
STATE_COLUMNS = [
    {"label": "State"},
    {"label": "Its share", "format": "percent", "unit": "of value"},
    {"label": "Cells only it has", "format": "count"},
    {"label": "Cells lost without it", "format": "count", "unit": "that no rule finds sensitive"},
]


def newest_forecast(request: DataRequest) -> Analysis | None:
    """The exact forecast asked for last."""
    found = Analysis.objects.filter(request=request, kind=Analysis.Kind.FORECAST).select_related("job", "file__request")
    return found.last()


def newest_of_package(package: Package) -> list[Analysis]:
    """What was asked about a package, the newest first; of what was asked twice, every time."""
    found = Analysis.objects.filter(package=package).order_by("-asked_at")
    return list(found.select_related("job", "file__request__agency", "asked_by"))


def intervals_of(package: Package) -> Analysis | None:
    """The intervals of a package's withheld cells, asked for last."""
    return next((one for one in newest_of_package(package) if one.kind == Analysis.Kind.INTERVALS), None)


def answer_of(analysis: Analysis | None, person: Person) -> dict[str, Any] | None:
    """The answer, opened by grant; None while there is none."""
    if analysis is None or analysis.file is None:
        return None
    found: dict[str, Any] = opened(analysis.file, person, analysis.get_kind_display().lower()[:40])
    return found


def design_rows(answer: Mapping[str, Any]) -> list[list[Any]]:
    """The design as signed, then the coarser ones."""
    return [
        _row(in_words(changes_of(one["changes"])), one["outcome"]) for one in (answer["designed"], *answer["coarser"])
    ]


def what_if_rows(answers: Sequence[tuple[Analysis, Mapping[str, Any]]]) -> list[list[Any]]:
    """The package as it is, then what it would be under other parameters."""
    if not answers:
        return []
    now = _row("In force", answers[0][1]["present"])
    return [now, *(_row(parameters_in_words(asked.asked), answer["outcome"]) for asked, answer in answers)]


def state_rows(answer: Mapping[str, Any]) -> list[list[Any]]:
    """What each state adds, the one that matters most first."""
    return [
        [title("state", part["state"]), part["share_of_value"], part["cells_of_its_own"], part["safe_cells_lost"]]
        for part in answer["states"]
    ]


def value_words(answer: Mapping[str, Any]) -> str:
    """Which measure the shares of value are of."""
    column = ((answer["designed"]["outcome"] or {}).get("column")) or ""
    return measure_titles().get(column, column.replace("_", " ").capitalize())


def parameters_in_words(asked: Mapping[str, int]) -> str:
    """ "P percent 15, min persons 20"."""
    said = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in sorted(asked.items()))
    return said[:1].upper() + said[1:] if said else "In force"


def _row(words: str, kept: Mapping[str, Any] | None) -> list[Any]:
    """A row of counts and shares; a design without any safe pattern has none."""
    if kept is None:
        return [f"{words} (cannot be protected)", None, None, None, None, None]
    found = Outcome(**kept)
    return [
        words, found.cells, found.primary, found.complementary, found.share_published, found.share_of_value,
    ]  # fmt: skip
