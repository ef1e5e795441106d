"""The search for cells to withhold in one system: hides every claim by flows, then publishes what no proof misses."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice

import numpy as np
import numpy.typing as npt
from scipy import sparse

from disclosure.core.folding import Folded, fold
from disclosure.core.rules.sensitivity import Sensitivity
from disclosure.core.suppression.flow import Flows, Part, Piece, Task
from disclosure.core.suppression.hiding import Claim, Coalition, Hiding, Proof
from disclosure.core.suppression.row_test import RowTest
from disclosure.core.system import Bools, System
from disclosure.core.tabulation.contributions import Ints, largest

Floats = npt.NDArray[np.float64]
Tell = Callable[[int, int], None]

VALUE_PRICE = 2.0  # of one cell, for the value of the mean cell
_DEAREST = 500.0  # of one cell: no value makes a cell dearer
_FREE = 1e-3  # the price of a cell that is withheld anyway: short flows are better proofs
_SPREAD = 350  # nodes for each target of a batch: the more targets at once, the faster and the dearer
_NEAR = 250  # nodes around one that is to be published again, for each unit of its price
_FURTHEST = 10.0  # units of price
_REGION = 500  # nodes around a target that is hidden by itself
_WIDE = 3000  # where so few are not enough
_LEANING = 96  # claims that need a node: beyond, it is hardly ever dispensable, and long to try
_HARDEST = 2  # claims tried first, of those that have to be proven without a node
_NOISE = 1e-7  # of a flow


class Unprotectable(Exception):
    """A cell (its position in the system) that no withholding protects in a measure."""

    def __init__(self, cell: int, measure: str) -> None:
        super().__init__(cell, measure)
        self.cell, self.measure = cell, measure


class HidingPlace:
    """A system with its proofs, per measure. `withheld` (n) grows while claims are hidden and shrinks when pruned."""

    def __init__(
        self, system: System, sensitivity: Sensitivity, withheld: Bools, frozen: Bools, preferred: Bools
    ) -> None:
        self._system, self._folded = system, fold(system)
        fold_any = self._folded.any
        unprinted = ~fold_any(system.printed)
        self._withheld = fold_any(withheld & system.printed) | unprinted
        self._kept = fold_any(sensitivity.primary) | unprinted  # neither published again nor kept unknown
        self._movable = ~fold_any((system.empty & ~sensitivity.primary) | frozen)
        self._weight = np.where(fold_any(preferred), _FREE, _weights(system, self._folded))
        self._measures = {name: _Measure(system, self._folded, sensitivity, name) for name in system.measures}

    @property
    def withheld(self) -> Bools:
        """Return the withheld cells (n)."""
        return np.asarray(self._withheld[self._folded.node], dtype=np.bool_)

    def proofs(self) -> dict[str, sparse.csr_matrix]:
        """Return, per measure, the flows (f, n) that prove something, in whole units, for the audit to check."""
        size = len(self._folded.node)
        cells = sparse.csr_matrix((np.ones(size, dtype=np.int64), (self._folded.node, np.arange(size))))
        return {name: (measure.hiding.flows(len(self._withheld)) @ cells).tocsr()
                for name, measure in self._measures.items()}  # fmt: skip

    def adopt(self, before: HidingPlace) -> None:
        """Take over the proofs of a system to which this one adds virtual cells, which move with their members."""
        for name, measure in self._measures.items():
            measure.adopt(before._measures[name])

    def hide(self, tell: Tell) -> None:
        """Withhold what is missing so that every claim is proven, to outsiders and to those inside.

        Complementary cells have to stay unknown by a unit in every measure, or they would be published and say so.
        """
        for measure in self._measures.values():
            self._hide(measure, measure.hiding.claims(), tell)
        self._keep_unknown(tell)

    def _keep_unknown(self, tell: Tell) -> None:
        """Publish complementary nodes that no flow goes through; hide those by a unit that one measure gives away."""
        for node in np.flatnonzero(self._withheld & ~self._kept).tolist():
            if not any(measure.hiding.moves(node) for measure in self._measures.values()):
                self._publish(node)
        while any(self._unmoved(measure) for measure in self._measures.values()):
            for measure in self._measures.values():
                unmoved = self._unmoved(measure)
                measure.hiding.need[1][unmoved] = 1
                self._hide(measure, [(node, 1) for node in unmoved], tell)

    def _unmoved(self, measure: _Measure) -> list[int]:
        """Return the complementary nodes that nothing shows to be unknown in a measure."""
        nodes = np.flatnonzero(self._withheld & ~self._kept & measure.secret & (measure.values > 0)).tolist()
        return [node for node in nodes if not measure.hiding.moves(node)]

    def _hide(self, measure: _Measure, claims: list[Claim], tell: Tell) -> None:
        """Prove claims: first to outsiders in batches, then to those inside, then one by one what is left."""
        price = np.where(self._movable & measure.secret, self._weight, 0.0)
        nothing = np.zeros(len(price))
        for stage in (measure.hiding.is_bare, measure.hiding.is_open):
            measure.within = measure.flows.part(np.flatnonzero(self._withheld & measure.secret))
            self._in_batches(measure, claims, nothing, stage, tell)
            measure.within = None
            self._in_batches(measure, claims, price, stage, tell)
        for done, claim in enumerate(claims):
            if measure.hiding.is_open(claim) and not self._at_all(measure, claim, price):
                raise Unprotectable(int(self._folded.first[claim[0]]), measure.name)
            tell(done + 1, len(claims))

    def _at_all(self, measure: _Measure, claim: Claim, price: Floats) -> bool:
        """Prove one claim, price no object if nothing else helps."""
        free = np.minimum(price, _FREE)
        if self._near_by(measure, claim, price):
            return True
        if claim[1] < 0:
            if not measure.hiding.is_bare(claim) and self._near_by(measure, claim, free):
                return True
            measure.capped.add(claim)
            if self._near_by(measure, claim, price) or self._near_by(measure, claim, price, _WIDE):
                return True
        return self._alone(measure, claim, price) or self._alone(measure, claim, free)

    def _near_by(self, measure: _Measure, claim: Claim, price: Floats, limit: int = _REGION) -> bool:
        """Prove one claim by nodes around it."""
        measure.within = measure.flows.part(measure.flows.around(claim[0], (price > 0) | self._withheld, limit))
        try:
            return self._alone(measure, claim, price)
        finally:
            measure.within = None

    def _in_batches(
        self, measure: _Measure, claims: list[Claim], price: Floats, is_open: Callable[[Claim], bool], tell: Tell
    ) -> None:
        """Give every open claim one chance, in batches of claims that stand in no relation together."""
        left, size = claims, max(len(price) // _SPREAD, 1)
        while left:
            left = self._together(measure, left, price, size, is_open)
            tell(0, 0)

    def _together(
        self, measure: _Measure, claims: list[Claim], price: Floats, size: int, is_open: Callable[[Claim], bool]
    ) -> list[Claim]:
        """Give as many open claims as stand in no relation together, up to `size`, one chance; return the others."""
        batch, left = _independent(measure, claims, size, is_open)
        if batch.targets:
            self._flow(measure, np.array(sorted(batch.targets), dtype=np.int64), sorted(batch.still), price)
        return left

    def _alone(self, measure: _Measure, claim: Claim, price: Floats) -> bool:
        """Prove one claim, if need be against one coalition after the other."""
        hiding = measure.hiding
        if hiding.is_bare(claim):
            self._flow(measure, np.array([claim[0]]), [], price, claim[1])
        if hiding.is_bare(claim):
            return False
        for coalition in hiding.doubting(claim):
            if coalition in hiding.doubting(claim):
                self._answer(measure, claim, coalition, price)
                if coalition in hiding.doubting(claim):
                    return False
        return not hiding.is_open(claim)

    def _answer(self, measure: _Measure, claim: Claim, coalition: Coalition, price: Floats) -> None:
        """Prove a claim to a coalition; where that is impossible downward, as far as others contribute to the cell."""
        (node, side), known = claim, measure.hiding.known_to(coalition)
        need, target = measure.asked(claim, coalition), np.array([node])
        if need <= 0:
            measure.hiding.waive(claim, coalition)
            return
        self._flow(measure, target, known, price, side, (claim, coalition, need))

    def _flow(
        self,
        measure: _Measure,
        targets: Ints,
        still: Iterable[int],
        price: Floats,
        side: int | None = None,
        doubt: tuple[Claim, Coalition, int] | None = None,
    ) -> None:
        """Look for flows that move targets, and withhold those that prove something new.

        `price` (nodes) is zero where a node cannot be withheld. Without a side both are wanted at once.
        """
        need = measure.hiding.need
        amounts = np.maximum(need[1][targets], need[-1][targets]) if side is None else need[side][targets]
        if side is None:
            amounts = np.minimum(amounts, np.maximum(measure.values[targets], 1))
        amounts = amounts if doubt is None else np.array([doubt[2]])
        fixed = (price == 0) & ~(self._withheld & measure.secret)
        fixed[list(still)] = True
        fixed[targets] = False
        task = Task(targets, amounts, fixed, side or 1, both=side is None)
        for piece in (measure.within or measure.flows).find(task, np.where(self._withheld, _FREE, price)):
            if measure.hiding.add(piece, doubt):
                self._withheld[piece.nodes] = True

    def prune(self, tell: Tell, spared: Bools) -> None:
        """Publish again, dearest first, every complementary node that the proofs can do without, `spared` (n) aside."""
        nodes = np.flatnonzero(self._withheld & ~self._kept & ~self._folded.any(spared))
        order = nodes[np.lexsort((nodes, -self._weight[nodes]))].tolist()
        tests = [measure.row_test(self._withheld) for measure in self._measures.values()]
        for node in order:
            if not any(one.refuses(node) for one in tests) and self._publish(node):
                for one in tests:
                    one.publish(node)
            tell(0, 0)
        self._keep_unknown(tell)

    def _publish(self, node: int) -> bool:
        """Publish a node unless a claim cannot be proven without it; return whether it is published."""
        if any(measure.hiding.carries(node, _LEANING) for measure in self._measures.values()):
            return False
        removed = {name: measure.hiding.forget(node) for name, measure in self._measures.items()}
        wanted = {name: int(measure.hiding.need[1][node]) for name, measure in self._measures.items()}
        self._withheld[node] = False
        for measure in self._measures.values():
            measure.hiding.need[1][node] = 0
        if all(self._proven_again(self._measures[name], node, flows) for name, flows in removed.items()):
            return True
        self._withheld[node] = True
        for name, measure in self._measures.items():
            measure.hiding.need[1][node] = wanted[name]
            measure.hiding.restore(removed[name])
        return False

    def _proven_again(self, measure: _Measure, node: int, removed: list[Proof]) -> bool:
        """Prove what flows through a node had proven, by flows through withheld nodes near it."""
        lost = {claim for flow in removed for claim in (*flow.proves, *(one for one, _ in flow.answers))}
        leaning = (claim for claim in sorted(lost)
                   if measure.hiding.need[claim[1]][claim[0]] and measure.hiding.is_open(claim))  # fmt: skip
        missing = list(islice(leaning, _LEANING + 1))
        if not 0 < len(missing) <= _LEANING:
            return not missing
        limit = int(_NEAR * min(float(self._weight[node]), _FURTHEST))
        near = set(measure.flows.around(node, self._withheld & measure.secret, limit).tolist()) - {node}
        near.update(claim[0] for claim in missing)
        measure.within = measure.flows.part(np.array(sorted(near), dtype=np.int64))
        nothing = np.zeros(len(self._weight))
        try:
            hardest = sorted(missing, key=lambda claim: -int(measure.hiding.need[claim[1]][claim[0]]))[:_HARDEST]
            if not all(self._proven(measure, claim, nothing) for claim in hardest):
                return False
            self._together(measure, missing, nothing, len(missing), measure.hiding.is_open)  # then others fail soon
            return all(self._proven(measure, claim, nothing) for claim in missing)
        finally:
            measure.within = None

    def _proven(self, measure: _Measure, claim: Claim, nothing: Floats) -> bool:
        if measure.hiding.is_open(claim):
            self._flow(measure, np.array([claim[0]]), measure.hiding.known(claim), nothing)
        return not measure.hiding.is_open(claim) or self._alone(measure, claim, nothing)


class _Measure:
    """One measure of a system over the folded nodes."""

    def __init__(self, system: System, folded: Folded, sensitivity: Sensitivity, name: str) -> None:
        self.name = name
        self.values = system.values[name][folded.first]
        known = ~system.secret(name, np.ones(len(system), dtype=np.bool_))
        self.secret = ~folded.any(known)
        self.capped: set[Claim] = set()  # against insiders, as far as others contribute to the cell
        self.within: Part | None = None  # where to look for flows, if not everywhere
        self.flows = Flows.over(folded.relations, self.values)
        need = {side: np.where(self.secret, folded.most(column), 0)
                for side, column in ((1, sensitivity.need_up[name]), (-1, sensitivity.need_down[name]))}  # fmt: skip
        bare = folded.any(sensitivity.primary & (system.values[name] > 0)) & self.secret
        bare &= (need[1] == 0) & (need[-1] == 0)
        need[1] = np.where(bare, 1, need[1])
        size = sensitivity.parameters.coalition
        self._first, self._relations = folded.first, folded.relations
        self._contributions = system.contributions.get(name)
        self._owners = _owners(system, folded, name, size)
        self.hiding = Hiding(self.values, need, self._owners, size)
        if sensitivity.from_outside is not None:
            bare |= folded.any(sensitivity.from_outside)
        self.hiding.unasked = frozenset(np.flatnonzero(bare).tolist())

    def adopt(self, before: _Measure) -> None:
        """Take over flows; the nodes added since then move by what their relations ask of them."""
        old = len(before.values)
        added = self._relations[:, old:].tocoo()
        ties = self._relations[added.row, :old]
        tied = np.zeros(len(self.values), dtype=np.bool_)
        tied[ties.indices] = True
        self.capped |= before.capped
        proofs, moved = before.hiding.proofs(), list[Piece]()
        for piece in (proof.piece for proof in proofs):
            nodes, amounts = piece.nodes, piece.amounts
            if tied[nodes].any():
                flow = np.zeros(old)
                flow[nodes] = amounts
                nodes = np.concatenate([nodes, old + added.col])
                amounts = np.concatenate([amounts, -(ties @ flow) / added.data])
            some = np.abs(amounts) > _NOISE * np.abs(piece.amounts).max()
            moved.append(Piece(nodes[some], amounts[some]))
            self.hiding.add(moved[-1])
        for proof, piece in zip(proofs, moved, strict=True):
            for claim, coalition in sorted(proof.answers, key=lambda one: (one[0], sorted(one[1]))):
                self.hiding.add(piece, (claim, coalition, self.asked(claim, coalition)))

    def row_test(self, withheld: Bools) -> RowTest:
        """Return what single relations say about publishing a withheld node."""
        return RowTest(self._relations, withheld & self.secret, self.values, self.hiding.need, self._owners)

    def asked(self, claim: Claim, coalition: Coalition) -> int:
        """Return how far a coalition has to think that a node can move: less for a claim that is capped."""
        need = int(self.hiding.need[claim[1]][claim[0]])
        if claim not in self.capped:
            return need
        return min(need, int(self.values[claim[0]]) - self.share(claim[0], coalition))

    def share(self, node: int, coalition: Coalition) -> int:
        """Return what a coalition contributes to a node."""
        if self._contributions is None:
            return 0
        return int(self._contributions[int(self._first[node]), sorted(coalition)].sum())


class _Chosen:
    def __init__(self) -> None:
        self.targets: set[int] = set()
        self.still: set[int] = set()
        self.rows: set[int] = set()


def _independent(
    measure: _Measure, claims: list[Claim], size: int, is_open: Callable[[Claim], bool]
) -> tuple[_Chosen, list[Claim]]:
    """Choose open claims, in order, that stand in no relation together; return them and those for later batches."""
    chosen = _Chosen()
    later: list[Claim] = []
    for position, claim in enumerate(claims):
        if len(chosen.targets) == size:
            return chosen, later + claims[position:]
        node = claim[0]
        rows = measure.flows.rows_of(node)
        if node in chosen.targets or not is_open(claim):
            continue
        if node in chosen.still or not chosen.rows.isdisjoint(rows):
            later.append(claim)
            continue
        known = measure.hiding.known(claim)
        if chosen.targets.isdisjoint(known):
            chosen.targets.add(node)
            chosen.still |= known
            chosen.rows.update(rows)
        else:
            later.append(claim)
    return chosen, later


def _owners(system: System, folded: Folded, name: str, size: int) -> dict[int, frozenset[Coalition]]:
    """Return, per node, the coalitions that know it because nobody else contributes to a cell of it."""
    if name not in system.contributions:
        return {}
    own = np.asarray(system.contributions[name].sum(axis=1)).ravel() == system.values[name]
    present = largest(system.present, size)
    alone = own & (system.enterprises > 0) & (system.enterprises <= size) & (present.contributing == system.enterprises)
    owners: dict[int, set[Coalition]] = {}
    for cell in np.flatnonzero(alone):
        coalition = frozenset(present.enterprises[cell, : system.enterprises[cell]].tolist())
        owners.setdefault(int(folded.node[cell]), set()).add(coalition)
    return {node: frozenset(coalitions) for node, coalitions in owners.items()}


def _weights(system: System, folded: Folded) -> Floats:
    """Return the price of withholding each node: one per cell, plus their value against the mean cell's."""
    weight = np.ones(len(system))
    for column in system.values.values():
        weight += VALUE_PRICE * column / max(float(column.mean()), 1.0) / len(system.values)
    price = np.zeros(len(folded.first))
    np.add.at(price, folded.node, weight)
    return np.minimum(price, _DEAREST)
