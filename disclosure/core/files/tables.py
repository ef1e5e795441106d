"""Any additive table from files: CELLS, RELATIONS and contributions into a system, a pattern's STATUS in and out.

CELLS: cell, wages (the value), upl and lpl (required protection), primary; n_empr, top1_id, top1, top2 where known.
RELATIONS: rel, cell, coef; the sum of coef x value is 0 in each relation. STATUS: cell, status (F, P, S).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import sparse

from disclosure.core.files.csv_table import CsvTable, TableError, Texts, first_repeated
from disclosure.core.files.micro_file import known_contributions, read_contributions
from disclosure.core.pattern import Pattern, Status
from disclosure.core.rules.sensitivity import Parameters, Sensitivity
from disclosure.core.system import System
from disclosure.core.tabulation.cells import Key
from disclosure.core.tabulation.contributions import Ints

MEASURE = "wages"


@dataclass(frozen=True)
class TableFile:
    """A table read from files: the system, what protection it needs, the cells' names in the order of the file, and
    what is odd about it without being wrong."""

    system: System
    sensitivity: Sensitivity
    names: tuple[str, ...]
    remarks: tuple[str, ...]


def read_table(cells: Path, relations: Path, contributions: Path | None, parameters: Parameters) -> TableFile:
    """Read a table. Raises TableError for whatever does not make one."""
    file = CsvTable(cells, ("cell", MEASURE, "upl", "lpl", "primary"))
    names = file.filled("cell")
    repeated = first_repeated(names.tolist())
    if repeated is not None:
        raise TableError(f"{file.name}, line {repeated + 2}: duplicate row of cell {names[repeated]}.")
    order = np.array(sorted(range(len(names)), key=names.__getitem__), dtype=np.int64)
    decimals = file.decimals(MEASURE)
    values, up, down = (file.not_negative(name, decimals, up=name != MEASURE)[order]
                        for name in (MEASURE, "upl", "lpl"))  # fmt: skip
    linked = _read_relations(relations, names[order], values)
    primary = _flags(file, "primary")[order] | (up > 0) | (down > 0)
    matrix, owners, enterprises, remarks = _contributions(file, contributions, order, values, decimals)
    keys: tuple[Key, ...] = tuple((name,) for name in names[order].tolist())
    system = System(keys, {MEASURE: values}, linked, {MEASURE: matrix}, enterprises, enterprise_names=owners)
    alone = int(np.count_nonzero(np.diff(linked.tocsc().indptr) == 0))
    if alone:
        remarks = (*remarks, f"{alone} cells stand in no relation: nothing bounds them, and they protect nothing.")
    sensitivity = Sensitivity(parameters, primary, {MEASURE: up}, {MEASURE: down}, ())
    return TableFile(system, sensitivity, tuple(names.tolist()), remarks)


def _flags(file: CsvTable, name: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    column = file.text(name)
    wrong = np.flatnonzero(~np.isin(column, ("0", "1")))
    if len(wrong):
        raise TableError(f"{file.name}, line {wrong[0] + 2}: {name} is neither 0 nor 1.")
    return np.asarray(column == "1", dtype=np.bool_)


def _read_relations(path: Path, names: Texts, values: Ints) -> sparse.csr_matrix:
    """Return the relations (r, n) over cells sorted by name, in an order that their content alone decides."""
    file = CsvTable(path, ("rel", "cell", "coef"))
    position = {name: index for index, name in enumerate(names.tolist())}
    cells = file.filled("cell").tolist()
    unknown = next((line for line, cell in enumerate(cells) if cell not in position), None)
    if unknown is not None:
        raise TableError(f"{file.name}, line {unknown + 2}: unknown cell {cells[unknown]}.")
    column = np.array([position[cell] for cell in cells], dtype=np.int64)
    rels, row = np.unique(file.filled("rel").astype(str), return_inverse=True)
    repeated = first_repeated((row * len(names) + column).tolist())
    if repeated is not None:
        where = f"duplicate row of cell {cells[repeated]} in relation {rels[row[repeated]]}"
        raise TableError(f"{file.name}, line {repeated + 2}: {where}.")
    matrix = sparse.csr_matrix((file.numbers("coef"), (row, column)), shape=(len(rels), len(names)), dtype=np.int64)
    _check_sums(matrix, values, rels, file.name)
    return _canonical(matrix)


def _check_sums(matrix: sparse.csr_matrix, values: Ints, rels: Texts, file: str) -> None:
    if (abs(matrix).astype(np.float64) @ values).max(initial=0.0) > np.iinfo(np.int64).max // 2:
        raise TableError(f"{file}: coef x {MEASURE} is too large to be added up.")
    broken = np.flatnonzero(matrix @ values)
    if len(broken):
        shown = ", ".join(rels[broken[:5]].tolist()) + (" and others" if len(broken) > 5 else "")
        raise TableError(f"{file}: {len(broken)} relations do not add up: {shown}.")


def _canonical(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    """Sort the relations by their cells and coefficients, so that their order in the file does not matter."""
    matrix.eliminate_zeros()
    matrix.sort_indices()
    bounds = matrix.indptr
    spans = [slice(bounds[row], bounds[row + 1]) for row in range(matrix.shape[0])]
    content = [(matrix.indices[span].tolist(), matrix.data[span].tolist()) for span in spans]
    order = [row for row in sorted(range(len(content)), key=content.__getitem__) if content[row][0]]
    return matrix[order]


def _contributions(
    file: CsvTable, micro: Path | None, order: Ints, values: Ints, decimals: int
) -> tuple[sparse.csr_matrix, tuple[str, ...], Ints, tuple[str, ...]]:
    """Return who contributes what: from the contributions where they add up to the cell, else what CELLS tells."""
    known = known_contributions(file, values, order, decimals)
    if micro is None:
        return known.matrix, known.owners, known.enterprises, ()
    read = read_contributions(file, micro, order, known.owners, decimals)
    different = np.asarray(read.matrix.sum(axis=1)).ravel() != values
    if not different.any():
        return read.matrix, read.owners, read.enterprises, ()
    if different.all() and len(values):
        raise TableError(f"{micro.name}: the contributions add up to no cell of {file.name}.")
    padded = sparse.csr_matrix(
        (known.matrix.data, known.matrix.indices, known.matrix.indptr), shape=(len(values), len(read.owners))
    )
    keep, drop = (sparse.diags(one.astype(np.int64), dtype=np.int64) for one in (~different, different))
    matrix = (keep @ read.matrix + drop @ padded).tocsr().astype(np.int64)
    enterprises = np.where(different, known.enterprises, read.enterprises)
    remark = f"{micro.name}: contributions do not add up to {int(different.sum())} cells; for these CELLS is believed."
    return matrix, read.owners, enterprises, (remark,)


def read_status(path: Path, table: TableFile) -> Pattern:
    """Read a pattern. Raises TableError for unknown, missing or repeated cells and for a status that is none."""
    file = CsvTable(path, ("cell", "status"))
    status = dict(zip(_named(file, table), file.filled("status").tolist(), strict=True))
    missing = next((name for name in table.names if name not in status), None)
    if missing is not None:
        raise TableError(f"{file.name}: no status of cell {missing}.")
    given = np.array([status[key[0]] for key in table.system.keys], dtype=object)
    if not np.isin(given, [str(one) for one in Status]).all():
        raise TableError(f"{file.name}: a status is none of F, P and S.")
    return Pattern(table.system.keys, np.asarray(given == "P"), np.asarray(given == "S"))


def read_frozen(path: Path, table: TableFile) -> tuple[list[Key], list[Key]]:
    """Read cells decided before: (published, which must stay so; withheld, which cost nothing to withhold again).

    A file without a status column lists published cells.
    """
    file = CsvTable(path, ("cell",), may_be_empty=True)
    names = _named(file, table)
    status = file.filled("status").tolist() if "status" in file else ["F"] * len(names)
    chosen = list(zip(names, status, strict=True))
    return [(name,) for name, one in chosen if one == "F"], [(name,) for name, one in chosen if one != "F"]


def _named(file: CsvTable, table: TableFile) -> list[str]:
    names: list[str] = file.filled("cell").tolist()
    known = set(table.names)
    unknown = next((line for line, name in enumerate(names) if name not in known), None)
    if unknown is not None:
        raise TableError(f"{file.name}, line {unknown + 2}: unknown cell {names[unknown]}.")
    repeated = first_repeated(names)
    if repeated is not None:
        raise TableError(f"{file.name}, line {repeated + 2}: duplicate row of cell {names[repeated]}.")
    return names


def status_lines(table: TableFile, pattern: Pattern) -> Sequence[str]:
    """Return the lines of a STATUS file, cells in the order of CELLS."""
    status = {key[0]: str(one) for key, one in zip(pattern.keys, pattern.statuses, strict=True)}
    return ["cell,status", *(f"{_quoted(name)},{status[name]}" for name in table.names)]


def _quoted(name: str) -> str:
    """Return a name as a field of CSV."""
    return '"' + name.replace('"', '""') + '"' if set(name) & set(',"\r\n') else name
