"""The auditor: can anyone work out a withheld value from what a pattern publishes? Independent of suppression.

It looks, per measure and over all relations at once, for withheld cells that are exactly recoverable, for sensitive
cells estimated within their required protection, for both in the eyes of an enterprise (or coalition) that knows its
own figures, and for published sums whose unpublished rest is sensitive. A release whose audit is not clean is
refused (SDC Handbook 4.3; FCSM Working Paper 22, VI).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from disclosure.core.audit.evidence import Insiders
from disclosure.core.audit.measure import Disclosure, Interval, MeasureAudit
from disclosure.core.pattern import Pattern
from disclosure.core.rules.sensitivity import Sensitivity, apply_rules, revealed, sensitive
from disclosure.core.system import Bools, System

Tell = Callable[[int, int], None]  # hears how much is done, and of how much
_TOLD_EVERY = 20


@dataclass(frozen=True)
class Audit:
    """What an audit found: counts of cells (residual: of relations) over all measures, and the pattern it is about.

    `complement` counts complementary cells that are recoverable: no disclosure of a sensitive cell, but a withheld
    value that is none.
    """

    exact: int
    under: int
    singleton: int
    residual: int
    complement: int
    suppressed: int
    pattern: str
    disclosures: tuple[Disclosure, ...] = field(default=(), repr=False)
    intervals: Mapping[str, Mapping[int, Interval]] | None = field(default=None, repr=False)

    @property
    def clean(self) -> bool:
        """Return whether nothing withheld is disclosed."""
        return not (any(self.counts().values()) or self.complement)

    def counts(self) -> dict[str, int]:
        """Return the counts as summaries and records print them."""
        return {"exact": self.exact, "under": self.under, "singleton": self.singleton, "residual": self.residual}


def audit(
    system: System,
    sensitivity: Sensitivity,
    pattern: Pattern,
    *,
    intervals: bool = False,
    offered: Mapping[str, sparse.csr_matrix] | None = None,
) -> Audit:
    """Audit a pattern from nothing but the system and the rules' answer.

    `offered` may hold, per measure, deviations (d, n) that are said to prove something. None is believed: each is
    checked in exact arithmetic first, and what they do not prove is looked for as if none had been offered.
    """
    measures = {name: _measure(system, sensitivity, name, pattern.withheld) for name in system.measures}
    for name, deviations in (offered or {}).items():
        measures[name].consider(deviations)
    unprotected = [
        Disclosure("exact", name, (int(cell),))
        for name in system.measures
        for cell in np.flatnonzero(sensitivity.primary & ~pattern.withheld)
    ]
    found = [*unprotected, *residuals(system, sensitivity, pattern.withheld)]
    for one in measures.values():
        found += (each for each in one.disclosures() if not _is_unasked(sensitivity, each))
    bounds = {name: one.intervals() for name, one in measures.items()} if intervals else None
    return summarize(found, pattern, bounds)


def intervals_of(
    system: System, sensitivity: Sensitivity, withheld: Bools, wanted: Bools, tell: Tell
) -> dict[str, dict[int, Interval]]:
    """Return, per measure, what each of the `wanted` cells (n) that are withheld may be, without auditing anything.

    There are two programmes for each, so `tell` hears how many are done of how many every now and then.
    """
    measures = {name: _measure(system, sensitivity, name, withheld) for name in system.measures}
    cells = {name: np.flatnonzero(one.secret & wanted).tolist() for name, one in measures.items()}
    known, done = sum(map(len, cells.values())), 0
    found: dict[str, dict[int, Interval]] = {name: {} for name in measures}
    for name, one in measures.items():
        for cell in cells[name]:
            if done % _TOLD_EVERY == 0:
                tell(done, known)
            found[name][cell] = one.interval(cell)
            done += 1
    return found


def disclosures(system: System, sensitivity: Sensitivity, withheld: Bools) -> Iterator[Disclosure]:
    """Yield what withholding these cells gives away, in a fixed order."""
    yield from residuals(system, sensitivity, withheld)
    for name in system.measures:
        for one in _measure(system, sensitivity, name, withheld).disclosures():
            if not _is_unasked(sensitivity, one):
                yield one


def _is_unasked(sensitivity: Sensitivity, one: Disclosure) -> bool:
    """Return whether only an insider learns of cells that are protected from outside only."""
    outside = sensitivity.from_outside
    return one.kind == "singleton" and outside is not None and bool(outside[list(one.cells)].all())


def _measure(system: System, sensitivity: Sensitivity, name: str, withheld: Bools) -> MeasureAudit:
    need = {1: sensitivity.need_up[name], -1: sensitivity.need_down[name]}
    insiders = Insiders(system, name, sensitivity.parameters.coalition)
    return MeasureAudit(system, name, sensitivity.primary, need, system.secret(name, withheld), insiders)


def summarize(
    found: Sequence[Disclosure], pattern: Pattern, intervals: Mapping[str, Mapping[int, Interval]] | None = None
) -> Audit:
    """Count each disclosed cell once, under the worst of exact, under and singleton."""
    kinds = ("exact", "under", "singleton", "residual", "complement")
    cells = {kind: {one.cells for one in found if one.kind == kind} for kind in kinds}
    return Audit(
        exact=len(cells["exact"]),
        under=len(cells["under"] - cells["exact"]),
        singleton=len(cells["singleton"] - cells["under"] - cells["exact"]),
        residual=len(cells["residual"]),
        complement=len(cells["complement"]),
        suppressed=int(pattern.withheld.sum()),
        pattern=pattern.digest,
        disclosures=tuple(found),
        intervals=intervals,
    )


def residuals(system: System, sensitivity: Sensitivity, withheld: Bools) -> list[Disclosure]:
    """Return relations whose published parent less its published children is a sensitive sum of several cells."""
    if not system.contributions:
        return []
    children = system.relations.maximum(0).tocsr()
    parent = (-system.relations).maximum(0).tocsr()
    members = children.multiply(withheld.astype(np.int64)).tocsr()
    members.eliminate_zeros()
    open_rows = (parent @ withheld.astype(np.int64) == 0) & (np.diff(members.indptr) > 1)
    members = members[np.flatnonzero(open_rows)]
    if not members.shape[0]:
        return []
    bad = np.flatnonzero(sensitive(apply_rules(revealed(system, members), sensitivity.parameters)))
    sums = {tuple(int(cell) for cell in np.sort(members[row].indices)) for row in bad}
    return [Disclosure("residual", "", cells) for cells in sorted(sums)]
