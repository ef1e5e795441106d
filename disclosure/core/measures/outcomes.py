"""Outcomes of people followed: named cohorts of a request, or people found somewhere in a reference quarter.

One row per person and quarter; the quarter is the calendar's or counted from the reference quarter (ours, but for the
WIOA indicators: employment in the second and fourth quarter after exit, median earnings in the second; 20 CFR 677.155).
"""

from __future__ import annotations

from disclosure.core.measures.formulas import Quantile, Ratio, Sum
from disclosure.core.measures.measure import Measure

_PEOPLE = "all people followed, with or without a wage record"
_EMPLOYED = "people followed with a wage record in the quarter"
_STARTED = "people followed with a wage record in the reference quarter"
_BOTH = "people followed with a wage record in the quarter and in one of the four before the reference quarter"
_FULL = "people followed with wages from an employer in the quarter, the one before and the next"


def _count(name: str, title: str, definition: str, population: str = _PEOPLE) -> Measure:
    return Measure(name, title, definition, "persons", population, ("persons",), Sum((name,)), name)


def _share(
    name: str, title: str, definition: str, part: str, whole: str, population: str, known_as: str = ""
) -> Measure:
    return Measure(name, title, definition, "percent", population, ("persons",), Ratio((part,), (whole,), times=1000),
                   f"100 x {part} / {whole}", known_as=known_as, decimals=1)  # fmt: skip


def _percentile(name: str, title: str, percent: int, known_as: str = "") -> Measure:
    definition = f"All wages of the person in the quarter; {percent} percent of those employed do not exceed it."
    return Measure(name, title, definition, "dollars", _EMPLOYED, ("persons",),
                   Quantile("earnings", percent, "employed"), f"percentile {percent} of earnings",
                   known_as=known_as)  # fmt: skip


OUTCOMES: tuple[Measure, ...] = (
    _count("employed", "Employed persons", "Persons with a wage record in the states searched."),
    _share("employed_share", "Employed, share", "Persons with a wage record, of all.", "employed", "persons", _PEOPLE,
           "WIOA employment rate, in the 2nd and 4th quarter after the reference quarter"),
    _count("in_same_state", "Employed in the same state", "Persons whose main job is in the requesting state; of "
           "people followed out of an industry, in the state of their reference quarter.", _EMPLOYED),
    _share("same_state_share", "Employed in the same state, share", "Of all people followed.", "in_same_state",
           "persons", _PEOPLE),
    _count("in_other_state", "Employed in another state", "Persons whose main job is in another state.", _EMPLOYED),
    _share("other_state_share", "Employed in another state, share", "Of all people followed.", "in_other_state",
           "persons", _PEOPLE),
    Measure("earnings", "Total earnings", "All wages of the people followed in the states searched, counted with the "
            "main job.", "dollars", _EMPLOYED, ("persons",), Sum(("earnings",)), "earnings"),
    Measure("mean_earnings", "Mean earnings", "All wages by employed person.", "dollars", _EMPLOYED, ("persons",),
            Ratio(("earnings",), ("employed",)), "earnings / employed"),
    _percentile("median_earnings", "Median earnings", 50, "WIOA median earnings, in the 2nd quarter after"),
    _percentile("p25_earnings", "25th percentile of earnings", 25),
    _percentile("p75_earnings", "75th percentile of earnings", 75),
    _count("full_quarter", "Persons with a full-quarter job", "Wages from an employer in the quarter, the one before "
           "and the next.", _FULL),
    Measure("full_quarter_earnings", "Mean full-quarter earnings", "Wages of the best-paid full-quarter job.",
            "dollars", _FULL, ("persons",), Ratio(("full_quarter_earnings",), ("full_quarter",)),
            "full-quarter earnings / persons with a full-quarter job"),
    _count("retained", "With the same employer", "Persons with wages from the employer of their main job of the "
           "reference quarter in every quarter since.", _STARTED),
    _share("retained_share", "With the same employer, share", "Of those employed in the reference quarter; retention "
           "after 2, 4 and 8 quarters is that of the 2nd, 4th and 8th quarter.", "retained", "started", _STARTED),
    _count("industry_changed", "Changed industry", "Persons whose main job is in another NAICS sector than in the "
           "reference quarter.", "people followed employed in both quarters"),
    _share("industry_changed_share", "Changed industry, share", "Of those employed in both quarters.",
           "industry_changed", "employed_both", "people followed employed in both quarters"),
    Measure("earnings_change", "Mean change of earnings", "Earnings of the quarter less the person's mean earnings in "
            "the quarters with wages among the four before the reference quarter.", "dollars", _BOTH, ("persons",),
            Ratio(("earnings_compared",), ("compared",), less=("earnings_before",)),
            "(earnings - earnings before) / persons with both"),
    Measure("earnings_change_percent", "Change of earnings, percent", "Change of the sum of earnings of those with "
            "both.", "percent", _BOTH, ("persons",),
            Ratio(("earnings_compared",), ("earnings_before",), less=("earnings_before",), times=1000),
            "100 x (earnings - earnings before) / earnings before", decimals=1),
)  # fmt: skip
