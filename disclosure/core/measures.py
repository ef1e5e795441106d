"""The measures a table may show, each defined once: what it is, what it is made of, and how.

A measure's bases are the additive columns it is computed from; a reader who knows the measure may know them, so they
are what suppression protects. Establishment counts are published by QCEW on every row and protect nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Column = npt.NDArray[np.int64]
UNPROTECTED = frozenset({"establishments"})


@dataclass(frozen=True)
class Measure:
    """One measure: its name, definition and unit in the reader's words, its sources and its additive bases."""

    name: str
    title: str
    definition: str
    unit: str
    sources: frozenset[str]
    bases: tuple[str, ...]


_WAGE_RECORDS = frozenset({"wage_records"})
_ESTABLISHMENTS = frozenset({"establishments"})
_MONTHS = ("month1", "month2", "month3")


def _month(number: int) -> Measure:
    definition = f"Employees who worked in or were paid for the pay period with the 12th of month {number}."
    return Measure(
        f"month{number}", f"Employment, month {number}", definition, "jobs", _ESTABLISHMENTS, (f"month{number}",)
    )


CATALOGUE: dict[str, Measure] = {
    measure.name: measure
    for measure in (
        Measure("jobs", "Jobs", "Pairs of a person and an employer account with wages in the quarter.", "jobs",
                _WAGE_RECORDS, ("jobs",)),
        Measure("persons", "Persons", "Persons with wages in the quarter, counted where they are placed; in a table "
                "by cohort, members of the cohort, with or without a wage record.", "persons",
                _WAGE_RECORDS, ("persons",)),
        Measure("wages", "Total wages", "Wages paid in the quarter.", "dollars",
                _WAGE_RECORDS | _ESTABLISHMENTS, ("wages",)),
        Measure("mean_wages", "Mean wages per job", "Total wages divided by jobs, rounded half up.", "dollars",
                _WAGE_RECORDS, ("wages", "jobs")),
        Measure("establishments", "Establishments", "Establishments that report in the quarter.", "establishments",
                _ESTABLISHMENTS, ("establishments",)),
        _month(1),
        _month(2),
        _month(3),
        Measure("avg_wkly_wage", "Average weekly wage", "Total wages divided by 13 times the mean of the three "
                "months' employment, rounded half up.", "dollars", _ESTABLISHMENTS, ("wages", *_MONTHS)),
    )
}  # fmt: skip


def bases(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the additive columns that the named measures are made of, each once, in catalogue order."""
    wanted = {base for name in names for base in CATALOGUE[name].bases}
    return tuple(name for name in CATALOGUE if name in wanted)


def protected(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the additive columns among the bases that suppression protects."""
    return tuple(base for base in bases(names) if base not in UNPROTECTED)


def compute(name: str, columns: Mapping[str, Column]) -> tuple[Column, npt.NDArray[np.bool_]]:
    """Return a measure's values in whole units and where it is defined (a mean over nothing is not)."""
    if name == "mean_wages":
        return _half_up(columns["wages"], columns["jobs"])
    if name == "avg_wkly_wage":
        employment = sum((columns[month] for month in _MONTHS), np.zeros_like(columns["wages"]))
        return _half_up(3 * columns["wages"], 13 * employment)
    return columns[name], np.ones(len(columns[name]), dtype=np.bool_)


def _half_up(numerator: Column, denominator: Column) -> tuple[Column, npt.NDArray[np.bool_]]:
    """Divide non-negative integers and round half up, exactly."""
    defined = denominator > 0
    divisor = np.where(defined, denominator, 1)
    return np.where(defined, (2 * numerator + divisor) // (2 * divisor), 0), defined
