"""What suppression has found so far for one measure: flows over withheld nodes, and the claims that they prove.

A claim is a node and the side to which it has to be able to move. A flow proves a claim to outsiders when it moves the
node far enough; an enterprise that knows one of the flow's nodes is not fooled by it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from disclosure.core.suppression.flow import Floats, Piece
from disclosure.core.tabulation.contributions import Ints

Coalition = frozenset[int]
Claim = tuple[int, int]

_ENOUGH = 1.0 - 1e-7


@dataclass(eq=False)
class Proof:
    nodes: tuple[int, ...]
    amounts: Floats
    known_to: frozenset[Coalition]
    proves: set[Claim] = field(default_factory=set)
    answers: set[tuple[Claim, Coalition]] = field(default_factory=set)

    @property
    def piece(self) -> Piece:
        """The flow without what it proves."""
        return Piece(np.array(self.nodes), self.amounts)


class Hiding:
    """Flows and claims of one measure. `need` holds per side what each node (nodes) needs, `values` how far it falls;
    `owners` are the coalitions that know a node; `size` is how many enterprises may pool what they know."""

    def __init__(self, values: Ints, need: dict[int, Ints], owners: dict[int, frozenset[Coalition]], size: int) -> None:
        self._values, self.need, self._owners, self._size = values, need, owners, size
        self.unasked: frozenset[int] = frozenset()  # nodes that need to be unknown to outsiders only
        self._flows: dict[Claim, list[Proof]] = {}
        self._doubts: dict[Claim, frozenset[Coalition]] = {}
        self._known: dict[Claim, tuple[frozenset[Coalition], frozenset[int]]] = {}
        self._answered: set[tuple[Claim, Coalition]] = set()
        self._through: dict[int, set[Proof]] = {}
        self._everyone = sorted({one for coalitions in owners.values() for one in coalitions}, key=sorted)
        self._known_by: dict[int, list[tuple[Coalition, int]]] = {}
        for node, coalitions in owners.items():
            for coalition in coalitions:
                for one in coalition:
                    self._known_by.setdefault(one, []).append((coalition, node))

    def claims(self) -> list[Claim]:
        """Return every claim, those of the largest needs first."""
        found = [(-int(self.need[sign][node]), int(node), -sign) for sign in (1, -1)
                 for node in np.flatnonzero(self.need[sign])]  # fmt: skip
        return [(node, -side) for _, node, side in sorted(found)]

    def is_open(self, claim: Claim) -> bool:
        """Return whether somebody outside or inside is still able to estimate the node too closely."""
        flows = self._flows.get(claim)
        return not flows or bool(self._doubt(flows, claim))

    def is_bare(self, claim: Claim) -> bool:
        """Return whether no flow proves the claim even to outsiders."""
        return not self._flows.get(claim)

    def known(self, claim: Claim) -> frozenset[int]:
        """Return the nodes that the coalitions doubting a claim know."""
        flows = self._flows.get(claim)
        if not flows:
            return frozenset()
        doubts = self._doubt(flows, claim)
        before = self._known.get(claim)
        if before is None or before[0] is not doubts:
            nodes = frozenset(node for coalition in doubts for node in self.known_to(coalition))
            before = self._known[claim] = (doubts, nodes)
        return before[1]

    def doubting(self, claim: Claim) -> list[Coalition]:
        """Return the coalitions doubting a claim."""
        return sorted(self._doubt(self._flows.get(claim, []), claim), key=sorted)

    def known_to(self, coalition: Coalition) -> list[int]:
        """Return the nodes a coalition knows."""
        return [node for one in coalition for owner, node in self._known_by.get(one, ()) if owner <= coalition]

    def add(self, piece: Piece, doubt: tuple[Claim, Coalition, int] | None = None) -> bool:
        """Let a flow and its opposite, each stretched until a value is zero, prove every open claim they reach.

        It also answers the `doubt` of a coalition that a lower need would satisfy. Returns whether it is of any use.
        """
        nodes, amounts = piece.nodes, piece.amounts
        size = np.abs(amounts)
        up, room = amounts > 0, self._values[nodes] / size
        stretch = {1: float(np.min(room[~up], initial=1e12)), -1: float(np.min(room[up], initial=1e12))}
        proves: list[Claim] = []
        answers = False
        for sign in (1, -1):
            reach = np.where(up, stretch[sign], stretch[-sign]) * size
            need = self.need[sign][nodes]
            claims = [(node, sign) for node in nodes[(need > 0) & (reach >= need * _ENOUGH)].tolist()]
            proves += [claim for claim in claims if self.is_open(claim)]
            answers |= bool(doubt and doubt[0][1] == sign and (reach[nodes == doubt[0][0]] >= doubt[2] * _ENOUGH).any())
        return (bool(proves) or answers) and self._believe(piece, proves, doubt if answers else None)

    def _believe(self, piece: Piece, proves: list[Claim], doubt: tuple[Claim, Coalition, int] | None) -> bool:
        """Keep a flow for the open claims it proves and the doubt it answers; return whether it is of any use."""
        nodes = tuple(piece.nodes.tolist())
        known = frozenset(owner for node in nodes for owner in self._owners.get(node, ()))
        flow = Proof(nodes, piece.amounts, known, set(proves))
        for claim in proves:
            self._flows.setdefault(claim, []).append(flow)
            self._doubts.pop(claim, None)
        if doubt:
            self._answer(flow, doubt)
        if flow.proves or flow.answers:
            for node in nodes:
                self._through.setdefault(node, set()).add(flow)
        return bool(flow.proves or flow.answers)

    def _answer(self, flow: Proof, doubt: tuple[Claim, Coalition, int]) -> None:
        claim, coalition, _ = doubt
        if coalition in self._doubt(self._flows.get(claim, []), claim) and not any(
            owner <= coalition for owner in flow.known_to
        ):
            flow.answers.add((claim, coalition))
            self._answered.add((claim, coalition))
            self._doubts.pop(claim, None)

    def proofs(self) -> list[Proof]:
        """Return every flow that proves something, those of fewest nodes first."""
        found = {flow for flows in self._through.values() for flow in flows}
        return sorted(found, key=lambda flow: (len(flow.nodes), flow.nodes, flow.amounts.tolist()))

    def flows(self, size: int) -> sparse.csr_matrix:
        """Return every flow that proves something (flows, nodes), in whole units: `size` is the number of nodes."""
        pieces = [flow.piece for flow in self.proofs()]
        starts = np.cumsum([0, *(len(one.nodes) for one in pieces)])
        nodes = np.concatenate([np.empty(0, dtype=np.int64), *(one.nodes for one in pieces)])
        amounts = np.concatenate([np.empty(0), *(one.amounts for one in pieces)])
        return sparse.csr_matrix((np.rint(amounts).astype(np.int64), nodes, starts), shape=(len(pieces), size))

    def waive(self, claim: Claim, coalition: Coalition) -> None:
        """Note that a coalition cannot be left in doubt about a claim: nobody else is in the cell."""
        self._answered.add((claim, coalition))
        self._doubts.pop(claim, None)

    def carries(self, node: int, limit: int) -> bool:
        """Return whether more claims than the limit are sure to be open without the flows through a node."""
        through = self._through.get(node, set())
        seen: set[Claim] = set()
        left_open = 0
        for flow in through:
            for claim in flow.proves:
                if claim not in seen:
                    seen.add(claim)
                    left_open += self._is_carried(claim, node, through)
            if left_open > limit:
                return True
        return False

    def _is_carried(self, claim: Claim, node: int, through: set[Proof]) -> bool:
        """Return whether a claim is sure to be open without some flows."""
        if claim[0] == node or not self.need[claim[1]][claim[0]]:
            return False
        left = [flow for flow in self._flows[claim] if flow not in through]
        if not left or self._size > 1 or claim[0] in self.unasked:
            return not left
        doubting = frozenset.intersection(*(flow.known_to for flow in left)) - self._owners.get(claim[0], frozenset())
        return any((claim, one) not in self._answered for one in doubting)

    def forget(self, node: int) -> list[Proof]:
        """Forget every flow through a node and return them, so that they can be restored."""
        removed = sorted(self._through.get(node, set()), key=lambda flow: flow.nodes)
        for flow in removed:
            for other in flow.nodes:
                self._through[other].discard(flow)
            self._unknown(flow)
            for claim in flow.proves:
                self._flows[claim].remove(flow)
            self._answered -= flow.answers
        return removed

    def restore(self, flows: list[Proof]) -> None:
        """Believe forgotten flows again."""
        for flow in flows:
            for node in flow.nodes:
                self._through.setdefault(node, set()).add(flow)
            self._unknown(flow)
            for claim in flow.proves:
                self._flows[claim].append(flow)
            self._answered |= flow.answers

    def _unknown(self, flow: Proof) -> None:
        """Forget who doubts the claims that a flow speaks for."""
        for claim in (*flow.proves, *(one for one, _ in flow.answers)):
            self._doubts.pop(claim, None)

    def moves(self, node: int) -> bool:
        """Return whether some flow goes through a node."""
        return bool(self._through.get(node))

    def _doubt(self, flows: list[Proof], claim: Claim) -> frozenset[Coalition]:
        """Return the coalitions of the allowed size that know a node of every flow, but not the target."""
        if claim[0] in self.unasked:
            return frozenset()
        if claim not in self._doubts:
            own = self._owners.get(claim[0], frozenset())
            found = self._hitting(flows, own)
            answered = {one for one in found if self._size > 1 and (claim, one) in self._answered}
            larger = {one | other for one in answered for other in self._everyone if len(one | other) <= self._size}
            self._doubts[claim] = frozenset(
                one for one in found | larger
                if (claim, one) not in self._answered and not any(owner <= one for owner in own)
            )  # fmt: skip
        return self._doubts[claim]

    def _hitting(self, flows: list[Proof], own: frozenset[Coalition]) -> frozenset[Coalition]:
        if self._size == 1:
            return frozenset.intersection(*(flow.known_to for flow in flows)) - own if flows else frozenset()
        found: set[Coalition] = set()

        def grow(members: Coalition, left: list[Proof]) -> None:
            if members in found or any(owner <= members for owner in own):
                return
            rest = [flow for flow in left if not any(owner <= members for owner in flow.known_to)]
            if not rest:
                found.add(members)
                return
            for owner in rest[0].known_to:
                if len(members | owner) <= self._size:
                    grow(members | owner, rest)

        grow(frozenset(), flows)
        return frozenset(found) - {frozenset()}
