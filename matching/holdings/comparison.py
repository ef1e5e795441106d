"""Two loads of a state beside each other: every figure, edit and reason of rejection, with what is unusual."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.http import urlencode

from matching.holdings import edit_words, reject_words
from matching.holdings.figures import Figure, Line, Value, figures_of
from matching.holdings.forms import load_key, load_words
from matching.holdings.history import load_url
from matching.holdings.load_page import figure_words, name_of
from matching.holdings.usual import Usual, change, qualities_in_use, usual
from matching.holdings.visibility import seen_by
from matching.loads.register import quarter_before
from matching.models import Holding, LoadQuality, Status
from requests_app.models import Person
from requests_app.templatetags.formats import count, money, percent

OUTSIDE = "Outside the usual"
NOT_SAID = "Too few changes held"


@dataclass(frozen=True)
class Comparison:
    """Two loads: names and pages; lines of figures, edits and rejects; those without a quality row."""

    left: str
    left_url: str
    right: str
    right_url: str
    figures: list[Line]
    edits: list[Line]
    rejects: list[Line]
    without: list[str]

    @property
    def outside(self) -> int:
        """How many figures changed more than is usual."""
        return sum(line.outside for line in self.figures)


def compare(left: Holding, right: Holding) -> Comparison:
    """Every figure of `left` beside `right`; differences are from left to right."""
    rows = {one.load_id: one for one in LoadQuality.objects.filter(load_id__in=[left.load_id, right.load_id])}
    first, second = rows.get(left.load_id), rows.get(right.load_id)
    lines: tuple[list[Line], list[Line], list[Line]] = ([], [], [])
    if first and second:
        held = qualities_in_use(left.state, left.kind)
        figures = [_figure(one, first, second, usual(one, held)) for one in figures_of(left.kind)]
        lines = (figures, _edits(first, second), _counts(first.rejects, second.rejects, reject_words.words_of))
    without = [name_of(one) for one in (left, right) if one.load_id not in rows]
    return Comparison(load_words(left), load_url(left), load_words(right), load_url(right), *lines, without=without)


def _figure(figure: Figure, left: LoadQuality, right: LoadQuality, limits: Usual | None) -> Line:
    before, after = figure.value(left), figure.value(right)
    changed = change(figure, before, after)
    outside = bool(limits and changed is not None and not limits.holds(changed))
    judged = OUTSIDE if outside else "" if limits else NOT_SAID
    difference, share = _difference(figure, before, after)
    return Line(
        figure.label, figure_words(figure, before), figure_words(figure, after), difference, share, judged, outside
    )


def _difference(figure: Figure, before: Value, after: Value) -> tuple[str, str]:
    """In the figure's own unit, and in percent of before; shares differ in percentage points."""
    if before is None or after is None:
        return "Not known", ""
    if figure.format == "percent":
        return f"{(after - before) * 100:+.1f} points", ""
    words = money(after - before) if figure.format == "money" else count(int(after - before))
    return words, percent((after - before) / before) if before else ""


def _edits(left: LoadQuality, right: LoadQuality) -> list[Line]:
    """What each edit flagged in either load: records or units, then accounts."""
    words = edit_words.title_of
    return [*_counts(left.edits, right.edits, words), *_counts(left.account_edits, right.account_edits, words)]


def _counts(left: Mapping[str, int], right: Mapping[str, int], words: Callable[[str], str]) -> list[Line]:
    """Counts by code of two loads; a code that only one has counts zero in the other."""
    return [_count(words(code), left.get(code, 0), right.get(code, 0)) for code in sorted({*left, *right})]


def _count(label: str, before: int, after: int) -> Line:
    share = percent((after - before) / before) if before else ""
    return Line(label, count(before), count(after), count(after - before), share)


def others(holding: Holding, person: Person) -> list[dict[str, str]]:
    """The loads one would compare this one with: the version before, the quarter and the year before, in use."""
    before, year_before = quarter_before(holding.quarter), holding.quarter - 10
    seen = seen_by(person).filter(state=holding.state, kind=holding.kind)
    found = list(seen.filter(quarter__in=[holding.quarter, before, year_before]))
    earlier = [one for one in found if one.quarter == holding.quarter and one.version < holding.version]
    in_use = {one.quarter: one for one in found if one.status == Status.VISIBLE}
    named = [
        ("the version before", max(earlier, key=lambda one: one.version, default=None)),
        ("the quarter before", in_use.get(before)),
        ("the same quarter a year before", in_use.get(year_before)),
    ]
    return [{"words": words, "url": comparison_url(one, holding)} for words, one in named if one]


def comparison_url(left: Holding, right: Holding) -> str:
    """The page that compares two loads of a state and kind."""
    asked = {"kind": left.kind, "state": left.state, "left": load_key(left), "right": load_key(right)}
    return f"{reverse('compare_loads')}?{urlencode(asked)}"
