"""Business Employment Dynamics, from establishments (BLS, Employment and Wages Annual Averages, section on BED).

Changes of third-month employment from the quarter before; establishments are linked by their account and unit, then by
predecessor and successor. Private ownership only, without private households (NAICS 814). Size classes are by March
employment, so in the quarters that March begins or ends: the first and the second.
"""

from __future__ import annotations

from disclosure.core.measures.formulas import Formula, Ratio, Sum
from disclosure.core.measures.measure import Measure

_POPULATION = "private establishments with third-month employment in the quarter or the one before, no households"
_BOTH = ("employment_before", "employment_after")
_GAINS, _LOSSES = ("openings", "expansions"), ("closings", "contractions")


def _measure(name: str, title: str, definition: str, formula: Formula, text: str, unit: str = "jobs") -> Measure:
    decimals, stock = 1 if unit == "percent" else 0, name.startswith("employment_")
    return Measure(name, title, definition, unit, _POPULATION, ("dynamics",), formula, text,
                   known_as=f"BED {title.lower()}", decimals=decimals, stock=stock)  # fmt: skip


def _rate(name: str, title: str, plus: tuple[str, ...], less: tuple[str, ...] = ()) -> Measure:
    definition = f"{title}, as a percentage of the average of third-month employment in this and the quarter before."
    formula = Ratio(plus, _BOTH, less=less, times=2000)
    return _measure(name, f"{title}, rate", definition, formula, f"200 x {title.lower()} / (before + after)", "percent")


DYNAMICS: tuple[Measure, ...] = (
    _measure("openings", "Jobs gained at openings", "Third-month employment of establishments that had none in the "
             "quarter before and no link to one that had.", Sum(("openings",)), "openings"),
    _measure("expansions", "Jobs gained at expansions", "Increase at establishments with third-month employment in "
             "both quarters.", Sum(("expansions",)), "expansions"),
    _measure("closings", "Jobs lost at closings", "Third-month employment of the quarter before at establishments that "
             "have none now and no successor.", Sum(("closings",)), "closings"),
    _measure("contractions", "Jobs lost at contractions", "Decrease at establishments with third-month employment in "
             "both quarters.", Sum(("contractions",)), "contractions"),
    _measure("job_gains", "Gross job gains", "Jobs gained at openings and expansions.", Sum(_GAINS),
             "openings + expansions"),
    _measure("job_losses", "Gross job losses", "Jobs lost at closings and contractions.", Sum(_LOSSES),
             "closings + contractions"),
    _measure("net_change", "Net change of employment", "Gross job gains less gross job losses: the change of "
             "third-month employment.", Sum(_GAINS, _LOSSES), "gains - losses"),
    _measure("employment_before", "Third-month employment, quarter before", "Of the same establishments.",
             Sum(("employment_before",)), "employment before"),
    _measure("employment_after", "Third-month employment", "Of the same establishments.", Sum(("employment_after",)),
             "employment after"),
    _rate("job_gains_rate", "Gross job gains", _GAINS),
    _rate("job_losses_rate", "Gross job losses", _LOSSES),
    _rate("expansions_rate", "Jobs gained at expansions", ("expansions",)),
    _rate("contractions_rate", "Jobs lost at contractions", ("contractions",)),
    _rate("openings_rate", "Jobs gained at openings", ("openings",)),
    _rate("closings_rate", "Jobs lost at closings", ("closings",)),
    _rate("net_change_rate", "Net change of employment", _GAINS, _LOSSES),
)  # fmt: skip
