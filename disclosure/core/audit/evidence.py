"""What has been proven about one measure of one pattern: which class moves far enough, and who could object.

A deviation proves how far each class in it can move, to outsiders. An insider who knows one of its classes is not
impressed by it; so each claim keeps the coalitions that know a class of every deviation that proves it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from disclosure.core.audit.programme import Piece
from disclosure.core.audit.reduction import UNBOUNDED, Reduced
from disclosure.core.system import System
from disclosure.core.tabulation.contributions import Ints, largest

Bools = npt.NDArray[np.bool_]
Coalition = frozenset[int]
Claim = tuple[int, int]  # a class and the side (1 or -1) to which it has to move


class Insiders:
    """Who knows which cells of a measure: coalitions of enterprises that are alone in them."""

    def __init__(self, system: System, measure: str, coalition: int) -> None:
        self.size = coalition
        self.owners: dict[int, Coalition] = {}
        if measure not in system.contributions:
            return
        contributions = self._contributions = system.contributions[measure]
        present = largest(system.present, coalition)
        whole = np.asarray(contributions.sum(axis=1)).ravel() == system.values[measure]
        alone = (system.enterprises > 0) & (system.enterprises <= coalition) & whole
        alone &= present.contributing <= system.enterprises
        for cell in np.flatnonzero(alone & (present.contributing == system.enterprises)):
            self.owners[int(cell)] = frozenset(present.enterprises[cell, : system.enterprises[cell]].tolist())

    def share(self, cell: int, coalition: Coalition) -> int:
        """Return what a coalition contributes to a cell."""
        return int(self._contributions[cell, sorted(coalition)].sum())

    def of_classes(self, reduced: Reduced) -> list[frozenset[Coalition]]:
        """Return, per class, the coalitions that know it by a cell of it."""
        found: list[set[Coalition]] = [set() for _ in range(reduced.size)]
        for cell, owners in self.owners.items():
            if reduced.label[cell] >= 0:
                found[reduced.label[cell]].add(owners)
        return [frozenset(one) for one in found]


@dataclass
class _Proof:
    """The deviations that prove a claim, each as the coalitions that know a class of it; and who is left to object."""

    hits: list[frozenset[Coalition]]
    objectors: frozenset[Coalition]
    settled: set[Coalition] = field(default_factory=set)


class Evidence:
    """Proofs of claims. `need` holds, per side, how far each class (classes) has to move; zero asks nothing."""

    def __init__(self, reduced: Reduced, need: dict[int, Ints], owners: list[frozenset[Coalition]], size: int) -> None:
        self._reduced, self._owners, self._size = reduced, owners, size
        self.need = need
        self.moved: Bools = np.zeros(reduced.size, dtype=np.bool_)
        self._proofs: dict[Claim, _Proof] = {}
        self.owned: Bools = np.array([bool(one) for one in owners], dtype=np.bool_)
        self._known_by: dict[int, list[tuple[Coalition, int]]] = {}
        for node in np.flatnonzero(self.owned).tolist():
            for owner in owners[node]:
                for one in owner:
                    self._known_by.setdefault(one, []).append((owner, node))

    def unproven(self) -> list[Claim]:
        """Return the claims without any proof."""
        return [(int(node), sign) for sign in (1, -1) for node in np.flatnonzero(self.need[sign])
                if (int(node), sign) not in self._proofs]  # fmt: skip

    def proven(self, claim: Claim) -> bool:
        """Return whether outsiders cannot do better than the need."""
        return not self.need[claim[1]][claim[0]] or claim in self._proofs

    def objections(self) -> Iterator[tuple[Claim, frozenset[Coalition]]]:
        """Yield the proven claims that some coalitions can still doubt."""
        for claim, proof in self._proofs.items():
            if proof.objectors:
                yield claim, proof.objectors

    def objectors(self, claim: Claim) -> frozenset[Coalition]:
        """Return the coalitions that can doubt a claim."""
        return self._proofs[claim].objectors if claim in self._proofs else frozenset()

    def settle(self, claim: Claim, coalition: Coalition) -> None:
        """Note that a coalition's doubt of a claim was answered, whichever way; larger ones may still doubt it."""
        proof = self._proofs[claim]
        proof.settled.add(coalition)
        own = self._owners[claim[0]]
        larger: set[Coalition] = set()
        if len(coalition) < self._size and all(any(one <= coalition for one in known) for known in proof.hits):
            everyone = {coalition | owner for known in self._owners for owner in known}
            larger = {one for one in everyone if len(one) <= self._size and not any(owner <= one for owner in own)}
        proof.objectors = (proof.objectors | larger) - proof.settled

    def accept(self, claim: Claim) -> None:
        """Note that a claim was proven to outsiders without a deviation that can be shown to insiders."""
        everyone = frozenset(owner for one in self._owners for owner in one)
        self._prove(claim, everyone)

    def knows(self, coalition: Coalition) -> list[int]:
        """Return the classes that a coalition knows."""
        return [node for one in coalition for owner, node in self._known_by.get(one, ()) if owner <= coalition]

    def add(self, piece: Piece) -> None:
        """Let a whole-numbered deviation and its opposite, each stretched to the limit, prove claims."""
        support, amounts = piece
        rise, fall = self._reduced.rise[support], self._reduced.fall[support]
        stretch = {side: _stretch(side * amounts, rise, fall) for side in (1, -1)}
        known = frozenset(owner for node in support[self.owned[support]] for owner in self._owners[node])
        self.moved[support] |= np.abs(amounts) * max(stretch.values()) >= 1
        for sign in (1, -1):
            factor = np.where(amounts * sign > 0, stretch[1], stretch[-1])
            need = self.need[sign][support]
            for node in support[(need > 0) & (factor * np.abs(amounts) >= need * (1 - 1e-12))].tolist():
                self._prove((node, sign), known)

    def _prove(self, claim: Claim, known: frozenset[Coalition]) -> None:
        proof = self._proofs.get(claim)
        if proof is None:
            self._proofs[claim] = _Proof([known], self._left([known], claim[0]))
        elif proof.objectors:
            if self._size == 1:
                proof.objectors &= known
            else:
                proof.hits.append(known)
                proof.objectors = self._left(proof.hits, claim[0]) - proof.settled

    def _left(self, hits: list[frozenset[Coalition]], node: int) -> frozenset[Coalition]:
        """Return the coalitions of the allowed size that know a class of every deviation but not the target itself."""
        own = self._owners[node]
        if self._size == 1:
            return frozenset.intersection(*hits) - own
        found: set[Coalition] = set()

        def grow(members: Coalition, left: list[frozenset[Coalition]]) -> None:
            rest = [one for one in left if not any(owner <= members for owner in one)]
            if any(owner <= members for owner in own) or members in found:
                return
            if not rest:
                found.add(members)
                return
            for owner in rest[0]:
                if len(members | owner) <= self._size:
                    grow(members | owner, rest)

        grow(frozenset(), hits)
        return frozenset(found) - {frozenset()}


def _stretch(amounts: Ints, rise: Ints, fall: Ints) -> float:
    """Return by how much a deviation can be multiplied before a cell falls below zero."""
    room = np.where(amounts > 0, rise, fall)
    limited = room < UNBOUNDED
    return float((room[limited] / np.abs(amounts[limited])).min(initial=1e12))
