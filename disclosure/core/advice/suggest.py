"""Coarser designs for a table, and what each would publish (disclosure.md, "Suggest").

A design is made coarser one step at a time: industry one level up, counties to states, a dimension left out, quarters
pooled. What a step publishes is found by protecting the coarser table as the engine protects any other; nothing is
estimated here. BLS eyes only where the contributions are confidential.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from disclosure.core import system as systems
from disclosure.core.advice.levels import at_level, coarser_levels, level_of
from disclosure.core.measures import quantiles
from disclosure.core.protected_table import ProtectedTable, protect_table
from disclosure.core.rules.parameters import Parameters
from disclosure.core.rules.sensitivity import assess
from disclosure.core.suppression.search import Infeasible
from disclosure.core.tabulation.cells import Key, Observed, tabulate
from disclosure.core.tabulation.design import TableDesign
from disclosure.core.tabulation.hierarchy import INDUSTRY_LEVELS

_KEPT = frozenset({"cohort"})  # the comparison a request is about is never taken out


@dataclass(frozen=True)
class Change:
    """One step: `what` is a dimension or quarters; `after` the new level, empty where the dimension is left out."""

    what: str
    before: str
    after: str = ""


@dataclass(frozen=True)
class Coarser:
    """A design that says less than another, by which changes."""

    design: TableDesign
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What protecting a table publishes. Value is of the column `column`, over the finest cells of the table."""

    cells: int
    primary: int
    complementary: int
    column: str
    value: int
    value_published: int

    @property
    def withheld(self) -> int:
        """Return how many cells are withheld."""
        return self.primary + self.complementary

    @property
    def share_published(self) -> float:
        """Return the share of cells that are published."""
        return 1 - self.withheld / self.cells if self.cells else 0.0

    @property
    def share_of_value(self) -> float:
        """Return the share of the finest cells' value that is published."""
        return self.value_published / self.value if self.value else 0.0


@dataclass(frozen=True)
class StatePart:
    """What a table loses without a state's records: its share of value, cells with no other, safe cells lost."""

    state: str
    share_of_value: float
    cells_of_its_own: int
    safe_cells_lost: int


def coarser(design: TableDesign, quarters: int, *, at_most: int, steps: int = 2) -> tuple[Coarser, ...]:
    """Return coarser designs of a table over so many quarters: those of one change first, each once.

    The levels of QCEW's layout are fixed: coarser than it are its dimensions crossed, without aggregates and sizes.
    """
    start = _crossed(design) if design.layout == "qcew" else Coarser(design)
    found = {start.design: start} if start.changes else {}
    front = [start]
    for _ in range(steps):
        front = [step for one in front for step in _steps(one, quarters) if not step.design.problems()]
        for one in front:
            found.setdefault(one.design, one)
    return tuple(found.values())[:at_most]


def _crossed(design: TableDesign) -> Coarser:
    crossed = replace(design, layout="crossed", industry_level=INDUSTRY_LEVELS[-1])
    return Coarser(crossed, (Change("layout", "qcew", "crossed"),))


def _steps(start: Coarser, quarters: int) -> Iterator[Coarser]:
    design = start.design
    for name in design.dimensions:
        level, higher = level_of(design, name), coarser_levels(design, name)
        for one in higher:
            yield Coarser(at_level(design, name, one), (*start.changes, Change(name, level, one)))
        if not higher and len(design.dimensions) > 1 and name not in _KEPT:
            rest = tuple(one for one in design.dimensions if one != name)
            yield Coarser(replace(design, dimensions=rest), (*start.changes, Change(name, level)))
    if quarters > 1 and design.time == "quarter":
        yield Coarser(replace(design, time="all"), (*start.changes, Change("quarters", str(quarters))))


def outcome_of(
    contributions: pa.Table,
    one: Coarser,
    parameters: Parameters,
    *,
    withdraw: Iterable[Key] = (),
    observed: Observed | None = None,
) -> Outcome | None:
    """Protect the table of a design and return what it publishes; None where no safe pattern exists.

    `withdraw` are cells kept back for other reasons than the rules; those the table does not have are left out.
    `observed` as in tabulate().
    """
    cells = tabulate(contributions, one.design, observed)
    try:
        kept_back = set(withdraw).intersection(cells.keys)
        return outcome(protect_table(cells, parameters, withdraw=kept_back, intervals=False))
    except Infeasible:
        return None


def outcome(table: ProtectedTable) -> Outcome:
    """Return what a protected table publishes."""
    counts, system = table.summary(), table.system
    column = "wages" if "wages" in system.values else next(iter(system.measures), "")
    finest = np.asarray((system.relations < 0).sum(axis=0)).ravel() == 0
    value = system.values[column][finest] if column else np.zeros(0, dtype=np.int64)
    published = ~table.pattern.withheld[finest] if column else np.zeros(0, dtype=np.bool_)
    return Outcome(
        cells=counts["cells"],
        primary=counts["primary"],
        complementary=counts["complementary"],
        column=column,
        value=int(value.sum()),
        value_published=int(value[published].sum()),
    )


def state_parts(contributions: pa.Table, design: TableDesign, parameters: Parameters) -> tuple[StatePart, ...]:
    """Return what each state adds, the one that matters most first.

    What is counted are cells that no rule finds sensitive: whether a state takes part decides these, and with them
    what any pattern can publish.
    """
    states = sorted(set(contributions.column("state").to_pylist()))
    whole = _safe(contributions, design, parameters)
    parts = []
    for state in states:
        own = pc.equal(contributions.column("state"), state)
        rest = contributions.filter(pc.invert(own))
        left = _safe(rest, design, parameters) if rest.num_rows else _Safe(0, 0, 0)
        share = 1 - left.value / whole.value if whole.value else 0.0
        parts.append(StatePart(state, share, whole.cells - left.cells, whole.safe - left.safe))
    return tuple(sorted(parts, key=lambda part: (-part.safe_cells_lost, -part.share_of_value, part.state)))


@dataclass(frozen=True)
class _Safe:
    cells: int
    safe: int
    value: int


def _without_percentiles(design: TableDesign) -> TableDesign:
    """What percentiles say is protected with their persons; the rules on the other columns decide as well."""
    plain = tuple(name for name in design.measures if not quantiles((name,)))
    return replace(design, measures=plain) if plain else design


def _safe(contributions: pa.Table, design: TableDesign, parameters: Parameters) -> _Safe:
    """Count the cells of a table with somebody in them, those of them that no rule finds sensitive, and its value."""
    system = systems.build(tabulate(contributions, _without_percentiles(design)))
    primary, there = assess(system, parameters).primary, ~system.empty
    column = next((name for name in ("wages", *system.measures) if name in system.values), None)
    finest = np.asarray((system.relations < 0).sum(axis=0)).ravel() == 0
    value = int(system.values[column][finest].sum()) if column else 0
    return _Safe(int(there.sum()), int((there & ~primary).sum()), value)
