"""Which cells are sensitive, why, and how much uncertainty protects them. BLS eyes only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from disclosure.core.rules.parameters import Parameters
from disclosure.core.rules.primary import Finding, Sums, apply_rules, required_protection, revealed, sensitive
from disclosure.core.system import Bools, System
from disclosure.core.tabulation.cells import Key
from disclosure.core.tabulation.contributions import Ints

__all__ = [
    "Finding", "Parameters", "Reason", "Sensitivity", "Sums", "apply_rules", "assess", "extend", "required_protection",
    "revealed", "sensitive", "with_earlier", "with_exemptions", "with_groups", "with_objections",
]  # fmt: skip


@dataclass(frozen=True)
class Reason:
    """Why one cell is primary."""

    rule: str
    measure: str
    margin: float


@dataclass(frozen=True)
class Sensitivity:
    """The rules' answer for a system: primary cells (n), required protection up and down per measure (n), findings.

    `from_outside` (n) marks cells that are protected from those outside only: who is inside could learn of them before.
    """

    parameters: Parameters
    primary: Bools
    need_up: Mapping[str, Ints]
    need_down: Mapping[str, Ints]
    findings: tuple[Finding, ...]
    from_outside: Bools | None = None

    def reasons(self, cell: int) -> tuple[Reason, ...]:
        """Return every rule that makes the cell primary; an exempt cell has none."""
        return tuple(
            Reason(found.rule, found.measure, float(found.margin[cell]))
            for found in self.findings
            if found.sensitive[cell] and self.primary[cell]
        )


def assess(system: System, parameters: Parameters) -> Sensitivity:
    """Apply the rules on every protected measure; one sensitive measure makes the cell primary on all.

    Needs are whole units, at least one where an enterprise or person stands behind the cell, and downward never more
    than the value.
    """
    sums = Sums.of(system)
    findings = apply_rules(sums, parameters)
    primary = sensitive(findings)
    up = {name: np.where(primary, required_protection(sums, name, parameters), 0) for name in system.values}
    down = {name: np.minimum(need, system.values[name]) for name, need in up.items()}
    return Sensitivity(parameters, primary, up, down, findings)


def with_objections(sensitivity: Sensitivity, system: System, keys: Sequence[Key]) -> Sensitivity:
    """Count cells withdrawn on a state's objection as primary, with the protection a sensitive cell would need."""
    return _with_cells(sensitivity, system, "objection", system.index(keys))


def with_earlier(sensitivity: Sensitivity, system: System, keys: Sequence[Key]) -> Sensitivity:
    """Count cells as primary that an earlier release withheld, or published for almost the same persons."""
    return _with_cells(sensitivity, system, "earlier release", system.index(keys))


def with_groups(sensitivity: Sensitivity, system: System, keys: Sequence[Key]) -> Sensitivity:
    """Count cells as primary that say of a group of persons that all or none of them have an attribute.

    A cell that holds the whole group cannot be thought larger, so it needs no protection upward.
    """
    cells = system.index(keys)
    told = _with_cells(sensitivity, system, "all or none", cells)
    if "persons" not in system.values:
        return told
    up = told.need_up["persons"].copy()
    up[cells] = np.where(system.values["persons"][cells] > 0, 0, up[cells])
    return replace(told, need_up={**told.need_up, "persons": up})


def with_exemptions(sensitivity: Sensitivity, exempt: Bools) -> Sensitivity:
    """Take exempt cells (n) out of the primary ones; they need no protection."""
    return replace(
        sensitivity,
        primary=sensitivity.primary & ~exempt,
        need_up={name: np.where(exempt, 0, need) for name, need in sensitivity.need_up.items()},
        need_down={name: np.where(exempt, 0, need) for name, need in sensitivity.need_down.items()},
    )


def _with_cells(sensitivity: Sensitivity, system: System, rule: str, cells: Ints) -> Sensitivity:
    named = np.zeros(len(system), dtype=np.bool_)
    named[cells] = True
    new = named & ~sensitivity.primary
    sums = Sums.of(system)
    up, down = dict(sensitivity.need_up), dict(sensitivity.need_down)
    for name in system.values:
        need = np.maximum(required_protection(sums, name, sensitivity.parameters), 1)
        up[name] = np.where(new, need, up[name])
        down[name] = np.where(new, np.minimum(need, system.values[name]), down[name])
    findings = (*sensitivity.findings, Finding(rule, "", named, np.zeros(len(system))))
    return Sensitivity(sensitivity.parameters, sensitivity.primary | new, up, down, findings)


def extend(sensitivity: Sensitivity, system: System) -> Sensitivity:
    """Add the sensitive sums appended to the system (System.with_sums) as primary virtual cells."""
    before = len(sensitivity.primary)
    added = Sums.of(system, before)
    up, down = dict(sensitivity.need_up), dict(sensitivity.need_down)
    for name in system.values:
        need = required_protection(added, name, sensitivity.parameters)
        up[name] = np.concatenate([up[name], need])
        down[name] = np.concatenate([down[name], np.minimum(need, added.values[name])])
    added_cells = np.ones(len(system) - before, dtype=np.bool_)
    primary = np.concatenate([sensitivity.primary, added_cells])
    outside = sensitivity.from_outside
    outside = None if outside is None else np.concatenate([outside, ~added_cells])
    return Sensitivity(sensitivity.parameters, primary, up, down, sensitivity.findings, outside)
