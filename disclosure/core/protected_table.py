"""One table through the whole of disclosure protection: rules, suppression, final audit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from disclosure.core import system as systems
from disclosure.core.auditor import Audit
from disclosure.core.pattern import Pattern
from disclosure.core.rules import Parameters, Sensitivity, assess, with_objections
from disclosure.core.suppression import Progress, protect_and_audit
from disclosure.core.system import System
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

    Raises suppression.Infeasible when no safe pattern exists.
    """
    system = systems.build(cells)
    sensitivity = with_objections(assess(system, parameters), system, sorted(set(withdraw)))
    pattern, final = protect_and_audit(system, sensitivity, frozen=frozen, intervals=intervals, progress=progress)
    return ProtectedTable(cells, system, sensitivity, pattern, final)
