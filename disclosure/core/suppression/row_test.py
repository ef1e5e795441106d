"""What single relations say against publishing a node, before any linear programme is asked.

A relation whose other members cannot make up for a move forbids it: published alone, they give a node away; with too
little left among them, or all of it known to one enterprise, they hold it within its protection. Most nodes that must
stay withheld are found so.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy import sparse

from disclosure.core.suppression.hiding import Coalition
from disclosure.core.system import Bools
from disclosure.core.tabulation.contributions import Ints

_ANY = float("inf")
Member = tuple[int, int]  # a node and its coefficient


class RowTest:
    """The relations (r, nodes) over the nodes still withheld in one measure. `need` is per side what each node needs,
    `values` how far it falls, `owners` the coalitions that know it. What it refuses cannot be protected; what it does
    not refuse has still to be proven."""

    def __init__(
        self,
        relations: sparse.csr_matrix,
        withheld: Bools,
        values: Ints,
        need: dict[int, Ints],
        owners: dict[int, frozenset[Coalition]],
    ) -> None:
        self._values: list[int] = values.tolist()
        self._up, self._down = need[1].tolist(), need[-1].tolist()
        self._owners = owners
        kept = relations.multiply(withheld.astype(np.int64)).tocsr()
        kept.eliminate_zeros()
        nodes, amounts, bounds = kept.indices.tolist(), kept.data.tolist(), kept.indptr.tolist()
        self._left: list[dict[int, int]] = [
            dict(zip(nodes[start:end], amounts[start:end], strict=True)) for start, end in pairwise(bounds)
        ]
        self._rows: dict[int, list[int]] = {}
        for row, members in enumerate(self._left):
            for node in members:
                self._rows.setdefault(node, []).append(row)

    def publish(self, node: int) -> None:
        """Take a node out of every relation."""
        for row in self._rows.pop(node, ()):
            del self._left[row][node]

    def refuses(self, node: int) -> bool:
        """Return whether some relation alone discloses another node once this one is published."""
        gone, new = {node}, [node]
        while new:
            for row in self._rows.get(new.pop(), ()):
                left = [one for one in self._left[row].items() if one[0] not in gone]
                if len(left) == 1:
                    last = left[0][0]
                    if self._up[last] or self._down[last]:
                        return True
                    gone.add(last)
                    new.append(last)
                elif left and self._held(left):
                    return True
        return False

    def _held(self, left: list[Member]) -> bool:
        """Return whether the members of a relation hold one of them within its need, for anybody or for an insider."""
        if self._short(left, frozenset(), both=True):
            return True
        inside: dict[Coalition, set[int]] = {}
        for node, _ in left:
            for coalition in self._owners.get(node, ()):
                inside.setdefault(coalition, set()).add(node)
        return any(len(known) < len(left) and self._short(left, known, both=False) for known in inside.values())

    def _short(self, left: list[Member], known: set[int] | frozenset[int], *, both: bool) -> bool:
        """Return whether a member cannot rise (or, with `both`, fall) by its need while the `known` ones stay."""
        room, others = {1: 0, -1: 0}, {1: 0, -1: 0}
        for node, amount in left:
            if node not in known:
                side = 1 if amount > 0 else -1
                room[side] += abs(amount) * self._values[node]
                others[side] += 1
        for node, amount in left:
            if node in known:
                continue
            side = 1 if amount > 0 else -1
            own = abs(amount) * self._values[node]
            rise = _ANY if others[-side] else room[side] - own
            if abs(amount) * self._up[node] > rise:
                return True
            fall = _ANY if others[side] > 1 else room[-side]
            if both and abs(amount) * self._down[node] > fall:
                return True
        return False
