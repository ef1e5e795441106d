"""From contributions of establishments to every cell of the QCEW layout, with who contributes what to it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from disclosure.core.measures import compute
from disclosure.core.qcew.codes import (
    ALL_SIZES,
    PRIVATE,
    Code,
    code_of,
    counted_in,
    is_metropolitan,
    parents,
    size_classes,
    whole_metropolitan_areas,
)
from disclosure.core.system import Bools, System
from disclosure.core.tabulation.contributions import Ints, by_enterprise
from disclosure.core.tabulation.crossing import integers
from disclosure.core.tabulation.design import TableDesign

Key = tuple[str, ...]  # quarter, area, ownership, industry, size class

DIMENSIONS = ("area", "ownership", "industry", "size")
COUNTED = "establishments"  # QCEW publishes it on every row, so nothing protects it
AMOUNTS = ("month1", "month2", "month3", "wages", "taxable_wages", "contributions")
_CODES = ("quarter", "area", "ownership", "industry", "enterprise")
_MARCH = "month3"
_MARCH_OF_DYNAMICS = {1: "employment_after", 2: "employment_before"}  # by quarter of the year
_WEEKLY = ("avg_wkly_wage",)


class ContributionsMissing(ValueError):
    """A column that the layout cannot do without is missing, empty or negative."""


@dataclass(frozen=True)
class QcewCells:
    """Every cell of the states and quarters, sorted by key. A cell of any quarter stands in every quarter, as BLS pads
    its series; size classes stand in first quarters.

    `values` (n) has establishments and every amount; `contributions` a matrix cells x
    enterprises per amount, `presence` one of their establishments. `relations` (r, n) holds -1 for a parent and 1 for
    each of its children.
    """

    keys: tuple[Key, ...]
    values: dict[str, Ints]
    contributions: dict[str, sparse.csr_matrix]
    presence: sparse.csr_matrix
    enterprise_names: tuple[str, ...]
    relations: sparse.csr_matrix

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def enterprises(self) -> Ints:
        """Return how many enterprises each cell (n) has."""
        return np.asarray(np.diff(self.presence.indptr), dtype=np.int64)

    @property
    def design(self) -> TableDesign:
        """Return the table's dimensions and the measures it shows."""
        shown = (COUNTED, *AMOUNTS, *_WEEKLY)
        return TableDesign("establishments", DIMENSIONS, shown, layout="qcew")

    @property
    def persons(self) -> None:
        """Return nothing: no person is counted in a table of establishments."""
        return None

    def measure(self, name: str) -> tuple[Ints, Bools]:
        """Return a published measure's values and where it is defined."""
        return compute(name, self.values)

    def beside(self, _name: str) -> tuple[Ints, ...]:
        """Return nothing: its changes and quotients are made of published figures (`files`)."""
        return ()

    def where(self, wanted: Callable[[Code], bool]) -> Bools:
        """Return the cells (n) whose area, ownership, industry and size class are wanted."""
        return np.array([wanted(code_of(key)) for key in self.keys], dtype=np.bool_)

    def system(self, amounts: Sequence[str] = ()) -> System:
        """Return the linked system of these amounts (default: all)."""
        names = tuple(amounts) or tuple(self.contributions)
        return System(
            keys=self.keys,
            values={name: self.values[name] for name in names},
            relations=self.relations,
            contributions={name: self.contributions[name] for name in names},
            enterprises=self.enterprises,
            enterprise_names=self.enterprise_names,
            presence=self.presence,
        )


def tabulate_qcew(contributions: pa.Table, *, by_size: bool = False) -> QcewCells:
    """Tabulate establishments (one row per unit and quarter, columns of the store's contributions) in QCEW's layout.

    `by_size` adds the state's private establishments
    by size class in first quarters. Raises ContributionsMissing.
    """
    _check(contributions)
    quarters, quarter = np.unique(_whole(contributions, "quarter"), return_inverse=True)
    leaves, leaf = _leaves(contributions, by_size=by_size)
    metropolitan = whole_metropolitan_areas({area[:2] for area, *_ in leaves})
    codes = [_codes(leaves, metropolitan, int(one)) for one in quarters]
    names, enterprise = _encoded(contributions["enterprise"])
    above = sparse.block_diag([_above(leaves, one) for one in codes], format="csr", dtype=np.int64)
    place = quarter * len(leaves) + leaf

    def spread(amounts: Ints) -> sparse.csr_matrix:
        return (above @ by_enterprise(place, enterprise, amounts, (above.shape[1], len(names)))).tocsr()

    spreads = {name: spread(_whole(contributions, name)) for name in AMOUNTS}
    counts = spread(_whole(contributions, COUNTED))
    return QcewCells(
        keys=tuple((str(quarter), *code) for quarter, of in zip(quarters, codes, strict=True) for code in of),
        values={name: _rows(matrix) for name, matrix in {COUNTED: counts, **spreads}.items()},
        contributions=spreads,
        presence=counts,
        enterprise_names=names,
        relations=sparse.block_diag([_relations(one) for one in codes], format="csr", dtype=np.int64),
    )


def _check(table: pa.Table) -> None:
    missing = [name for name in (*_CODES, COUNTED, *AMOUNTS) if name not in table.column_names]
    if missing:
        raise ContributionsMissing(f"The contributions have no column {', '.join(missing)}.")
    if not table.num_rows:
        raise ContributionsMissing("No establishment reports in these states and quarters.")
    for name in (COUNTED, *AMOUNTS):
        if table[name].null_count or pc.any(pc.less(table[name], 0)).as_py():
            raise ContributionsMissing(f"The contributions have empty or negative values of {name}.")


def _whole(table: pa.Table, name: str) -> Ints:
    return np.asarray(table[name].cast(pa.int64()).to_numpy(), dtype=np.int64)


def _rows(matrix: sparse.csr_matrix) -> Ints:
    return np.asarray(matrix.sum(axis=1), dtype=np.int64).ravel()


def _encoded(column: pa.ChunkedArray) -> tuple[tuple[str, ...], Ints]:
    """Return the sorted distinct texts of a column and each row's position among them."""
    names, position = np.unique(np.array(column.to_pylist(), dtype=np.str_), return_inverse=True)
    return tuple(names.tolist()), position.astype(np.int64)


def _leaves(table: pa.Table, *, by_size: bool) -> tuple[list[Code], Ints]:
    """Return the distinct finest codes, with the size class where it counts, and each row's position among them."""
    columns = [table[name].cast(pa.string()).to_pylist() for name in ("area", "ownership", "industry")]
    sizes = sizes_of(table) if by_size else [ALL_SIZES] * table.num_rows
    codes = list(zip(*columns, sizes, strict=True))
    position: dict[Code, int] = {code: number for number, code in enumerate(sorted(set(codes)))}
    return list(position), np.array([position[code] for code in codes], dtype=np.int64)


def with_sizes(table: pa.Table, design: TableDesign) -> pa.Table:
    """Return establishments with the size class of each, where a design of crossed dimensions has it as one."""
    return table.append_column("size", pa.array(sizes_of(table), pa.string())) if "size" in design.dimensions else table


def sizes_of(table: pa.Table) -> list[str]:
    """Return each row's size class by its employment in March; 0 where it has none.

    As QCEW has it, only private establishments have one, in first quarters. Establishments compared with the quarter
    before have one where March is one of the two quarters and they had employment in it (ours).
    """
    if _MARCH not in table.column_names:
        return _sizes_of_dynamics(table)
    private = np.array(table["ownership"].to_pylist(), dtype=np.str_) == PRIVATE
    counts = private & (_whole(table, "quarter") % 10 == 1)
    classes = size_classes(_whole(table, _MARCH))
    return [one if here else ALL_SIZES for one, here in zip(classes, counts.tolist(), strict=True)]


def _sizes_of_dynamics(table: pa.Table) -> list[str]:
    of_year = _whole(table, "quarter") % 10
    march = np.zeros(table.num_rows, dtype=np.int64)
    for quarter, name in _MARCH_OF_DYNAMICS.items():
        march = np.where(of_year == quarter, integers(table, name), march)
    return [one if jobs else ALL_SIZES for one, jobs in zip(size_classes(march), march.tolist(), strict=True)]


def _codes(leaves: Sequence[Code], metropolitan: Collection[str], quarter: int) -> tuple[Code, ...]:
    """Return every cell of a quarter, sorted; of metropolitan areas those that are whole."""
    every = sorted(frozenset().union(*(counted_in(*leaf) for leaf in leaves)))
    return tuple(
        code
        for code in every
        if (code[3] == ALL_SIZES or quarter % 10 == 1) and (code[0] in metropolitan or not is_metropolitan(code[0]))
    )


def _above(leaves: Sequence[Code], codes: Sequence[Code]) -> sparse.csr_matrix:
    """Return the 0/1 matrix (codes, leaves) of which cells count which leaves."""
    position = {code: number for number, code in enumerate(codes)}
    pairs = [(position[code], number) for number, leaf in enumerate(leaves)
             for code in counted_in(*leaf) if code in position]  # fmt: skip
    row, column = np.array(pairs, dtype=np.int64).T
    return sparse.csr_matrix((np.ones(len(row), dtype=np.int64), (row, column)), shape=(len(codes), len(leaves)))


def _relations(codes: Sequence[Code]) -> sparse.csr_matrix:
    """Return every sum among the cells: a row per parent and kind."""
    position = {code: number for number, code in enumerate(codes)}
    children: dict[tuple[str, int], list[int]] = {}
    for number, code in enumerate(codes):
        for kind, parent in parents(code):
            if parent not in position:  # part of a metropolitan area that reaches beyond the table
                continue
            children.setdefault((kind, position[parent]), []).append(number)
    rows = np.repeat(np.arange(len(children)), [1 + len(members) for members in children.values()])
    columns = np.array([c for (_, parent), members in children.items() for c in (parent, *members)], dtype=np.int64)
    data = np.concatenate([[-1, *[1] * len(members)] for members in children.values()]).astype(np.int64)
    return sparse.csr_matrix((data, (rows, columns)), shape=(len(children), len(codes)))
