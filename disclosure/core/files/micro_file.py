"""Who contributes what to the cells of a table from files: of the MICRO file, or as much as CELLS itself tells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import sparse

from disclosure.core.files.csv_table import CsvTable, Texts
from disclosure.core.tabulation.contributions import Ints, by_enterprise

TOTAL = "TOTAL"
# Code columns of CELLS and the columns of MICRO, coarse to fine, that hold their codes; others match by their name.
_CODES = {"naics": ("n2", "n3", "n4", "n5", "n6"), "geo": ("region", "county")}
_NO_CODES = {"cell", "wages", "emp", "empr", "estab", "n_estab", "n_empr", "top1_id", "top1", "top2", "primary",
             "upl", "lpl", "level"}  # fmt: skip


@dataclass(frozen=True)
class Known:
    """Contributions (n, enterprises), the enterprises' names, and how many enterprises each cell has (n)."""

    matrix: sparse.csr_matrix
    owners: tuple[str, ...]
    enterprises: Ints


def known_contributions(file: CsvTable, values: Ints, order: Ints, decimals: int) -> Known:
    """Return what n_empr, top1_id, top1 and top2 tell, and the rest in as few nameless parts as they allow.

    So a sum of cells looks as concentrated as it can be. Without these columns nobody contributes to any cell.
    """
    size = len(values)
    counts = file.not_negative("n_empr")[order] if "n_empr" in file else np.zeros(size, dtype=np.int64)
    if "top1_id" not in file or "n_empr" not in file:
        return Known(sparse.csr_matrix((size, 0), dtype=np.int64), (), counts)
    owner_names, owner = np.unique(file.text("top1_id")[order].astype(str), return_inverse=True)
    first = file.not_negative("top1", decimals)[order] if "top1" in file else np.where(counts == 1, values, 0)
    second = file.not_negative("top2", decimals)[order] if "top2" in file else np.zeros(size, dtype=np.int64)
    first = np.minimum(np.where(counts > 0, first, 0), values)
    second = np.minimum(np.where(counts > 1, second, 0), values - first)
    rest = np.where(counts > 2, values - first - second, 0)
    parts = np.where(rest > 0, np.minimum(-(-rest // np.maximum(second, 1)), counts - 2), 0)
    named = np.flatnonzero(counts > 0)
    pairs, divided = np.flatnonzero(counts > 1), np.repeat(np.arange(size), parts)
    cells = np.concatenate([named, pairs, divided])
    others = len(owner_names) + np.arange(len(pairs) + len(divided))
    amounts = np.concatenate([first[named], second[pairs], _shares(rest, parts)])
    shape = (size, len(owner_names) + len(others))
    matrix = by_enterprise(cells, np.concatenate([owner[named], others]), amounts, shape)
    return Known(matrix, (*owner_names.tolist(), *(f"~{number}" for number in range(len(others)))), counts)


def _shares(rest: Ints, parts: Ints) -> Ints:
    """Return each rest in equal whole parts that add up to it."""
    each, more = rest // np.maximum(parts, 1), rest % np.maximum(parts, 1)
    number = np.arange(int(parts.sum())) - np.repeat(np.cumsum(parts) - parts, parts)
    return np.asarray(np.repeat(each, parts) + (number < np.repeat(more, parts)), dtype=np.int64)


def read_contributions(file: CsvTable, micro: Path, order: Ints, owners: Sequence[str], decimals: int) -> Known:
    """Add contributions up by enterprise in every cell whose codes they match; `owners` keep their places."""
    rows = CsvTable(micro, ("empr", "wages"))
    names, enterprise = np.unique(rows.filled("empr").astype(str), return_inverse=True)
    place = {name: number for number, name in enumerate(owners)}
    for name in names.tolist():
        place.setdefault(name, len(place))
    column = np.array([place[name] for name in names.tolist()], dtype=np.int64)[enterprise]
    amounts = rows.not_negative("wages", decimals)
    cell, row = _matched(file, rows, order)
    matrix = by_enterprise(cell, column[row], amounts[row], (len(order), len(place)))
    present = by_enterprise(cell, column[row], np.ones(len(row), dtype=np.int64), matrix.shape)
    return Known(matrix, tuple(place), np.diff(present.indptr).astype(np.int64))


def _matched(file: CsvTable, rows: CsvTable, order: Ints) -> tuple[Ints, Ints]:
    """Return (cell, row of MICRO) for every contribution in every cell it belongs to."""
    sources = {name: [one for one in _CODES.get(name, (name,)) if one in rows]
               for name in file.columns if name not in _NO_CODES}  # fmt: skip
    cell_key = np.zeros(len(file), dtype=np.int64)
    choices: list[list[Ints]] = []
    sizes: list[int] = []
    for name, found in sources.items():
        if found:
            named = np.where(file.text(name) == "", TOTAL, file.text(name)).astype(str)
            codes, node = np.unique(named, return_inverse=True)
            cell_key = cell_key * len(codes) + node
            choices.append(list(_levels(codes, [rows.text(one) for one in found])))
            sizes.append(len(codes))
    sorted_cells = np.argsort(cell_key[order], kind="stable")
    keys = cell_key[order][sorted_cells]
    pairs = [_found(keys, key) for key in _crossed(choices, sizes, len(rows))]
    cells = [sorted_cells[position] for position, _ in pairs]
    return np.concatenate(cells), np.concatenate([row for _, row in pairs])


def _found(keys: Ints, wanted: Ints) -> tuple[Ints, Ints]:
    """Return (position in the sorted keys, position in the wanted ones) of every match; -1 matches nothing."""
    low, high = np.searchsorted(keys, wanted, "left"), np.searchsorted(keys, wanted, "right")
    times = np.where(wanted < 0, 0, high - low)
    row = np.repeat(np.arange(len(wanted)), times)
    offset = np.arange(len(row)) - np.repeat(np.cumsum(times) - times, times)
    return np.repeat(low, times) + offset, row


def _levels(codes: npt.NDArray[np.str_], columns: Sequence[Texts]) -> Iterator[Ints]:
    """Yield, per level, the code of CELLS that each row has there: -1 where none, or the same as at a level before."""
    position = {code: number for number, code in enumerate(codes.tolist())}
    size = len(columns[0])
    before = [np.full(size, position.get(TOTAL, -1), dtype=np.int64)]
    yield before[0]
    for column in columns:
        level = np.array([position.get(text, -1) for text in column.tolist()], dtype=np.int64)
        for one in before:
            level = np.where(level == one, -1, level)
        before.append(level)
        if (level >= 0).any():
            yield level


def _crossed(choices: list[list[Ints]], sizes: list[int], rows: int) -> Iterator[Ints]:
    """Yield the cell key of every row for each choice of levels, -1 where the row has no code at one of them."""
    for levels in product(*choices):
        key, here = np.zeros(rows, dtype=np.int64), np.ones(rows, dtype=np.bool_)
        for level, size in zip(levels, sizes, strict=True):
            key, here = key * size + level, here & (level >= 0)
        yield np.where(here, key, -1)
