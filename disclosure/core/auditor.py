"""The auditor: can anyone work out a withheld value from what a pattern publishes? Independent of suppression.

It looks, per measure and over all relations at once, for withheld cells that are exactly recoverable, for sensitive
cells estimated within their required protection, for both in the eyes of an enterprise (or coalition) that knows its
own figures, and for published sums whose unpublished rest is sensitive. A release whose audit is not clean is
refused (SDC Handbook 4.3; FCSM Working Paper 22, VI).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from disclosure.core.audit_evidence import Evidence, Insiders
from disclosure.core.audit_programme import Groups
from disclosure.core.contributions import Ints
from disclosure.core.pattern import Pattern
from disclosure.core.rules import Sensitivity, apply_rules, revealed, sensitive
from disclosure.core.system import Bools, System

Interval = tuple[int, int | None]  # lowest and highest value the published cells allow; None where nothing bounds it

_ENOUGH = 1.0 - 1e-6  # share of the required protection that counts as all of it
_NOTHING = 1e-6  # share of the required protection that counts as exactly recoverable


@dataclass(frozen=True)
class Disclosure:
    """One thing the pattern gives away. `kind` is exact, under, singleton or residual; `cells` are positions in the
    system (several for a residual); `known` are the cells the enterprise knows; `sign` is the unprotected side."""

    kind: str
    measure: str
    cells: tuple[int, ...]
    known: tuple[int, ...] = ()
    sign: int = 1
    need: float = 0.0


@dataclass(frozen=True)
class Audit:
    """What an audit found: counts of cells (residual: of relations) over all measures, and the pattern it is about."""

    exact: int
    under: int
    singleton: int
    residual: int
    suppressed: int
    pattern: str
    disclosures: tuple[Disclosure, ...] = field(default=(), repr=False)
    intervals: Mapping[str, Mapping[int, Interval]] | None = field(default=None, repr=False)

    @property
    def clean(self) -> bool:
        """Return whether nothing is disclosed."""
        return not (self.exact or self.under or self.singleton or self.residual)

    def counts(self) -> dict[str, int]:
        """Return the counts as summaries and records print them."""
        return {"exact": self.exact, "under": self.under, "singleton": self.singleton, "residual": self.residual}


def audit(system: System, sensitivity: Sensitivity, pattern: Pattern, *, intervals: bool = False) -> Audit:
    """Audit a pattern from nothing but the system and the rules' answer."""
    auditor = Auditor(system, sensitivity)
    found = tuple(auditor.disclosures(pattern.withheld))
    unprotected = tuple(
        Disclosure("exact", name, (int(cell),))
        for name in system.measures
        for cell in np.flatnonzero(sensitivity.primary & ~pattern.withheld)
    )
    bounds = {name: auditor.intervals(name, pattern.withheld) for name in system.measures} if intervals else None
    return summarize((*unprotected, *found), pattern, bounds)


def summarize(
    found: Sequence[Disclosure], pattern: Pattern, intervals: Mapping[str, Mapping[int, Interval]] | None = None
) -> Audit:
    """Count each disclosed cell once, under the worst of exact, under and singleton."""
    cells = {kind: {one.cells for one in found if one.kind == kind} for kind in ("exact", "under", "singleton")}
    return Audit(
        exact=len(cells["exact"]),
        under=len(cells["under"] - cells["exact"]),
        singleton=len(cells["singleton"] - cells["under"] - cells["exact"]),
        residual=len({one.cells for one in found if one.kind == "residual"}),
        suppressed=int(pattern.withheld.sum()),
        pattern=pattern.digest,
        disclosures=tuple(found),
        intervals=intervals,
    )


class Auditor:
    """Audits many patterns of one system; every deviation found is kept, since it certifies other patterns too."""

    def __init__(self, system: System, sensitivity: Sensitivity) -> None:
        self._system = system
        self._sensitivity = sensitivity
        self._measures = {name: _MeasureAudit(system, sensitivity, name) for name in system.measures}

    def disclosures(self, withheld: Bools) -> Iterator[Disclosure]:
        """Yield what a pattern gives away, measure by measure, in a fixed order."""
        yield from residuals(self._system, self._sensitivity, withheld)
        for name, measure in self._measures.items():
            yield from measure.disclosures(self._system.secret(name, withheld))

    def intervals(self, measure: str, withheld: Bools) -> dict[int, Interval]:
        """Return the feasible interval of every withheld cell that the receiver does not know anyway."""
        return self._measures[measure].intervals(self._system.secret(measure, withheld))


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


class _MeasureAudit:
    """The audit of one measure. Claims are pairs of a withheld cell and a side that has to reach the cell's need."""

    def __init__(self, system: System, sensitivity: Sensitivity, name: str) -> None:
        self._name = name
        self._relations, self._values = system.relations, system.values[name]
        self._need = {1: sensitivity.need_up[name], -1: sensitivity.need_down[name]}
        self._primary = sensitivity.primary
        self._insiders = Insiders(system, name, sensitivity.parameters.coalition)
        self._evidence = Evidence(self._values)

    def disclosures(self, withheld: Bools) -> Iterator[Disclosure]:
        groups = Groups(self._relations, self._values, withheld)
        self._evidence.publish(~withheld)
        nobody = np.empty(0, dtype=np.int64)
        yield from self._against(groups, "", nobody, withheld & self._primary, self._need)
        yield from self._recoverable_complements(groups, withheld & ~self._primary)
        for known, others in self._insiders.known(withheld):
            near = np.isin(groups.label, groups.label[known]) & withheld & self._primary
            near[known] = False
            need = {1: self._need[1], -1: np.minimum(self._need[-1], others)}
            yield from self._against(groups, "singleton", known, near, need)

    def _against(
        self, groups: Groups, kind: str, known: Ints, targets: Bools, need: Mapping[int, Ints]
    ) -> Iterator[Disclosure]:
        """Yield the primary cells that someone who knows some cells can estimate within the need."""
        reached = {sign: self._evidence.settle(known, sign, targets, need[sign]) for sign in (1, -1)}
        for cell in np.flatnonzero(~(reached[1] & reached[-1]) & targets):
            share = {sign: 1.0 if reached[sign][cell]
                     else self._solve(groups, int(cell), sign, known, float(need[sign][cell]))
                     for sign in (1, -1)}  # fmt: skip
            exact = max(share[sign] for sign in (1, -1) if need[sign][cell]) < _NOTHING
            for sign in (1, -1):
                if share[sign] < _ENOUGH:
                    worst = kind or ("exact" if exact else "under")
                    yield Disclosure(
                        worst, self._name, (int(cell),), tuple(known.tolist()), sign, float(need[sign][cell])
                    )

    def _solve(self, groups: Groups, cell: int, sign: int, known: Ints, need: float) -> float:
        """Return the share of the need that the cell can move; the deviation is kept as evidence."""
        if self._evidence.shows(known, sign, cell, need):
            return 1.0
        deviation = groups.reach(cell, need, sign, known)
        share = sign * float(deviation[cell]) / need
        if share >= _ENOUGH:
            self._evidence.add(deviation)
        return share

    def _recoverable_complements(self, groups: Groups, complements: Bools) -> Iterator[Disclosure]:
        """Yield complementary cells that are exactly recoverable: a withheld value has to stay unknown by a unit."""
        nobody = np.empty(0, dtype=np.int64)
        one = np.ones(len(complements), dtype=np.int64)
        targets = complements & (self._values > 0)
        moving = self._evidence.settle(nobody, 1, targets, one) | self._evidence.settle(nobody, -1, targets, one)
        for cell in np.flatnonzero(targets & ~moving):
            if max(self._solve(groups, int(cell), sign, nobody, 1.0) for sign in (1, -1)) < _ENOUGH:
                yield Disclosure("exact", self._name, (int(cell),), (), 1, 1.0)

    def intervals(self, withheld: Bools) -> dict[int, Interval]:
        groups = Groups(self._relations, self._values, withheld)
        return {int(cell): self._interval(groups, int(cell)) for cell in np.flatnonzero(withheld)}

    def _interval(self, groups: Groups, cell: int) -> Interval:
        value, up, down = int(self._values[cell]), groups.bound(cell, 1), groups.bound(cell, -1)
        low = 0 if down is None else max(0, value + int(np.rint(down)))
        return low, None if up is None else value + int(np.rint(up))
