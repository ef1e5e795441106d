"""Sums of changes that published cells reveal: a parent's change less the changes of its published children."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from scipy import sparse

from disclosure.core.audit.reduction import reduce
from disclosure.core.ledger.boxes import EMPTY, UNDEFINED
from disclosure.core.ledger.differences import difference
from disclosure.core.ledger.entry import Entry
from disclosure.core.ledger.joint import Joint, Vintages
from disclosure.core.rules.sensitivity import Parameters
from disclosure.core.system import Bools
from disclosure.core.tabulation.contributions import Ints


def revealed_changes(joint: Joint, entries: Sequence[Entry], withheld: Bools, parameters: Parameters) -> list[Vintages]:
    """Return the sums of cells, in two loads, whose change is sensitive and revealed.

    A relation reveals one where both loads' parent is published, and so are both loads' values of some children; one
    child left is a cell with a change of its own.
    """
    found = []
    published = ~withheld | _worked_out(joint, withheld)
    for (table, _), there in sorted(joint.there.items()):
        here = joint.cells[table]
        for left in _left(entries[table], here, there, published):
            now, then = (_elements(joint, places[left]) for places in (here, there))
            if now != then and _is_sensitive(joint, now, then, parameters):
                found.append((now, then))
    return sorted(set(found))


def _worked_out(joint: Joint, withheld: Bools) -> Bools:
    """Return the withheld cells that relations alone give away, such as a region as the load before had it."""
    system = joint.system
    reduced = reduce(system.relations, system.values[system.measures[0]], withheld)
    return np.asarray(withheld & (reduced.label < 0), dtype=np.bool_)


def _left(entry: Entry, here: Ints, there: Ints, published: Bools) -> Iterator[Ints]:
    """Yield the children left of relations whose parent is published in both loads."""
    both = _public(here, published) & _public(there, published)
    relations = entry.relations
    for start, end in pairwise(relations.indptr.tolist()):
        cells, signs = relations.indices[start:end], relations.data[start:end]
        children = cells[signs > 0]
        left = children[~both[children]]
        if both[cells[signs < 0]].all() and len(left) > 1 and (there[left] != UNDEFINED).all():
            yield left


def _public(places: Ints, published: Bools) -> Bools:
    """Return which cells everyone can see; an empty one is known to be zero."""
    return np.where(places >= 0, published[np.maximum(places, 0)], places == EMPTY)


def _elements(joint: Joint, places: Ints) -> tuple[int, ...]:
    rows = joint.members[places[places >= 0]]
    return tuple(sorted(set(rows.indices.tolist())))


def _is_sensitive(joint: Joint, now: tuple[int, ...], then: tuple[int, ...], parameters: Parameters) -> bool:
    change = difference(joint.elements, _row(joint, now), _row(joint, then), (0, 0), joint.system.measures)
    return change.needs(parameters) is not None


def _row(joint: Joint, members: tuple[int, ...]) -> sparse.csr_matrix:
    row = np.zeros((1, len(joint.elements)), dtype=np.int64)
    row[0, list(members)] = 1
    return sparse.csr_matrix(row)
