"""The catalogue of measures: each defined once, as data and one formula, for form, codebook, tabulator, API, help.

A measure's bases are the additive columns it is computed from. Whoever knows a measure may know them, so they are what
suppression protects; establishment counts are published by QCEW on every row and protect nothing. A percentile has no
base: the counts of persons or jobs below and above it protect it.
"""

from __future__ import annotations

from disclosure.core.measures.comparisons import COMPARISONS
from disclosure.core.measures.dynamics import DYNAMICS
from disclosure.core.measures.establishments import ESTABLISHMENTS
from disclosure.core.measures.flows import FLOWS
from disclosure.core.measures.formulas import Change, Column, Columns, Comparison, Mask, Quantile, Quotient, Ratio, Sum
from disclosure.core.measures.measure import PEOPLE_ROWS, ROWS, SOURCE_OF, UNIVERSE_ROWS, Measure
from disclosure.core.measures.outcomes import OUTCOMES
from disclosure.core.measures.workers import WORKERS

__all__ = [
    "CATALOGUE", "GROUPS", "PEOPLE_ROWS", "ROWS", "SOURCE_OF", "UNIVERSE_ROWS", "UNPROTECTED", "Change", "Column",
    "Columns", "Comparison", "Mask", "Measure", "Quantile", "Quotient", "Ratio", "Sum", "bases", "compute",
    "counted_rows", "protected", "quantiles",
]  # fmt: skip


GROUPS: dict[str, tuple[Measure, ...]] = {
    "Workers and pay": WORKERS,
    "Establishments (QCEW)": ESTABLISHMENTS,
    "Over the year, and beside other areas": COMPARISONS,
    "Dynamics (BED)": DYNAMICS,
    "Flows (LEHD)": FLOWS,
    "Outcomes of people followed": OUTCOMES,
}
CATALOGUE: dict[str, Measure] = {measure.name: measure for group in GROUPS.values() for measure in group}
UNPROTECTED = frozenset({"establishments"})
_BASES = tuple(dict.fromkeys(base for measure in CATALOGUE.values() for base in measure.bases))


def bases(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the additive columns that the named measures are made of, each once, in catalogue order."""
    wanted = {base for name in names for base in CATALOGUE[name].bases}
    return tuple(base for base in _BASES if base in wanted)


def protected(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the additive columns among the bases that suppression protects."""
    return tuple(base for base in bases(names) if base not in UNPROTECTED)


def quantiles(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of the named measures that are percentiles."""
    return tuple(name for name in names if isinstance(CATALOGUE[name].formula, Quantile))


def counted_rows(names: tuple[str, ...], offered: tuple[str, ...] = ROWS) -> str:
    """Return the first kind of rows, of those offered, that all named measures can be made from; "" where none is."""
    return next((rows for rows in offered if all(rows in CATALOGUE[name].rows for name in names)), "")


def compute(name: str, columns: Columns, quarters: int | Column = 1) -> tuple[Column, Mask]:
    """Return a measure's values, in units of its last decimal, and where it is defined (a mean over nothing is not).

    Over several `quarters` (n) added up, what is counted at a time is their mean. Of a comparison it is the value that
    is compared. Not for percentiles, which no sums tell.
    """
    formula = CATALOGUE[name].formula
    formula = formula.inner if isinstance(formula, Comparison) else formula
    if isinstance(formula, Quantile):
        raise TypeError(f"{name} is not made of sums")
    return formula.of(columns, quarters) if isinstance(formula, Sum) and CATALOGUE[name].stock else formula.of(columns)
