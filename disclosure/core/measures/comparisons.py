"""Measures of a cell beside other cells of the same table: a year ago, and the share of an industry elsewhere.

They say nothing that the cells compared do not say, and are shown only where all of these are published. Rounded as
QCEW rounds them: percent to one decimal, quotients to two, half to even.
"""

from __future__ import annotations

from dataclasses import replace

from disclosure.core.measures.establishments import ESTABLISHMENTS
from disclosure.core.measures.formulas import Change, Quotient, Ratio, Sum
from disclosure.core.measures.measure import UNIVERSE_ROWS, Measure
from disclosure.core.measures.workers import WORKERS

_OVER_THE_YEAR = ("establishments", "month1", "month2", "month3", "wages", "avg_wkly_wage", "jobs", "mean_wages")
_QUOTIENTS = ("establishments", "month1", "month2", "month3", "wages", "jobs")
_MEASURES = {measure.name: measure for measure in (*WORKERS, *ESTABLISHMENTS)}


def _change(measure: Measure) -> Measure:
    return replace(
        _of_universe(measure), name=f"{measure.name}_change", title=f"{measure.title}, change over the year",
        definition=f"{measure.title} less that of the same cell a year before.",
        formula=Change(_inner(measure), dollars=measure.in_dollars),
        formula_text=f"{measure.name} - {measure.name} a year before",
        known_as=_named(measure, "oty_{}_chg"),
    )  # fmt: skip


def _percent(measure: Measure) -> Measure:
    return replace(
        _of_universe(measure), name=f"{measure.name}_change_percent", unit="percent", decimals=1,
        title=f"{measure.title}, percent change over the year",
        definition=f"Change over the year in percent of {measure.title.lower()} a year before; 100 from nothing.",
        formula=Change(_inner(measure), percent=True, dollars=measure.in_dollars),
        formula_text=f"100 x ({measure.name} - {measure.name} a year before) / {measure.name} a year before",
        known_as=_named(measure, "oty_{}_pct_chg"),
    )  # fmt: skip


def _quotient(measure: Measure) -> Measure:
    return replace(
        _of_universe(measure), name=f"{measure.name}_lq", unit="ratio", decimals=2,
        title=f"{measure.title}, location quotient",
        definition=f"The cell's share of its area's {measure.title.lower()}, divided by the same share in all areas of "
        "the table (ours: QCEW's own quotients, in tables in its layout, compare with the nation).",
        formula=Quotient(_inner(measure)), formula_text=f"(cell / its area) / (same cell of all areas / all areas), of "
        f"{measure.name}", known_as=_named(measure, "lq_{}, with another base"),
    )  # fmt: skip


def _of_universe(measure: Measure) -> Measure:
    return replace(measure, rows=tuple(rows for rows in measure.rows if rows in UNIVERSE_ROWS))


def _inner(measure: Measure) -> Sum | Ratio:
    assert isinstance(measure.formula, Sum | Ratio)  # noqa: S101  none of these is a percentile
    return measure.formula


def _named(measure: Measure, pattern: str) -> str:
    """Return QCEW's name of the comparison, where QCEW has the measure."""
    field = measure.known_as.split(";")[0]
    return f"QCEW {pattern.format(field.removeprefix('QCEW '))}" if field.startswith("QCEW ") else ""


COMPARISONS: tuple[Measure, ...] = (
    *(_change(_MEASURES[name]) for name in _OVER_THE_YEAR),
    *(_percent(_MEASURES[name]) for name in _OVER_THE_YEAR),
    *(_quotient(_MEASURES[name]) for name in _QUOTIENTS),
)
