"""What others know without us, as an entry of the ledger: published QCEW, and outputs cleared from micro data.

Such cells are sets of lines of the table that is to be protected. A published value that is not the sum of them is of
another vintage or of more than the table covers; it says nothing exact, and is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from disclosure.core.ledger.entry import Entry
from disclosure.core.ledger.lines import PLACE, Codes, Scope
from disclosure.core.tabulation.cells import Key
from matching.core.qcew.published import CellKey, industry_parent

Published = Mapping[CellKey, Mapping[str, int] | None]  # values per measure, None where withheld
_GOVERNMENT = frozenset("123")


@dataclass(frozen=True)
class OutsideCell:
    """A cell that others show: its name, the lines (positions in the table's entry) it adds up, and its values per
    measure, or None where it is withheld."""

    key: Key
    lines: tuple[int, ...]
    values: Mapping[str, int] | None


def outside_entry(name: str, new: Entry, cells: Iterable[OutsideCell]) -> Entry | None:
    """Enter cells that others show, so that they are related to a new table; None where nothing is to be related.

    Cleared outputs come in by this too: whoever clears one names the lines of its cells.
    """
    kept = sorted((one for one in cells if one.lines and _agrees(new, one)), key=lambda one: one.key)
    if not kept:
        return None
    rows = np.repeat(np.arange(len(kept)), [len(one.lines) for one in kept])
    columns = np.array([line for one in kept for line in one.lines], dtype=np.int64)
    shown = {measure for one in kept if one.values is not None for measure in one.values}
    return Entry(
        release=name,
        scope=new.scope,
        design=None,
        keys=tuple(one.key for one in kept),
        statuses=tuple("S" if one.values is None else "F" for one in kept),
        measures=tuple(sorted(shown & set(new.measures))) or new.measures,
        lines=new.lines,
        dimensions=((),) * len(new.lines),
        members=sparse.csr_matrix(
            (np.ones(len(rows), dtype=np.int64), (rows, columns)), shape=(len(kept), len(new.lines))
        ),
        relations=sparse.csr_matrix((0, len(kept)), dtype=np.int64),
        outside=True,
    )


def _agrees(new: Entry, cell: OutsideCell) -> bool:
    if cell.values is None:
        return True
    here = list(cell.lines)
    known = [name for name in cell.values if name in new.lines.amounts]
    return all(int(new.lines.amounts[name][here].sum()) == cell.values[name] for name in known)


def published_entries(
    new: Entry, earlier: Iterable[Entry], published: Mapping[int, Published], name: str = "Published QCEW"
) -> list[Entry]:
    """Return published QCEW (by quarter, YYYYQ) as entries beside a new table of establishments.

    A cell that is not the sum of the new table's lines may be that of an earlier table's, made from another load: then
    it says of that load what it was. Each cell counts once; withheld ones stand as the new table has them.
    """
    left = {quarter: dict(cells) for quarter, cells in published.items()}
    found = []
    for number, entry in enumerate([new, *earlier]):
        cells = [one for quarter, of in sorted(left.items()) for one in published_cells(entry, quarter, of)
                 if one.values is None or _agrees(entry, one)]  # fmt: skip
        cells = [one for one in cells if not number or one.values is not None]
        made = outside_entry(name if not number else f"{name}, as in {entry.release}", entry, cells)
        found += [made] if made is not None else []
        for one in cells:
            left[int(one.key[0])].pop((one.key[1], one.key[2], one.key[3]))
    return found


def published_cells(new: Entry, quarter: int, published: Published) -> list[OutsideCell]:
    """Return the published QCEW cells of a quarter (YYYYQ) that hold lines of a table, and no others.

    `published` has the values per measure by area, owner and industry as QCEW writes them, None where withheld.
    """
    lines: dict[CellKey, list[int]] = {}
    for number, codes in enumerate(new.lines.codes):
        if codes[0] == str(quarter):
            for cell in _cells_of(codes):
                if cell in published and _is_whole(cell, new.scope):
                    lines.setdefault(cell, []).append(number)
    return [OutsideCell((str(quarter), *cell), tuple(found), published[cell]) for cell, found in lines.items()]


def _is_whole(cell: CellKey, scope: Scope) -> bool:
    """Return whether a table that was made from some industries or owners has all of a cell."""
    _, owner, industry = cell
    return (not scope.industries or _begins(industry, scope.industries)) and (
        not scope.ownerships or owner in scope.ownerships
    )


def _begins(industry: str, prefixes: tuple[str, ...]) -> bool:
    """Return whether an industry lies below one of the prefixes; the sector 44-45 does where 44 and 45 both do."""
    if "-" in industry:
        first, last = industry.split("-")
        return all(_begins(str(code), prefixes) for code in range(int(first), int(last) + 1))
    return not industry.startswith("10") and industry.startswith(prefixes)


def _cells_of(codes: Codes) -> Iterable[CellKey]:
    """Yield the QCEW cells (area, owner, industry) that a line belongs to."""
    _, state, area, industry, owner, _ = codes[: len(PLACE)]
    above: str | None = industry
    while above is not None:
        owners = [owner] if above != "10" else [owner, "0", *(["8"] if owner in _GOVERNMENT else [])]
        for place in (area, f"{state}000"):
            yield from ((place, one, above) for one in owners)
        above = industry_parent(above)
