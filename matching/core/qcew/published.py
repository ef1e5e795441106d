"""Published QCEW as BLS prints it, and the relations that hold between its cells.

Gives quarterly cells without the zeros that stand for withheld values, and the additive relations of one state and
quarter as a sparse system: industries to their parent, counties to the state, owners to the total. Files are read by
`qcew_file`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy import sparse

from matching.core.qcew.file import QcewFile
from matching.core.qcew.layout import QUARTERLY, QcewError

CellKey = tuple[str, str, str]  # area, ownership, industry

PUBLISHED: Final = "published"
WITHHELD: Final = "N"
NO_ESTABLISHMENT: Final = "none"

VARIABLES: Final = ("month1", "month2", "month3", "total_wages", "taxable_wages", "contributions")

# The store's names for what is read from a file.
_NAMES: Final = {
    "area_fips": "area_fips", "own_code": "own_code", "industry_code": "industry_code", "agglvl_code": "agglvl_code",
    "size_code": "size_code", "disclosure_code": "status", "year": "year", "qtr": "qtr",
    "qtrly_estabs": "establishments", "month1_emplvl": "month1", "month2_emplvl": "month2", "month3_emplvl": "month3",
    "total_qtrly_wages": "total_wages", "taxable_qtrly_wages": "taxable_wages",
    "qtrly_contributions": "contributions", "avg_wkly_wage": "avg_wkly_wage",
}  # fmt: skip
# What cells are read as before `as_published`.
CELL_TYPES: Final = {
    name: pa.int64() if printed in QUARTERLY.whole else pa.string() for printed, name in _NAMES.items()
}
_WITHHELD_VALUES: Final = (*VARIABLES, "avg_wkly_wage")

_SUPERSECTOR_OF_SECTOR: Final = {
    "11": "1011", "21": "1011", "23": "1012", "31-33": "1013", "22": "1021", "42": "1021", "44-45": "1021",
    "48-49": "1021", "51": "1022", "52": "1023", "53": "1023", "54": "1024", "55": "1024", "56": "1024",
    "61": "1025", "62": "1025", "71": "1026", "72": "1026", "81": "1027", "92": "1028", "99": "1029",
}  # fmt: skip
_SECTOR_RANGES: Final = {
    "31": "31-33", "32": "31-33", "33": "31-33", "44": "44-45", "45": "44-45", "48": "48-49", "49": "48-49",
}  # fmt: skip
_GOVERNMENT: Final = ("1", "2", "3")


def read_quarterly(paths: Iterable[Path]) -> pa.Table:
    """Published rows of quarterly files (any layout of `qcew_layout`), one row per cell and quarter, in their order.

    Columns: area_fips, own_code, industry_code, agglvl_code, size_code, status as text; year, qtr int16;
    establishments, month1..3, total_wages, taxable_wages, contributions, avg_wkly_wage int64 (persons, whole dollars,
    dollars a week). `status` is published, N (withheld) or none (no establishment). A withheld row has its
    establishment count and null values, never the zeros BLS prints. Raises QcewError naming the file.
    """
    batches = [batch for path in paths for batch in _read_file(Path(path))]
    if not batches:
        raise QcewError("No QCEW files were given.")
    return as_published(pa.Table.from_batches(batches).rename_columns(list(_NAMES.values())))


def _read_file(path: Path) -> Iterator[pa.RecordBatch]:
    file = QcewFile(path)
    if file.layout is not QUARTERLY:
        raise QcewError(f"{path.name}: annual QCEW where quarters are needed.")
    for batch in file.batches(list(_NAMES)):
        if any(batch[name].null_count for name in QUARTERLY.values):
            raise QcewError(f"{path.name}: a value is empty; a withheld one is N with zeros.")
        yield batch


def as_published(printed: pa.Table) -> pa.Table:
    """Cells as printed (columns as of `read_quarterly`, codes N and - in `status`) with null for what is withheld."""
    status = pc.if_else(pc.equal(printed["status"], ""), PUBLISHED, printed["status"])
    status = pc.if_else(pc.equal(status, "-"), NO_ESTABLISHMENT, status)
    columns = {"status": status, "year": printed["year"].cast(pa.int16()), "qtr": printed["qtr"].cast(pa.int16())}
    for name in _WITHHELD_VALUES:
        columns[name] = pc.if_else(pc.equal(status, WITHHELD), pa.scalar(None, pa.int64()), printed[name])
    return pa.table({name: columns.get(name, printed[name]) for name in printed.column_names})


@dataclass(frozen=True)
class StateQuarter:
    """The cells of one state and quarter, sorted by area, owner and industry.

    Arrays of length n; `values` is (n, 6) int64 in the order of VARIABLES, zero where withheld or without
    establishment (`withheld` tells which). `finest` marks county x 6-digit NAICS x ownership.
    """

    state_fips: str
    quarter: int
    area: NDArray[np.str_]
    ownership: NDArray[np.str_]
    industry: NDArray[np.str_]
    level: NDArray[np.int64]
    withheld: NDArray[np.bool_]
    absent: NDArray[np.bool_]
    establishments: NDArray[np.int64]
    values: NDArray[np.int64]

    @property
    def finest(self) -> NDArray[np.bool_]:
        return np.equal(self.level, 78)

    @property
    def statewide(self) -> NDArray[np.bool_]:
        return np.equal(self.area, self.state_fips + "000")


def state_quarters(table: pa.Table, state_fips: str) -> list[tuple[int, int]]:
    """(year, quarter) pairs published for the state, ascending."""
    rows = table.filter(pc.equal(table["area_fips"], state_fips + "000")).select(["year", "qtr"])
    return sorted({(row["year"], row["qtr"]) for row in rows.group_by(["year", "qtr"]).aggregate([]).to_pylist()})


def state_quarter(table: pa.Table, state_fips: str, year: int, qtr: int) -> StateQuarter:
    """The cells of the state (statewide and every county, 999 included) in one quarter, all sizes together."""
    in_state = pc.equal(pc.utf8_slice_codeunits(table["area_fips"], 0, 2), state_fips)
    wanted = pc.and_(pc.and_(in_state, pc.equal(table["year"], year)), pc.equal(table["qtr"], qtr))
    rows = table.filter(pc.and_(wanted, pc.equal(table["size_code"], "0")))
    if not rows.num_rows:
        raise QcewError(f"No published QCEW rows for state {state_fips} in {year} quarter {qtr}.")
    rows = rows.sort_by([(name, "ascending") for name in ("area_fips", "own_code", "industry_code")])
    status = _text(rows, "status")
    return StateQuarter(
        state_fips=state_fips,
        quarter=year * 10 + qtr,
        area=_text(rows, "area_fips"),
        ownership=_text(rows, "own_code"),
        industry=_text(rows, "industry_code"),
        level=_text(rows, "agglvl_code").astype(np.int64),
        withheld=status == WITHHELD,
        absent=status == NO_ESTABLISHMENT,
        establishments=rows["establishments"].to_numpy(),
        values=np.column_stack([pc.fill_null(rows[name], 0).to_numpy() for name in VARIABLES]),
    )


def _text(rows: pa.Table, name: str) -> NDArray[np.str_]:
    return np.array(rows[name].to_pylist(), dtype=np.str_)


def industry_parent(industry: str) -> str | None:
    """The next higher industry code: NAICS by prefix, sectors to supersectors, to 101 or 102, to 10 (total)."""
    if industry == "10":
        return None
    if industry.startswith("10"):
        return "10" if len(industry) == 3 else industry[:3]
    if industry in _SUPERSECTOR_OF_SECTOR:
        return _SUPERSECTOR_OF_SECTOR[industry]
    if len(industry) == 3:
        return _SECTOR_RANGES.get(industry[:2], industry[:2])
    return industry[:-1]


@dataclass(frozen=True)
class Relations:
    """Additive relations: row r says parent - sum of children = 0.

    `matrix` is (relations, cells) CSR with +1 for the parent and -1 for each child; `kind` is industry, area, owner or
    government per relation; `parent_of` (cells,) is the parent within the same area, -1 at the top.
    """

    matrix: sparse.csr_matrix
    kind: NDArray[np.str_]
    parent_of: NDArray[np.int64]


def relations(cells: StateQuarter) -> Relations:
    """Every relation of the state and quarter whose parent is a row of the file (BLS pads series, so all are)."""
    return relations_between(zip(cells.area, cells.ownership, cells.industry, strict=True))


def relations_between(keys: Iterable[CellKey]) -> Relations:
    """Every relation between distinct cells named by area, owner and industry, in that order, of any states."""
    index = {key: row for row, key in enumerate(keys)}
    links = {kind: _links(index, parent_of) for kind, parent_of in _PARENTS.items()}
    blocks = [_block(parents, len(index)) for parents in links.values()]
    kinds = np.repeat(list(links), [block.shape[0] for block in blocks])
    within_area = np.where(links["industry"] >= 0, links["industry"], links["owner"])
    return Relations(sparse.vstack(blocks, format="csr"), kinds, within_area)


def parents(key: CellKey) -> list[tuple[str, CellKey]]:
    """The cells right above a cell with the kind of sum: of the industry, the state, all owners, all government."""
    found = [(kind, parent_of(*key)) for kind, parent_of in _PARENTS.items()]
    return [(kind, parent) for kind, parent in found if parent is not None]


def _industry_key(area: str, ownership: str, industry: str) -> CellKey | None:
    parent = industry_parent(industry)
    return None if parent is None else (area, ownership, parent)


def _state_key(area: str, ownership: str, industry: str) -> CellKey | None:
    return None if area.endswith("000") else (area[:2] + "000", ownership, industry)


def _owner_key(area: str, ownership: str, industry: str) -> CellKey | None:
    return (area, "0", industry) if industry == "10" and ownership not in ("0", "8") else None


def _government_key(area: str, ownership: str, industry: str) -> CellKey | None:
    """Only states have a total of all government."""
    is_part = area.endswith("000") and industry == "10" and ownership in _GOVERNMENT
    return (area, "8", industry) if is_part else None


_PARENTS: Final[Mapping[str, Callable[[str, str, str], CellKey | None]]] = {
    "industry": _industry_key, "area": _state_key, "owner": _owner_key, "government": _government_key,
}  # fmt: skip


def _links(index: Mapping[CellKey, int], key_of: Callable[[str, str, str], CellKey | None]) -> NDArray[np.int64]:
    """Row of each cell's parent under one kind of relation, -1 where it has none."""
    found = [key_of(*key) for key in index]
    return np.array([-1 if key is None else index.get(key, -1) for key in found], dtype=np.int64)


def _block(parents: NDArray[np.int64], n: int) -> sparse.csr_matrix:
    children = np.flatnonzero(parents >= 0)
    heads, row = np.unique(parents[children], return_inverse=True)
    rows = np.concatenate([np.arange(len(heads)), row])
    columns = np.concatenate([heads, children])
    signs = np.concatenate([np.ones(len(heads), np.int64), -np.ones(len(children), np.int64)])
    return sparse.csr_matrix((signs, (rows, columns)), shape=(len(heads), n))


def with_suppression(system: Relations, withheld: Sequence[bool] | NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which relations have at least one withheld member."""
    members = abs(system.matrix) @ np.asarray(withheld, dtype=np.int64)
    return np.asarray(members > 0)
