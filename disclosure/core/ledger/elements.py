"""What several tables add up, line by line: a line that a corrected load changed is one element before, another after.

Two vintages of a cell so share the elements of everybody who did not change, and differ by those who did.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from disclosure.core.ledger.entry import Entry
from disclosure.core.ledger.lines import PLACE
from disclosure.core.system import Bools
from disclosure.core.tabulation.contributions import Ints

NOBODY = -1
WHO = PLACE.index("enterprise")


@dataclass(frozen=True)
class Elements:
    """Elements (e) of the lines of all tables: their line, their amounts per measure, and their enterprise (a position
    in `names`, NOBODY where none stands behind it).

    Per table: `seen` (lines) is the element of each line, NOBODY where the table has none; `covered` (lines) tells
    which lines lie inside the table's scope; `boxes` (cells, lines) where each line belongs, also one of other tables.
    """

    line: Ints
    amounts: dict[str, Ints]
    enterprise: Ints
    names: tuple[str, ...]
    seen: tuple[Ints, ...]
    covered: tuple[Bools, ...]
    boxes: tuple[sparse.csr_matrix, ...]

    def __len__(self) -> int:
        return len(self.line)

    def of_cells(self, table: int) -> sparse.csr_matrix:
        """Return (cells, elements) of a table's cells as it was made."""
        return self.at(table, table)

    def at(self, table: int, vintage: int) -> sparse.csr_matrix:
        """Return (cells, elements) of a table's cells as the load of another table had them."""
        seen = self.seen[vintage]
        here = np.flatnonzero(seen >= 0)
        onto = sparse.csr_matrix((np.ones(len(here), dtype=np.int64), (here, seen[here])), shape=(len(seen), len(self)))
        return (self.boxes[table] @ onto).tocsr()

    def changed(self, table: int, other: int) -> Bools:
        """Return the lines that two tables both could see and saw differently."""
        both = self.covered[table] & self.covered[other]
        return np.asarray(both & (self.seen[table] != self.seen[other]), dtype=np.bool_)


def elements(entries: Sequence[Entry], measures: Sequence[str]) -> Elements:
    """Find the elements of tables; those that agree on a line in every measure share its element."""
    codes = sorted({one for entry in entries for one in entry.lines.codes})
    position = {one: number for number, one in enumerate(codes)}
    places = [np.array([position[one] for one in entry.lines.codes], dtype=np.int64) for entry in entries]
    columns = _columns(entries, measures, places, len(codes))
    rows = [np.column_stack([place, amounts]) for place, amounts in zip(places, columns, strict=True)]
    distinct, element = np.unique(np.vstack(rows), axis=0, return_inverse=True)
    ends = np.cumsum([len(place) for place in places])
    parts = np.split(element.ravel().astype(np.int64), ends[:-1])
    names = sorted({one[WHO] for one in codes if one[WHO]})
    number = {name: index for index, name in enumerate(names)}
    of_line = np.array([number.get(one[WHO], NOBODY) for one in codes], dtype=np.int64)
    line = distinct[:, 0]
    return Elements(
        line=line,
        amounts={name: distinct[:, 1 + index] for index, name in enumerate(measures)},
        enterprise=of_line[line],
        names=tuple(names),
        seen=tuple(_seen(place, part, len(codes)) for place, part in zip(places, parts, strict=True)),
        covered=tuple(entry.scope.covers(codes) for entry in entries),
        boxes=tuple(entry.members_of(codes) for entry in entries),
    )


def _columns(entries: Sequence[Entry], measures: Sequence[str], places: Sequence[Ints], lines: int) -> list[Ints]:
    """Return the amounts (lines, measures) of each entry.

    What one was made without, or could not know in a quarter, it has from the first entry that knows it and agrees with
    it on the line in all that both know.
    """
    known = [np.column_stack([entry.known_of_lines(name) for name in measures]) for entry in entries]
    plain = [_amounts(entry, measures) for entry in entries]
    rows = [_seen(place, np.arange(len(place)), lines) for place in places]
    found = []
    for one, mine in enumerate(plain):
        amounts, has = mine.copy(), known[one].copy()
        for other, theirs in enumerate(plain):
            if other == one or has.all():
                continue
            row = rows[other][places[one]]
            both = known[one] & known[other][row] & (row >= 0)[:, None]
            agrees = (row >= 0) & ((mine == theirs[row]) | ~both).all(axis=1)
            take = agrees[:, None] & ~has & known[other][row]
            amounts[take], has[take] = theirs[row][take], True
        found.append(amounts)
    return found


def _amounts(entry: Entry, measures: Sequence[str]) -> Ints:
    nothing = np.zeros(len(entry.lines), dtype=np.int64)
    return np.column_stack([entry.lines.amounts.get(name, nothing) for name in measures])


def _seen(place: Ints, element: Ints, lines: int) -> Ints:
    seen = np.full(lines, NOBODY, dtype=np.int64)
    seen[place] = element
    return seen
