"""The audit of one measure of a pattern: what its relations give away to outsiders and to those inside.

Many deviations are found at once: targets that stand in no relation together are moved by one linear programme, whose
solution falls into separate parts, each a proof for every class it moves. Single programmes settle what is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from disclosure.core.audit.evidence import Claim, Coalition, Evidence, Insiders
from disclosure.core.audit.offered import confirmed
from disclosure.core.audit.programme import Programme
from disclosure.core.audit.reduction import Reduced, reduce
from disclosure.core.system import System
from disclosure.core.tabulation.contributions import Ints

Bools = npt.NDArray[np.bool_]
Interval = tuple[int, int | None]  # lowest and highest value the published cells allow; None where nothing bounds it

_ENOUGH = 1.0 - 1e-6  # share of the required protection that counts as all of it
_NOBODY: Coalition = frozenset()
_UNIT = 0.5  # a width below half a unit gives a whole number away
_BATCH, _SPREAD = 40, 100  # targets of a batch: at least; and one for so many classes
_SHY = 20.0  # price of moving a class that somebody knows, against 1
_NEAR = 400  # classes around one that is moved by itself
_MANY = 12  # coalitions doubting a claim: first look for a deviation that fewer know


@dataclass(frozen=True)
class Disclosure:
    """One thing the pattern gives away. `kind` is exact, under, singleton, residual or complement; `cells` are
    positions in the system (several for a residual); `known` are the cells a coalition knows; `sign` is the
    unprotected side and `need` what it needs."""

    kind: str
    measure: str
    cells: tuple[int, ...]
    known: tuple[int, ...] = ()
    sign: int = 1
    need: int = 0


class MeasureAudit:
    """Audits one measure of one pattern; `secret` are the withheld cells whose value the receiver does not know."""

    def __init__(
        self, system: System, name: str, primary: Bools, need: dict[int, Ints], secret: Bools, insiders: Insiders
    ) -> None:
        self._name, self._values = name, system.values[name]
        self.secret, self._insiders, self._printed = secret, insiders, system.printed
        self._targets, self._need = primary & secret, need
        self._reduced: Reduced = reduce(system.relations, self._values, secret)
        self._programme = Programme(self._reduced)
        rise, fall = self._reduced.most(need[1], need[-1], self._targets)
        owners = insiders.of_classes(self._reduced)
        self._evidence = Evidence(self._reduced, {1: rise, -1: fall}, owners, insiders.size)
        self._price = np.where(self._evidence.owned, _SHY, 1.0)
        self._nobody = np.zeros(self._reduced.size, dtype=np.bool_)
        self._members: sparse.csr_matrix = _members(self._reduced)

    def consider(self, offered: sparse.csr_matrix) -> None:
        """Let those of the offered deviations (d, n) that keep every relation exactly prove what they can."""
        for piece in confirmed(self._reduced, offered):
            self._evidence.add(piece)

    def disclosures(self) -> Iterator[Disclosure]:
        """Yield what the pattern gives away in this measure, in a fixed order."""
        yield from self._given_away()
        self._prove(self._evidence.unproven(), lambda claim: not self._evidence.proven(claim))
        yield from self._outsiders()
        yield from self._complements()
        yield from self._sharers()
        doubted = [claim for claim, _ in self._evidence.objections()]
        for _ in range(2):
            self._prove(doubted, lambda claim: bool(self._evidence.objectors(claim)))
        yield from self._objectors()

    def intervals(self) -> dict[int, Interval]:
        """Return the feasible interval of every withheld cell that the receiver does not know anyway."""
        return {int(cell): self.interval(int(cell)) for cell in np.flatnonzero(self.secret)}

    def interval(self, cell: int) -> Interval:
        """Return what a withheld cell may be: a linear programme for each end."""
        value, node = int(self._values[cell]), int(self._reduced.label[cell])
        if node < 0:
            return value, value
        sign = int(self._reduced.sign[cell])
        up, down = self._programme.bound(node, sign), self._programme.bound(node, -sign)
        low = 0 if down is None else max(0, value - int(np.rint(abs(down))))
        return low, None if up is None else value + int(np.rint(abs(up)))

    def _given_away(self) -> Iterator[Disclosure]:
        """Yield the sensitive cells that relations alone give away, and those that ask no width but have none."""
        for cell in np.flatnonzero(self._targets & (self._reduced.label < 0)):
            if self._values[cell] or self._need[1][cell]:
                yield self._found("exact", int(cell), 1, max(int(self._need[1][cell]), 1))
        bare = self._targets & (self._reduced.label >= 0) & (self._values > 0)
        for cell in np.flatnonzero(bare & (self._need[1] == 0) & (self._need[-1] == 0)):
            if not self._moves(int(self._reduced.label[cell])):
                yield self._found("exact", int(cell), 1, 1)

    def _moves(self, node: int) -> bool:
        """Return whether a class can move at all."""
        if self._evidence.moved[node]:
            return True
        return any(abs(self._furthest((node, sign), 1, self._nobody)) >= _UNIT for sign in (1, -1))

    def _furthest(self, claim: Claim, need: int, still: Bools) -> float:
        """Return how far a class can move to one side, at most by its need: looked for near by, then everywhere."""
        if self._reduced.size > 8 * _NEAR:
            reach = self._furthest_near(claim, need, still)
            if reach >= need * _ENOUGH:
                return reach
        reach, pieces = self._programme.furthest(claim[0], need, claim[1], still, self._price)
        for piece in pieces:
            self._evidence.add(piece)
        return reach

    def _furthest_near(self, claim: Claim, need: int, still: Bools) -> float:
        """Return how far a class moves while all but those around it stay: less than the truth, never more."""
        classes, programme = self._programme.near(claim[0], _NEAR)
        place = int(np.searchsorted(classes, claim[0]))
        reach, pieces = programme.furthest(place, need, claim[1], still[classes], self._price[classes])
        for inside, amounts in pieces:
            self._evidence.add((classes[inside], amounts))
        return reach

    def _known_of(self, claim: Claim) -> set[int]:
        """Return all classes that the coalitions doubting a claim know, or none where they are too many."""
        if len(self._evidence.objectors(claim)) > _MANY:
            return set()
        return {node for coalition in self._evidence.objectors(claim) for node in self._evidence.knows(coalition)}

    def _prove(self, claims: list[Claim], is_open: Callable[[Claim], bool]) -> None:
        """Try to prove open claims, each once, in batches of targets that stand in no relation together.

        Claims of like needs go together. What the coalitions doubting a claim know stays still in its batch.
        """
        need = self._evidence.need
        order = sorted(claims, key=lambda claim: (-max(int(need[1][claim[0]]), int(need[-1][claim[0]])), claim))
        while order:
            batch = _Batch(self._programme.rows, max(self._reduced.size // _SPREAD, _BATCH))
            order = self._fill(batch, order, is_open)
            if batch.targets:
                self._move(np.array(sorted(batch.targets), dtype=np.int64), sorted(batch.still))

    def _fill(self, batch: _Batch, claims: list[Claim], is_open: Callable[[Claim], bool]) -> list[Claim]:
        """Fill a batch with open claims; return those for later batches."""
        later: list[Claim] = []
        for position, claim in enumerate(claims):
            if batch.full:
                return later + claims[position:]
            if is_open(claim) and not self._taken(batch, claim):
                later.append(claim)
        return later

    def _taken(self, batch: _Batch, claim: Claim) -> bool:
        """Add a claim to a batch if there is room for it; a class is moved once for both its sides."""
        if claim[0] in batch.targets:
            return True
        return batch.has_room(claim[0]) and batch.takes(claim[0], self._known_of(claim))

    def _move(self, targets: Ints, fixed: list[int]) -> None:
        still = self._nobody.copy()
        still[fixed] = True
        need = np.maximum(self._evidence.need[1][targets], self._evidence.need[-1][targets])
        for piece in self._programme.together(targets, need, still, self._price):
            self._evidence.add(piece)

    def _outsiders(self) -> Iterator[Disclosure]:
        """Yield the sensitive cells that anybody can estimate within their need."""
        failed: dict[int, dict[int, float]] = {}
        for claim in self._evidence.unproven():
            node, sign = claim
            if self._evidence.proven(claim):
                continue
            need = int(self._evidence.need[sign][node])
            reach = self._furthest(claim, need, self._nobody)
            if reach >= need * _ENOUGH:
                self._evidence.accept(claim)
            else:
                failed.setdefault(node, {})[sign] = reach
        for node, short in sorted(failed.items()):
            exact = not self._evidence.moved[node] and not self._moves(node)
            yield from self._short(node, short, "exact" if exact else "under")
            for sign, reach in sorted(short.items()):
                self._ask_less(node, sign, reach)

    def _ask_less(self, node: int, sign: int, reach: float) -> None:
        """Let a class that falls short of one cell's need prove what its others need, for insiders to doubt."""
        asked = (self._asked(cell, sign * int(self._reduced.sign[cell]), _NOBODY)
                 for cell in self._cells(node) if self._targets[cell])  # fmt: skip
        need = max((one for one in asked if reach >= one * _ENOUGH), default=0)
        self._evidence.need[sign][node] = need
        moved = need > 0 and self._furthest((node, sign), need, self._nobody) >= need * _ENOUGH
        if moved and not self._evidence.proven((node, sign)):
            self._evidence.accept((node, sign))

    def _asked(self, cell: int, side: int, coalition: Coalition) -> int:
        """Return a cell's need, against a coalition downward at most what others contribute to the cell."""
        need = int(self._need[side][cell])
        if side > 0 or not coalition:
            return need
        return min(need, int(self._values[cell]) - self._insiders.share(cell, coalition))

    def _short(
        self, node: int, reach: dict[int, float], kind: str, known: tuple[int, ...] = (), coalition: Coalition = _NOBODY
    ) -> Iterator[Disclosure]:
        """Yield the sensitive cells of a class that it does not move far enough; `known` ones need nothing."""
        for cell in self._cells(node):
            if not self._targets[cell] or cell in known:
                continue
            for side in (1, -1):
                need, way = self._asked(cell, side, coalition), side * int(self._reduced.sign[cell])
                if way in reach and need > 0 and reach[way] < need * _ENOUGH:
                    yield self._found(kind, cell, side, need, known)

    def _cells(self, node: int) -> list[int]:
        indices = self._members.indices[self._members.indptr[node] : self._members.indptr[node + 1]]
        return sorted(indices.tolist())

    def _found(self, kind: str, cell: int, side: int, need: int, known: tuple[int, ...] = ()) -> Disclosure:
        return Disclosure(kind, self._name, (cell,), known, side, need)

    def _complements(self) -> Iterator[Disclosure]:
        """Yield complementary cells that are exactly recoverable: a withheld value has to stay unknown by a unit."""
        for cell in np.flatnonzero(self.secret & self._printed & ~self._targets & (self._values > 0)).tolist():
            node = int(self._reduced.label[cell])
            if node < 0 or not self._moves(node):
                yield self._found("complement", cell, 1, 1)

    def _sharers(self) -> Iterator[Disclosure]:
        """Yield sensitive cells that move together with a cell which somebody else has to itself."""
        for node in np.flatnonzero(self._evidence.owned).tolist():
            cells = self._cells(node)
            for coalition in sorted({self._insiders.owners[one] for one in cells if one in self._insiders.owners},
                                    key=sorted):  # fmt: skip
                known = tuple(one for one in cells if self._insiders.owners.get(one, coalition | {-1}) <= coalition)
                yield from self._short(node, {1: 0.0, -1: 0.0}, "singleton", known, coalition)

    def _objectors(self) -> Iterator[Disclosure]:
        """Yield the sensitive cells that a coalition can estimate within their need by what it knows of itself."""
        for claim, _ in sorted(self._evidence.objections(), key=lambda one: one[0]):
            node, sign = claim
            while objectors := self._evidence.objectors(claim):
                coalition = min(objectors, key=sorted)
                need = self._most_asked(node, sign, coalition)
                still = self._nobody.copy()
                still[self._evidence.knows(coalition)] = True
                reach = self._furthest(claim, need, still) if need > 0 else 0.0
                self._evidence.settle(claim, coalition)
                if reach < need * _ENOUGH:
                    known = self._known_cells(coalition)
                    yield from self._short(node, {sign: reach}, "singleton", known, coalition)

    def _most_asked(self, node: int, way: int, coalition: Coalition) -> int:
        """Return how far a class has to move to one side to keep a coalition in doubt about each of its cells."""
        cells = [cell for cell in self._cells(node) if self._targets[cell]]
        return max((self._asked(cell, way * int(self._reduced.sign[cell]), coalition) for cell in cells), default=0)

    def _known_cells(self, coalition: Coalition) -> tuple[int, ...]:
        owners = self._insiders.owners
        return tuple(cell for cell in sorted(owners) if self.secret[cell] and owners[cell] <= coalition)


def _members(reduced: Reduced) -> sparse.csr_matrix:
    """Return the cells of each class (classes, n)."""
    cells = np.flatnonzero(reduced.label >= 0)
    ones = np.ones(len(cells), dtype=np.int64)
    return sparse.csr_matrix((ones, (reduced.label[cells], cells)), shape=(reduced.size, len(reduced.label)))


class _Batch:
    """Targets to be moved together: no two in a relation, and none that has to stay still for another."""

    def __init__(self, rows: sparse.csr_matrix, size: int) -> None:
        self._rows, self._size = rows, size
        self._used: set[int] = set()
        self.targets: set[int] = set()
        self.still: set[int] = set()

    @property
    def full(self) -> bool:
        """Return whether it has as many targets as it may have."""
        return len(self.targets) >= self._size

    def has_room(self, node: int) -> bool:
        """Return whether no relation of a class is taken."""
        mine = self._rows.indices[self._rows.indptr[node] : self._rows.indptr[node + 1]].tolist()
        if node in self.still:
            return False
        return self._used.isdisjoint(mine)

    def takes(self, node: int, still: set[int]) -> bool:
        """Add a target that there is room for unless what has to stay still for it is a target."""
        if not self.targets.isdisjoint(still):
            return False
        self.targets.add(node)
        self.still |= still
        self._used.update(self._rows.indices[self._rows.indptr[node] : self._rows.indptr[node + 1]].tolist())
        return True
