"""One table through the whole of disclosure protection: rules, suppression, final audit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from disclosure.core import system as systems
from disclosure.core.auditor import Audit
from disclosure.core.folding import fold
from disclosure.core.pattern import Pattern
from disclosure.core.rules import Parameters, Sensitivity, assess, with_objections
from disclosure.core.suppression import Progress, protect_and_audit
from disclosure.core.system import Bools, System
from disclosure.core.tabulation import Cells, Key


@dataclass(frozen=True)
class ProtectedTable:
    """A table with everything disclosure review and the package need. Confidential: it holds the withheld values."""

    cells: Cells
    system: System
    sensitivity: Sensitivity
    pattern: Pattern
    audit: Audit

    def summary(self) -> dict[str, int]:
        """Return the counts that the request's page may show to BLS."""
        return {
            "cells": len(self.system),
            "withheld": int(self.pattern.withheld.sum()),
            "primary": int(self.pattern.primary.sum()),
            "complementary": int(self.pattern.complementary.sum()),
            **self.audit.counts(),
        }


def protect_table(
    cells: Cells,
    parameters: Parameters,
    *,
    frozen: Iterable[Key] = (),
    withdraw: Iterable[Key] = (),
    intervals: bool = True,
    progress: Progress | None = None,
) -> ProtectedTable:
    """Protect a tabulated table and audit the result afresh; `intervals` adds what every withheld cell may be.

    Who asks for a table of persons sent them, and so knows how many each cohort has: `frozen` cells are public in all
    measures, the sizes of cohorts in that one. Raises suppression.Infeasible when no safe pattern exists.
    """
    system = _with_cohort_sizes(systems.build(cells), cells)
    sensitivity = with_objections(assess(system, parameters), system, sorted(set(withdraw)))
    pattern, final = protect_and_audit(system, sensitivity, frozen=frozen, intervals=intervals, progress=progress)
    return ProtectedTable(cells, system, sensitivity, pattern, final)


def _with_cohort_sizes(system: System, cells: Cells) -> System:
    """Mark whole cohorts, and what is the same cell because all else in the cohort is empty, as known in persons.

    A table over some industries counts only the people found there, which its receiver does not know.
    """
    if cells.persons is None or "persons" not in system.values or cells.design.industries:
        return system
    whole = np.zeros(len(system), dtype=np.bool_)
    whole[system.index([cells.keys[place] for place in np.flatnonzero(_whole_cohorts(cells))])] = True
    folded = fold(system)
    return replace(system, known={"persons": folded.any(whole)[folded.node]})


def _whole_cohorts(cells: Cells) -> Bools:
    """Return the cells that are totals in every dimension but the cohort."""
    whole = np.ones(len(cells), dtype=np.bool_)
    for axis, tree in enumerate(cells.hierarchies, start=1):
        if tree.name != "cohort":
            whole &= tree.parent[cells.places[:, axis]] < 0
    return whole
