"""What BLS's dashboards show, as charts with their tables; and the times that are published."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from requests_app.charts.bars import Series, stacked
from requests_app.charts.chart import Chart
from requests_app.models import DataRequest, Figure
from requests_app.selectors.bls_review.queue import late_requests
from requests_app.states import BY_NAME, ENDED, State
from requests_app.targets import DEFAULT_DAYS
from requests_app.templatetags.formats import count_of, percent

OUTCOMES = ("send_to_partners", "clear_for_release", "redesign", "withdraw_cells", "refuse_release")
AGES = (("Up to 5 days", 0, 5), ("6 to 20 days", 6, 20), ("21 to 60 days", 21, 60), ("Over 60 days", 61, None))
AT_BLS_OR_STATE = [state for state in State if state not in ENDED and state not in {State.DRAFT, State.IN_USE}]


@dataclass(frozen=True)
class Dashboards:
    """The charts, and the time that the computed ones are of; None before a worker has computed them."""

    age: Chart | None
    late: list[tuple[State, int]]
    turnaround: Chart | None
    states_response: Chart | None
    destruction: Chart | None
    cells: Chart | None
    outcomes: Chart | None
    computed_at: datetime | None


def dashboards() -> Dashboards:
    """Everything, in a few queries."""
    figures = {figure.name: figure for figure in Figure.objects.all()}
    data = {name: figure.data for name, figure in figures.items()}
    disclosure = data.get("disclosure") or {}
    return Dashboards(
        age=_age(),
        late=_late(),
        turnaround=turnaround_chart(data.get("turnaround")),
        states_response=_states_response(data.get("states_response")),
        destruction=_destruction(data.get("destruction")),
        cells=_cells(disclosure.get("cells")),
        outcomes=_outcomes(disclosure.get("outcomes")),
        computed_at=min((figure.computed_at for figure in figures.values()), default=None),
    )


def published() -> tuple[Chart | None, datetime | None]:
    """How long steps took in the last year, for everybody: medians over all states, nothing about one request."""
    figure = Figure.objects.filter(name="turnaround").first()
    return turnaround_chart(figure.data if figure else None), figure.computed_at if figure else None


def _age() -> Chart | None:
    """Open requests by state, by the days they have stood there; None where nothing is under way."""
    now = timezone.now()
    counts = {f"age_{n}": Count("pk", _aged(now, low, high)) for n, (_, low, high) in enumerate(AGES)}
    found = DataRequest.objects.filter(state__in=AT_BLS_OR_STATE).order_by().values("state").annotate(**counts)
    rows: dict[str, dict[str, Any]] = {row["state"]: dict(row) for row in found}
    states = [state for state in AT_BLS_OR_STATE if state in rows]
    if not states:
        return None
    series = [
        Series(words, [rows[state][f"age_{n}"] for state in states]) for n, (words, _, _) in enumerate(AGES)
    ]  # fmt: skip
    total = sum(sum(filter(None, one.values)) for one in series)
    finding = f"{count_of(int(total), 'request')} under way, by where they stand and for how long"
    return _bars("Step", finding, "requests", [state.label for state in states], series)


def _aged(now: datetime, low: int, high: int | None) -> Q:
    wanted = Q(state_since__lte=now - timedelta(days=low)) if low else Q()
    return wanted & Q(state_since__gt=now - timedelta(days=high + 1)) if high is not None else wanted


def _late() -> list[tuple[State, int]]:
    """How many are late in each state that has a target; the list of requests shows them."""
    states = list(DEFAULT_DAYS)
    found = DataRequest.objects.filter(late_requests(states, timezone.localdate()))
    counts = dict(found.order_by().values_list("state").annotate(many=Count("pk")))
    return [(state, counts[state]) for state in states if counts.get(state)]


def turnaround_chart(rows: Sequence[dict[str, Any]] | None) -> Chart | None:
    """The median of each step against its target, in business days."""
    rows = [row for row in rows or () if row["many"]]
    if not rows:
        return None
    names = [State(row["state"]).label for row in rows]
    over = [row for row in rows if row["median"] is not None and row["median"] > row["target"]]
    finding = "Every step's median is within its target" if not over else (
        f"{count_of(len(over), 'step')} of {len(rows)} took longer than the target"
    )  # fmt: skip
    medians = Series("Median", [row["median"] for row in rows])
    unit = "business days from entering to leaving a step, last 365 days"
    return _bars("Step", finding, unit, names, [medians], [row["target"] for row in rows])


def _states_response(rows: Sequence[dict[str, Any]] | None) -> Chart | None:
    if not rows:
        return None
    slowest = max(rows, key=lambda row: row["median"] or 0)
    finding = (
        f"{slowest['state']} takes longest to review: {slowest['median']:g} business days"
        if slowest["median"]
        else "No state has taken longer than a day to review"
    )
    medians = Series("Median", [row["median"] for row in rows])
    return _bars(
        "State",
        finding,
        "business days from asking to the answer, last 365 days",
        [r["state"] for r in rows],
        [medians],
    )


def _destruction(rows: Sequence[dict[str, Any]] | None) -> Chart | None:
    if not rows:
        return None
    overdue = rows[0]["many"]
    finding = f"{count_of(overdue, 'destruction')} overdue" if overdue else "No destruction is overdue"
    many = Series("Packages", [row["many"] for row in rows])
    return _bars("Due", finding, "micro packages", [row["due"] for row in rows], [many])


def _cells(rows: Sequence[dict[str, Any]] | None) -> Chart | None:
    if not rows:
        return None
    cells, withheld = sum(row["cells"] for row in rows), sum(row["withheld"] for row in rows)
    finding = f"{percent(withheld / cells)} of the cells built in the last year were withheld"
    shown = Series("Published", [row["cells"] - row["withheld"] for row in rows])
    kept = Series("Withheld", [row["withheld"] for row in rows])
    return _bars("Quarter", finding, "cells of packages, by the quarter they were built in",
                   [row["quarter"] for row in rows], [shown, kept])  # fmt: skip


def _outcomes(counts: dict[str, int] | None) -> Chart | None:
    if not counts:
        return None
    names = [BY_NAME[name].label for name in OUTCOMES]
    finding = f"{count_of(sum(counts.values()), 'step')} out of disclosure and partner review in the last year"
    return _bars("Step", finding, "steps taken", names, [Series("Steps", [counts.get(name, 0) for name in OUTCOMES])])


def _bars(
    what: str,
    finding: str,
    unit: str,
    names: Sequence[str],
    series: Sequence[Series],
    targets: Sequence[float | None] | None = None,
) -> Chart:
    """A bar for each name (of `what`) with its table; `targets` stand as marks across the bars and as a last column."""
    columns = [*series, Series("Target", targets)] if targets else list(series)
    rows = [[name, *(_whole(one.values[row]) for one in columns)] for row, name in enumerate(names)]
    heads = [{"label": what}, *({"label": one.name, "format": "count"} for one in columns)]
    shows = f"{unit}; the upright line is the target" if targets else unit
    return Chart("bars", finding, shows, stacked(names, series, targets), heads, rows)


def _whole(value: float | None) -> float | None:
    """5 rather than 5.0."""
    return int(value) if value is not None and float(value).is_integer() else value
