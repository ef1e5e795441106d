"""What the reader of a new release knows already, and what earlier releases promised to keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from disclosure.core.audit.auditor import audit
from disclosure.core.ledger.entry import Entry
from disclosure.core.ledger.joint import Joint
from disclosure.core.pattern import Pattern
from disclosure.core.rules.sensitivity import Finding, Parameters, Sensitivity, Sums, assess, required_protection
from disclosure.core.system import Bools, System
from disclosure.core.tabulation.contributions import Ints, largest

WITHHELD_BEFORE = "withheld before"


@dataclass(frozen=True)
class Standing:
    """A joint system with its sensitivity, and the cells that are public whatever is decided.

    `yielding` marks the sensitive cells that no table of ours printed: they may be lost to what is public already.
    `lost` counts those that are.
    """

    system: System
    sensitivity: Sensitivity
    frozen: Bools
    yielding: Bools
    lost: int = 0

    def spared(self) -> Standing | None:
        """Return the same without protection that earlier releases alone make impossible; None where there is nothing
        to spare, or one of our own withheld cells is disclosed to everybody.

        An employer that a finer table or a corrected load tells apart knows its own part of cells it shares: what it so
        learns of them it could learn before, and they are protected from everybody else.
        """
        nothing = np.zeros(len(self.system), dtype=np.bool_)
        everything = Pattern(self.system.keys, self.sensitivity.primary, ~self.sensitivity.primary & ~self.frozen)
        found = [one for one in audit(self.system, self.sensitivity, everything).disclosures if one.kind != "residual"]
        public = {cell for one in found if one.kind in {"exact", "under"} for cell in one.cells}
        if not found or not all(self.yielding[cell] for cell in public):
            return None
        known = {name: self.system.known.get(name, nothing).copy() for name in self.system.measures}
        up, down = ({name: column.copy() for name, column in side.items()}
                    for side in (self.sensitivity.need_up, self.sensitivity.need_down))  # fmt: skip
        outside = nothing.copy()
        for one in found:
            cells = list(one.cells)
            outside[cells] = True
            if one.kind == "exact":
                known[one.measure][cells] = True
            elif one.kind == "under":
                up[one.measure][cells] = down[one.measure][cells] = 0
        return replace(
            self,
            system=replace(self.system, known=known),
            sensitivity=replace(self.sensitivity, need_up=up, need_down=down, from_outside=outside),
            lost=int(np.count_nonzero(outside)),
        )


def standing(joint: Joint, entries: Sequence[Entry], parameters: Parameters) -> Standing:
    """Apply the rules to a joint system whose first table is new.

    A cell withheld before stays withheld: sensitive ones with their protection, others unknown by a unit. Cells that no
    table prints are asked no more than published cells around them promise: that nobody's contribution can be estimated
    within p percent.
    """
    system, before = joint.system, assess(joint.system, parameters)
    past = {code: _printed(joint, entries, code) for code in "FPS"}
    outside = _printed(joint, entries, "F", outside=True)
    everywhere = np.logical_and.reduce([_published(joint, entries, name) for name in system.measures])
    lost = outside & before.primary
    frozen = everywhere & ~lost
    if joint.ground is not None:
        frozen[joint.ground] = True
    known = {name: system.known.get(name, ~everywhere & False) | (_published(joint, entries, name) & ~frozen)
             for name in system.measures}  # fmt: skip
    own = _own(joint)
    hidden = ~system.printed | (past["F"] & ~past["P"] & ~past["S"] & ~own & ~frozen)
    not_shown = _printed(joint, entries, "PS", outside=True)
    held = (past["P"] | past["S"] | not_shown) & ~frozen
    system = replace(system, known=known, hidden=hidden)
    sensitivity = _sensitivity(joint, system, before, held, past["P"] & held)
    yielding = (hidden | not_shown) & ~past["P"] & ~past["S"]
    return Standing(system, sensitivity, frozen, yielding)


def _sensitivity(joint: Joint, system: System, before: Sensitivity, held: Bools, promised: Bools) -> Sensitivity:
    sums = Sums.of(system)
    primary, up, down = before.primary | held, {}, {}
    for name in system.measures:
        need = np.where(before.primary | promised, required_protection(sums, name, before.parameters), 0)
        need = np.where(~system.printed & before.primary, _ambiguity(system, name, before.parameters), need)
        up[name], down[name] = need, np.minimum(need, system.values[name])
    for place, change in joint.changes.items():
        needs = change.needs(before.parameters)
        primary[place] = needs is not None
        for name, amount in (needs or {}).items():
            up[name][place] = down[name][place] = amount
    finding = Finding(WITHHELD_BEFORE, "", held, np.zeros(len(system)))
    return Sensitivity(before.parameters, primary, up, down, (*before.findings, finding))


def _ambiguity(system: System, name: str, parameters: Parameters) -> Ints:
    """Return p/100 x1 less what is left after the largest 1 + coalition contributions, and at least one unit."""
    top = largest(system.contributions[name], parameters.coalition + 1)
    rest = system.values[name] - top.amounts.sum(axis=1)
    need = -(-((parameters.p_percent or 0) * top.amounts[:, 0] - 100 * rest) // 100)
    someone = (system.enterprises > 0) | (system.values[name] > 0)
    return np.asarray(np.maximum(need, someone.astype(np.int64)), dtype=np.int64)


def _printed(joint: Joint, entries: Sequence[Entry], codes: str, *, outside: bool = False) -> Bools:
    """Return the cells that earlier tables (of ours, or of others) printed with one of the statuses."""
    found = np.zeros(len(joint.system), dtype=np.bool_)
    for table, entry in enumerate(entries[1:], start=1):
        if entry.outside == outside or (codes == "F" and not outside):
            marked = np.array([status in codes for status in entry.statuses], dtype=np.bool_)
            places = joint.cells[table][marked]
            found[places[places >= 0]] = True
    return found


def _published(joint: Joint, entries: Sequence[Entry], measure: str) -> Bools:
    found = np.zeros(len(joint.system), dtype=np.bool_)
    for table, entry in enumerate(entries[1:], start=1):
        if measure in entry.measures:
            places = joint.cells[table][entry.published]
            found[places[places >= 0]] = True
    return found


def _own(joint: Joint) -> Bools:
    own = np.zeros(len(joint.system), dtype=np.bool_)
    own[joint.cells[0][joint.cells[0] >= 0]] = True
    return own
