"""What the reader of a new release knows already, and what earlier releases promised to keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from disclosure.core.audit.auditor import audit
from disclosure.core.ledger.entry import Entry
from disclosure.core.ledger.joint import Joint
from disclosure.core.ledger.public_sums import with_known_sums
from disclosure.core.pattern import Pattern
from disclosure.core.qcew.codes import code_of
from disclosure.core.qcew.exemptions import is_exempt
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
        every = audit(self.system, self.sensitivity, everything).disclosures
        found = [one for one in every if one.kind != "residual"]
        sums = sorted({one.cells for one in every if one.kind == "residual" and self.yielding[list(one.cells)].all()})
        public = {cell for one in found if one.kind in {"exact", "under"} for cell in one.cells}
        if not (found or sums) or not all(self.yielding[cell] for cell in public):
            return None
        known = {name: self.system.known.get(name, nothing).copy() for name in self.system.measures}
        up, down = ({name: column.copy() for name, column in side.items()}
                    for side in (self.sensitivity.need_up, self.sensitivity.need_down))  # fmt: skip
        outside = nothing.copy() if self.sensitivity.from_outside is None else self.sensitivity.from_outside.copy()
        for one in found:
            cells = list(one.cells)
            outside[cells] = True
            if one.kind in {"exact", "under"}:
                known[one.measure][cells] = True
                up[one.measure][cells] = down[one.measure][cells] = 0
        for members in sums:
            outside[list(members)] = True
        left = replace(
            self,
            system=replace(self.system, known=known),
            sensitivity=replace(self.sensitivity, need_up=up, need_down=down, from_outside=outside),
            lost=int(np.count_nonzero(outside)),
        )
        return left if not sums else left._with_known(sums, everything.withheld)

    def _with_known(self, sums: Sequence[tuple[int, ...]], withheld: Bools) -> Standing:
        """Return the same with sums that public cells reveal as cells of their own, which everybody knows."""
        system, count = with_known_sums(self.system, sums, withheld), len(sums)
        old, none, all_of_them = self.sensitivity, np.zeros(count, dtype=np.bool_), np.ones(count, dtype=np.bool_)
        nothing = np.zeros(count, dtype=np.int64)
        up, down = ({name: np.concatenate([column, nothing]) for name, column in side.items()}
                    for side in (old.need_up, old.need_down))  # fmt: skip
        outside = None if old.from_outside is None else np.concatenate([old.from_outside, all_of_them])
        return replace(
            self,
            system=system,
            sensitivity=replace(old, primary=np.concatenate([old.primary, none]), need_up=up, need_down=down,
                                from_outside=outside),
            frozen=np.concatenate([self.frozen, none]),
            yielding=np.concatenate([self.yielding, all_of_them]),
        )  # fmt: skip


def standing(joint: Joint, entries: Sequence[Entry], parameters: Parameters, own: Own | None = None) -> Standing:
    """Apply the rules to a joint system whose first table is new; `own` is what they say of that table by itself.

    A cell withheld before stays withheld: sensitive ones with their protection, others unknown by a unit. Cells that no
    table prints are asked no more than published cells around them promise: that nobody's contribution can be estimated
    within p percent. What was published though it is sensitive, by others or under an exemption, is known.
    """
    system, before = joint.system, assess(joint.system, parameters)
    if own is not None:
        before = own.in_place_of(before, joint)
    past = {code: _printed(joint, entries, code) for code in "FPS"}
    outside = _printed(joint, entries, "F", outside=True)
    everywhere = np.logical_and.reduce([_published(joint, entries, name) | _unknown_to_new(joint, entries, name)
                                        for name in system.measures]) & past["F"]  # fmt: skip
    lost = (outside | _exempted(joint, entries, parameters)) & before.primary
    frozen = everywhere & ~lost
    if own is not None:
        frozen |= own.public_places(joint) & ~past["P"] & ~past["S"]
    if joint.ground is not None:
        frozen[joint.ground] = True
    known = {name: system.known.get(name, ~everywhere & False) | (_published(joint, entries, name) & ~frozen)
             for name in system.measures}  # fmt: skip
    hidden = ~system.printed | (past["F"] & ~past["P"] & ~past["S"] & ~_own(joint) & ~frozen)
    not_shown = _printed(joint, entries, "PS", outside=True)
    not_ours = not_shown & ~before.primary & ~past["P"] & ~past["S"] & ~frozen & ~_own(joint)
    held = (past["P"] | past["S"] | not_shown) & ~frozen & ~not_ours
    hidden |= not_ours  # what others withhold to protect others of theirs: never printed, and may be worked out
    system = replace(system, known=known, hidden=hidden)
    sensitivity = _sensitivity(joint, system, before, held, past["P"] & held)
    sensitivity = _unknown_downward(sensitivity, system, held & not_shown)
    if own is not None:
        sensitivity = own.at_least(sensitivity, joint)
    yielding = (hidden | not_shown) & ~past["P"] & ~past["S"]
    return Standing(system, sensitivity, frozen, yielding)


@dataclass(frozen=True)
class Own:
    """What the rules say of the new table by itself: persons and exemptions are known to it only. `public` (cells) are
    cells that everybody has from elsewhere."""

    sensitivity: Sensitivity
    public: Bools

    def in_place_of(self, found: Sensitivity, joint: Joint) -> Sensitivity:
        """Return the findings of the system, but for the new table's cells its own."""
        primary = found.primary & ~_own(joint)
        primary |= _at(joint, self.sensitivity.primary) & ~self.public_places(joint)
        return replace(found, primary=primary)

    def at_least(self, found: Sensitivity, joint: Joint) -> Sensitivity:
        """Return the system's sensitivity with no less protection for the new table's cells than by themselves."""
        up, down = ({name: self._most(need, side[name], joint) for name, need in of.items()}
                    for of, side in ((found.need_up, self.sensitivity.need_up),
                                     (found.need_down, self.sensitivity.need_down)))  # fmt: skip
        return replace(found, need_up=up, need_down=down)

    def public_places(self, joint: Joint) -> Bools:
        """Return the positions of the cells that everybody has."""
        return _at(joint, self.public)

    def _most(self, need: Ints, own: Ints, joint: Joint) -> Ints:
        most, places = need.copy(), joint.cells[0]
        here = (places >= 0) & self.sensitivity.primary
        np.maximum.at(most, places[here], own[here])
        return most


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


def _unknown_downward(sensitivity: Sensitivity, system: System, cells: Bools) -> Sensitivity:
    """Ask that cells which others withhold for nothing of their own may be less than they are: their neighbours may all
    be zero, and then they cannot be more."""
    down = {}
    for name, need in sensitivity.need_down.items():
        asked = cells & (sensitivity.need_up[name] == 0) & (system.values[name] > 0)
        down[name] = np.where(asked, np.maximum(need, 1), need)
    return replace(sensitivity, need_down=down)


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
        places = joint.cells[table][entry.published & entry.known(measure)]
        found[places[places >= 0]] = True
    return found


def _unknown_to_new(joint: Joint, entries: Sequence[Entry], measure: str) -> Bools:
    """Return the cells of the quarters in which the new table cannot know a measure: it says nothing of it there."""
    found = np.zeros(len(joint.system), dtype=np.bool_)
    quarters = entries[0].unknown.get(measure, ())
    for table, entry in enumerate(entries if quarters else ()):
        places = joint.cells[table][entry.within(quarters)]
        found[places[places >= 0]] = True
    return found


def _exempted(joint: Joint, entries: Sequence[Entry], parameters: Parameters) -> Bools:
    """Return the cells that earlier tables in the layout of QCEW published without asking the rules."""
    found = np.zeros(len(joint.system), dtype=np.bool_)
    for table, entry in enumerate(entries[1:], start=1):
        if entry.in_layout_of_qcew:
            free = np.array([is_exempt(code_of(key), parameters) for key in entry.keys], dtype=np.bool_)
            places = joint.cells[table][free & entry.published]
            found[places[places >= 0]] = True
    return found


def _own(joint: Joint) -> Bools:
    return _at(joint, np.ones(len(joint.cells[0]), dtype=np.bool_))


def _at(joint: Joint, marked: Bools) -> Bools:
    """Return the positions of the new table's marked cells."""
    found = np.zeros(len(joint.system), dtype=np.bool_)
    places = joint.cells[0][marked]
    found[places[places >= 0]] = True
    return found
