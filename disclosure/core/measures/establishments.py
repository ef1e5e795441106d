"""QCEW measures, from establishments (BLS Handbook of Methods, QCEW)."""

from __future__ import annotations

from disclosure.core.measures.formulas import Ratio, Sum
from disclosure.core.measures.measure import Measure

MONTHS = ("month1", "month2", "month3")
_ROWS = ("establishments",)
_POPULATION = "establishments, masters of multi-unit accounts (MEEI 2) left out"


def _month(number: int) -> Measure:
    definition = f"Employees who worked in or were paid for the pay period with the 12th of month {number}."
    name = f"month{number}"
    return Measure(name, f"Employment, month {number}", definition, "jobs", _POPULATION, _ROWS, Sum((name,)), name,
                   known_as=f"QCEW month{number}_emplvl", stock=True)  # fmt: skip


def _dollars(name: str, title: str, definition: str, known_as: str) -> Measure:
    return Measure(name, title, definition, "dollars", _POPULATION, _ROWS, Sum((name,)), name, known_as=known_as)


ESTABLISHMENTS: tuple[Measure, ...] = (
    Measure("establishments", "Establishments", "Establishments that report in the quarter.", "establishments",
            _POPULATION, _ROWS, Sum(("establishments",)), "establishments", known_as="QCEW qtrly_estabs", stock=True),
    *(_month(number) for number in (1, 2, 3)),
    Measure("employment", "Mean monthly employment", "Mean of the three months' employment, rounded half up.", "jobs",
            _POPULATION, _ROWS, Sum(MONTHS, divisor=3), "(month1 + month2 + month3) / 3", stock=True),
    _dollars("taxable_wages", "Taxable wages", "Wages below the state's taxable wage base.",
             "QCEW taxable_qtrly_wages"),
    _dollars("contributions", "Contributions", "Employers' contributions to unemployment insurance.",
             "QCEW qtrly_contributions"),
    Measure("avg_wkly_wage", "Average weekly wage", "Total wages divided by 13 times the mean of the three months' "
            "employment, rounded half up.", "dollars", _POPULATION, _ROWS,
            Ratio(("wages",), MONTHS, times=3, divisor=13),
            "wages / (13 x mean of the months)", known_as="QCEW avg_wkly_wage"),
)  # fmt: skip
