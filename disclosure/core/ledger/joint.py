"""One linked system of a new table and everything released before that overlaps it.

Its cells: every printed cell of every table, the same cell as another load had it, the finest common cells (atoms), and
what each published cell changed by between two loads. Its relations: every sum of every table, cells of one table as
sums of another's, every remaining cell as the sum of its atoms, and two vintages with their difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from disclosure.core.ledger.boxes import Boxes
from disclosure.core.ledger.differences import Difference, difference
from disclosure.core.ledger.elements import Elements, elements
from disclosure.core.ledger.entry import Entry
from disclosure.core.ledger.lines import PEOPLE
from disclosure.core.ledger.linking import linked
from disclosure.core.system import Bools, System
from disclosure.core.tabulation.cells import Key
from disclosure.core.tabulation.contributions import Ints

HIDDEN, CHANGED, GROUND = (
    "~hidden",
    "~change",
    "~ground",
)  # sort after every printed cell's name and before virtual ones
Vintages = tuple[tuple[int, ...], tuple[int, ...]]  # elements of a sum of cells now, and as another load had them


@dataclass(frozen=True)
class Joint:
    """The system of tables, of which the first is new.

    `cells` (per table) is the position of each cell in the system, -1 for empty ones; `there` (per table and other
    vintage) the position of the cell as the other load had it, UNDEFINED where it did not hold all of it; `changes`
    holds the difference that a cell is; `ground` is the known amount they stand on; `printed_by` lists (table, cell)
    per position; `members` (positions, elements) is empty for changes.
    """

    system: System
    cells: tuple[Ints, ...]
    there: dict[tuple[int, int], Ints]
    changes: dict[int, Difference]
    ground: int | None
    printed_by: tuple[tuple[tuple[int, int], ...], ...]
    elements: Elements = field(repr=False)
    members: sparse.csr_matrix = field(repr=False)


def join(
    entries: Sequence[Entry], measures: Sequence[str], coalition: int = 1, rests: Sequence[Vintages] = ()
) -> Joint:
    """Build the system of a new table (the first) and earlier ones, in the measures that the new one publishes.

    `coalition` enterprises may pool what they know; `rests` are further sums of cells whose change between two loads is
    to be a cell of its own.
    """
    counted = [PEOPLE] if PEOPLE in entries[0].lines.amounts else []
    found = elements(entries, [*measures, *counted])
    boxes = Boxes(found)
    pairs = _vintages(boxes, found)
    pairs |= {(boxes.add(np.array(now)), boxes.add(np.array(then))) for now, then in rests}
    differ = sorted((now, then) for now, then in pairs if now != then and min(now, then) >= 0)
    return _Builder(entries, measures, found, boxes, differ, coalition).build()


def _vintages(boxes: Boxes, found: Elements) -> set[tuple[int, int]]:
    """Return the pairs of boxes that are one cell in two loads."""
    pairs: set[tuple[int, int]] = set()
    for table in range(len(found.seen)):
        for other in range(len(found.seen)):
            if table != other and found.changed(table, other).any():
                here, there = boxes.own[table], boxes.in_load_of(table, other)
                differ = (here >= 0) & (there >= 0) & (here != there)
                pairs |= {
                    (min(one), max(one)) for one in zip(here[differ].tolist(), there[differ].tolist(), strict=True)
                }
    return pairs


class _Builder:
    def __init__(
        self,
        entries: Sequence[Entry],
        measures: Sequence[str],
        found: Elements,
        boxes: Boxes,
        pairs: list[tuple[int, int]],
        coalition: int,
    ) -> None:
        self._entries, self._measures, self._found, self._boxes = entries, measures, found, boxes
        self._coalition = coalition
        inside, of_atom = boxes.atoms()
        alone = np.asarray(inside.sum(axis=1)).ravel() == 1
        whole = np.full(of_atom.shape[0], -1, dtype=np.int64)  # the box that is the atom, if any
        whole[inside[np.flatnonzero(alone)].indices] = np.flatnonzero(alone)
        new = np.flatnonzero(whole < 0)
        whole[new] = len(boxes) + np.arange(len(new))
        self._atom_box = whole
        self._inside = sparse.vstack(
            [inside, sparse.identity(len(whole), dtype=np.int64, format="csr")[new]], format="csr"
        )
        self._members: sparse.csr_matrix = (self._inside @ of_atom).tocsr()
        self._differences = [difference(found, self._members[now], self._members[then], (now, then), measures)
                             for now, then in pairs]  # fmt: skip

    def build(self) -> Joint:
        """Number the boxes by name, and put all of it together."""
        printed = self._printed()
        names = self._names(printed)
        order = np.array(sorted(range(len(names)), key=names.__getitem__), dtype=np.int64)
        place = np.empty(len(names), dtype=np.int64)
        place[order] = np.arange(len(names))
        printed += [[] for _ in range(len(names) - len(printed))]

        def positions(boxes: Ints) -> Ints:
            return np.where(boxes >= 0, place[boxes], boxes)

        hidden = np.array([not one for one in printed], dtype=np.bool_)
        first = self._inside.shape[0]
        if self._differences:
            hidden[-1] = False
        empty = sparse.csr_matrix((len(names) - first, self._members.shape[1]), dtype=np.int64)
        return Joint(
            system=self._system(names, order, hidden[order]),
            cells=tuple(positions(own) for own in self._boxes.own),
            there={key: positions(there) for key, there in self._boxes.elsewhere.items()},
            changes={int(place[first + number]): one for number, one in enumerate(self._differences)},
            ground=int(place[-1]) if self._differences else None,
            printed_by=tuple(tuple(printed[box]) for box in order.tolist()),
            elements=self._found,
            members=sparse.vstack([self._members, empty], format="csr")[order],
        )

    def _printed(self) -> list[list[tuple[int, int]]]:
        printed: list[list[tuple[int, int]]] = [[] for _ in range(self._inside.shape[0])]
        for table, own in enumerate(self._boxes.own):
            for cell, box in enumerate(own.tolist()):
                if box >= 0:
                    printed[box].append((table, cell))
        return printed

    def _names(self, printed: list[list[tuple[int, int]]]) -> list[Key]:
        """Return a name per box: of the new table's cells their own, of others with the release before it."""
        names: list[Key] = []
        for box, cells in enumerate(printed):
            if not cells:
                names.append((HIDDEN, f"{box:07}"))
                continue
            table, cell = cells[0]
            entry = self._entries[table]
            names.append(entry.keys[cell] if table == 0 else (entry.release, *entry.keys[cell]))
        names += [(CHANGED, f"{number:07}") for number in range(len(self._differences))]
        return [*names, (GROUND, "")] if self._differences else names

    def _system(self, names: list[Key], order: Ints, hidden: Bools) -> System:
        values = {name: np.asarray(self._members @ self._found.amounts[name]) for name in self._measures}
        matrices = {name: self._by_enterprise(self._found.amounts[name]) for name in self._measures}
        presence = self._presence(len(names))
        for name, column in values.items():
            ground = 2 * int(column.max(initial=0)) + 1
            changed = [ground + one.net[name] for one in self._differences]
            values[name] = np.concatenate([column, [*changed, ground] if changed else []]).astype(np.int64)
            own = [one.known_to(name, ground, self._coalition) for one in self._differences]
            matrices[name] = sparse.vstack([matrices[name], *own], format="csr", dtype=np.int64)
            matrices[name].resize(len(names), matrices[name].shape[1])
        return System(
            keys=tuple(names[box] for box in order.tolist()),
            values={name: column[order] for name, column in values.items()},
            relations=self._relations(len(names))[:, order].tocsr(),
            contributions={name: matrix[order] for name, matrix in matrices.items()},
            enterprises=np.diff(presence.indptr).astype(np.int64)[order],
            persons=self._persons(order),
            enterprise_names=self._found.names,
            hidden=hidden,
            presence=presence[order],
        )

    def _presence(self, width: int) -> sparse.csr_matrix:
        """Return (names, enterprises): who stands in a box, also with zeros only, and who changed."""
        whole = self._by_enterprise(np.ones(len(self._found), dtype=np.int64))
        changed = [sparse.csr_matrix(one.who.astype(np.int64)) for one in self._differences]
        found = sparse.vstack([whole, *changed], format="csr", dtype=np.int64)
        found.resize(width, found.shape[1])
        return found

    def _persons(self, order: Ints) -> Ints | None:
        """Return the persons of every box, and those who came or went."""
        if PEOPLE not in self._found.amounts:
            return None
        persons = np.zeros(len(order), dtype=np.int64)
        whole = np.asarray(self._members @ self._found.amounts[PEOPLE])
        persons[: len(whole)] = whole
        persons[len(whole) : len(whole) + len(self._differences)] = [one.persons or 0 for one in self._differences]
        return persons[order]

    def _by_enterprise(self, amounts: Ints) -> sparse.csr_matrix:
        there = np.flatnonzero(self._found.enterprise >= 0)
        width = max(len(self._found.names), 1)
        of_element = sparse.csr_matrix(
            (amounts[there], (there, self._found.enterprise[there])), shape=(len(self._found), width)
        )
        return (self._members @ of_element).tocsr()

    def _relations(self, width: int) -> sparse.csr_matrix:
        body = linked(self._entries, self._boxes, self._inside, self._atom_box)
        body.resize(body.shape[0], width)
        return sparse.vstack([body, self._of_vintages(width)], format="csr", dtype=np.int64)

    def _of_vintages(self, width: int) -> sparse.csr_matrix:
        """Tie each two vintages: what is there now and a known ground are what was there and the change above ground.

        The ground keeps a change of either sign above zero, so that its sign tells nothing. The change stands on the
        parents' side: it is never published, so it is no sum that published cells reveal.
        """
        count, first = len(self._differences), self._inside.shape[0]
        now, then = ([getattr(one, name) for one in self._differences] for name in ("now", "then"))
        columns = np.array([now, [width - 1] * count, then, range(first, first + count)], dtype=np.int64).reshape(
            4, count
        )
        signs = np.repeat(np.array([1, 1, -1, -1], dtype=np.int64), count)
        rows = np.tile(np.arange(count), 4)
        return sparse.csr_matrix((signs, (rows, columns.ravel())), shape=(count, width))
