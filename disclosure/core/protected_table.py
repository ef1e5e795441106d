"""One table through the whole of disclosure protection: rules, suppression, final audit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from disclosure.core import system as systems
from disclosure.core.audit.auditor import Audit, Tell, intervals_of
from disclosure.core.audit.measure import Interval
from disclosure.core.folding import fold
from disclosure.core.pattern import Pattern
from disclosure.core.qcew.cells import QcewCells
from disclosure.core.rules import groups
from disclosure.core.rules.percentiles import shown
from disclosure.core.rules.sensitivity import (
    Parameters,
    Sensitivity,
    assess,
    with_earlier,
    with_groups,
    with_objections,
)
from disclosure.core.suppression.search import Infeasible, Progress, protect_and_audit
from disclosure.core.system import Bools, System
from disclosure.core.tabulation.cells import Cells, Key


@dataclass(frozen=True)
class History:
    """What earlier releases did to a table: their names, the cells withheld that a fresh table would publish (the price
    of history), how many it gained, and how many finest cells were lost to what is public already."""

    releases: tuple[str, ...]
    cells_lost: tuple[Key, ...]
    cells_gained: int
    lost_before: int


@dataclass(frozen=True)
class ProtectedTable:
    """A table with everything disclosure review and the package need. Confidential: it holds the withheld values.

    `set_aside` counts negative contributions that were left out of it (see screening).
    """

    cells: Cells | QcewCells
    system: System
    sensitivity: Sensitivity
    pattern: Pattern
    audit: Audit
    set_aside: int = 0
    history: History | None = None

    def summary(self) -> dict[str, int]:
        """Return the counts that the request's page may show to BLS."""
        return {
            "cells": len(self.system),
            "withheld": int(self.pattern.withheld.sum()),
            "primary": int(self.pattern.primary.sum()),
            "complementary": int(self.pattern.complementary.sum()),
            "set_aside": self.set_aside,
            **self.audit.counts(),
        }


def protect_table(
    cells: Cells,
    parameters: Parameters,
    *,
    frozen: Iterable[Key] = (),
    withdraw: Iterable[Key] = (),
    preferred: Iterable[Key] = (),
    apart: Iterable[Key] = (),
    intervals: bool = True,
    progress: Progress | None = None,
) -> ProtectedTable:
    """Protect a tabulated table and audit the result afresh; `intervals` adds what every withheld cell may be.

    Who asks for a table of persons sent them, and so knows how many each cohort has: `frozen` cells are public in all
    measures, the sizes of cohorts in that one; withholding `preferred` cells costs nothing; `apart` cells differ from
    an earlier release by few persons. Raises suppression.Infeasible when no safe pattern exists.
    """
    cells = replace(cells, percentiles={name: shown(one, parameters) for name, one in cells.percentiles.items()})
    system, sensitivity = _assessed(cells, parameters, withdraw)
    sensitivity = with_earlier(sensitivity, system, sorted(set(apart)))
    pattern, final = protect_and_audit(
        system, sensitivity, frozen=frozen, preferred=preferred, intervals=intervals, progress=progress
    )
    return ProtectedTable(cells, system, sensitivity, pattern, final)


def intervals_again(
    cells: Cells, parameters: Parameters, withheld: Iterable[Key], tell: Tell, *, withdraw: Iterable[Key] = ()
) -> tuple[tuple[Key, ...], Bools, dict[str, dict[int, Interval]]]:
    """Return the cells of a table whose pattern was decided before, which of them (n) are withheld, and what each of
    these may be as far as a reader can tell; `tell` hears how far it is."""
    system, sensitivity = _assessed(cells, parameters, withdraw)
    hidden = sensitivity.primary.copy()
    hidden[system.index(sorted(set(withheld)))] = True
    return system.keys, hidden, intervals_of(system, sensitivity, hidden, hidden, tell)


def _assessed(cells: Cells, parameters: Parameters, withdraw: Iterable[Key]) -> tuple[System, Sensitivity]:
    told = _told(cells)
    system = _as_its_receiver_sees(systems.build(cells), cells, told)
    sensitivity = with_groups(assess(system, parameters), system, told)
    return system, with_objections(sensitivity, system, sorted(set(withdraw)))


def _told(cells: Cells) -> list[Key]:
    try:
        return _named(cells, groups.telling(cells))
    except groups.Untellable as problem:
        raise Infeasible([str(problem)]) from problem


def _named(cells: Cells, marked: Bools) -> list[Key]:
    return [cells.keys[place] for place in np.flatnonzero(marked)]


def _as_its_receiver_sees(system: System, cells: Cells, told: list[Key]) -> System:
    """Mark what the receiver of a table of persons knows: how many each cohort has, and that without work is no pay.

    So is what is the same cell because all else in the cohort is empty, unless just that is the secret (`told`). A
    table over some industries counts only the people found there, which its receiver does not know.
    """
    if cells.persons is None:
        return system
    attributes = {name: _marked(system, _named(cells, marked)) for name, marked in groups.denominators(cells).items()}
    system = replace(system, telling=_marked(system, told), groups=attributes)
    folded = fold(system)

    def known(marked: Bools) -> Bools:
        return folded.any(_marked(system, _named(cells, marked)))[folded.node]

    nothing = known(groups.without_record(cells))
    of = {name: nothing for name in system.values if name != "persons"}
    if "persons" in system.values and not groups.is_filtered(cells):
        of["persons"] = known(groups.whole_groups(cells))
    return replace(system, known=of)


def _marked(system: System, keys: list[Key]) -> Bools:
    marked = np.zeros(len(system), dtype=np.bool_)
    marked[system.index(keys)] = True
    return marked
