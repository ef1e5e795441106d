"""What a cell changed by between two loads, as a cell of its own: it tells of the enterprises that changed.

If the load before and the one after publish the cell, anybody can subtract. The difference is primary by the same
rules as any cell, and may be sensitive while the cell is not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from disclosure.core.ledger.elements import Elements
from disclosure.core.ledger.lines import PEOPLE
from disclosure.core.rules.sensitivity import Parameters, Sums, apply_rules, required_protection, sensitive
from disclosure.core.system import Bools
from disclosure.core.tabulation.contributions import Ints


@dataclass(frozen=True)
class Difference:
    """The change between two boxes, `now` less `then`: per measure the net change and that of each enterprise
    (enterprises), and how many enterprises changed; of tables of persons, how many persons came or went."""

    now: int
    then: int
    net: Mapping[str, int]
    changes: Mapping[str, Ints]
    enterprises: int
    persons: int | None = None

    @property
    def who(self) -> Bools:
        """Return the enterprises (enterprises) that changed."""
        return np.asarray(np.logical_or.reduce([one != 0 for one in self.changes.values()]), dtype=np.bool_)

    def needs(self, parameters: Parameters) -> dict[str, int] | None:
        """Return the protection that the change needs per measure, up and down alike; None where the rules find
        nothing: an enterprise counts by how much it changed, whichever way."""
        sums = Sums(
            np.array([self.enterprises]),
            None if self.persons is None else np.array([self.persons]),
            {name: np.array([abs(net)]) for name, net in self.net.items()},
            {name: sparse.csr_matrix(np.abs(column)) for name, column in self.changes.items()},
        )
        if not sensitive(apply_rules(sums, parameters)).any():
            return None
        return {name: int(required_protection(sums, name, parameters)[0]) for name in self.net}

    def known_to(self, measure: str, ground: int, coalition: int) -> sparse.csr_matrix:
        """Return (1, enterprises): the change above ground as the contribution of those who changed, if a coalition of
        them knows all of it; else nothing."""
        column = np.zeros_like(self.changes[measure])
        if self.enterprises <= coalition:
            who = np.flatnonzero(self.who)
            column[who] = 1
            column[who[:1]] += ground + self.net[measure] - len(who)
        return sparse.csr_matrix(column)


def difference(
    found: Elements, now: sparse.csr_matrix, then: sparse.csr_matrix, boxes: tuple[int, int], measures: Sequence[str]
) -> Difference:
    """Return the difference of two boxes given as rows (1, elements)."""
    change = (now - then).tocsr()
    change.eliminate_zeros()
    moved, sign = change.indices, change.data
    known = found.enterprise[moved] >= 0
    net, changes = {}, {}
    for name in measures:
        amounts = sign * found.amounts[name][moved]
        column = np.zeros(max(len(found.names), 1), dtype=np.int64)
        np.add.at(column, found.enterprise[moved][known], amounts[known])
        net[name], changes[name] = int(amounts.sum()), column
    found_who = np.logical_or.reduce([column != 0 for column in changes.values()])
    return Difference(*boxes, net, changes, int(np.count_nonzero(found_who)), _persons(found, moved, sign))


def _persons(found: Elements, moved: Ints, sign: Ints) -> int | None:
    """Return how many persons came to some lines or left others, whichever are more; at least one who changed."""
    if PEOPLE not in found.amounts:
        return None
    net = np.bincount(found.line[moved], sign * found.amounts[PEOPLE][moved]) if len(moved) else np.zeros(1)
    return int(max(net[net > 0].sum(), -net[net < 0].sum(), min(len(moved), 1)))
