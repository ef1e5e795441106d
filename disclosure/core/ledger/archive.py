"""An entry of the ledger as bytes and back: one Arrow record, the same bytes for the same entry."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.ipc
from scipy import sparse

from disclosure.core.ledger.cohorts import CohortEntry
from disclosure.core.ledger.entry import Entry
from disclosure.core.ledger.lines import Lines, Scope
from disclosure.core.tabulation.contributions import Ints
from disclosure.core.tabulation.design import TableDesign

VERSION = 1


def pack(entry: Entry) -> bytes:
    """Return an entry as bytes. A cell is the set of its lines; values as published follow from the lines' amounts."""
    columns: dict[str, Any] = {
        "head": json.dumps(_head(entry), sort_keys=True),
        "keys": [list(key) for key in entry.keys],
        "statuses": list(entry.statuses),
        "dimensions": [list(codes) for codes in entry.dimensions],
        "places": [list(codes) for codes in entry.lines.codes],
        **{f"amount {name}": column for name, column in entry.lines.amounts.items()},
        **_matrix("members", entry.members),
        **_matrix("relations", entry.relations),
    }
    return _written(columns)


def pack_cohort(entry: CohortEntry) -> bytes:
    """Return a table of people as bytes: fingerprints and cells, no values."""
    head = {"version": VERSION, "release": entry.release, "measures": entry.measures, "shape": entry.members.shape}
    return _written(
        {
            "head": json.dumps(head, sort_keys=True),
            "keys": [list(key) for key in entry.keys],
            "statuses": list(entry.statuses),
            "persons": entry.persons,
            "leaf": entry.leaf,
            **_matrix("members", entry.members),
        }
    )


def unpack_cohort(data: bytes) -> CohortEntry:
    """Return the table of people. Raises ValueError for a version this code does not know."""
    head, row = _read(data)
    return CohortEntry(
        release=head["release"],
        keys=tuple(tuple(key) for key in row["keys"][0].as_py()),
        statuses=tuple(row["statuses"][0].as_py()),
        measures=tuple(head["measures"]),
        members=_sparse(row, "members", head["shape"]),
        persons=np.array(row["persons"][0].values.to_numpy(), dtype=np.uint64),
        leaf=_ints(row, "leaf"),
    )


def _written(columns: dict[str, Any]) -> bytes:
    table = pa.table({name: pa.array([value], _TYPES.get(name)) for name, value in columns.items()})
    sink = pa.BufferOutputStream()
    options = pyarrow.ipc.IpcWriteOptions(compression="zstd")
    with pyarrow.ipc.new_stream(sink, table.schema, options=options) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def _read(data: bytes) -> tuple[dict[str, Any], pa.Table]:
    with pyarrow.ipc.open_stream(data) as reader:
        row = reader.read_all()
    head = json.loads(row["head"][0].as_py())
    if head["version"] != VERSION:
        raise ValueError(f"an entry of version {head['version']} cannot be read")
    return head, row


_TEXTS = pa.list_(pa.list_(pa.string()))
_TYPES = {"keys": _TEXTS, "dimensions": _TEXTS, "places": _TEXTS, "statuses": pa.list_(pa.string())}


def _head(entry: Entry) -> dict[str, Any]:
    return {
        "version": VERSION,
        "release": entry.release,
        "scope": asdict(entry.scope),
        "design": None if entry.design is None else asdict(entry.design),
        "measures": entry.measures,
        "unknown": dict(entry.unknown),
        "finer": entry.lines.finer,
        "outside": entry.outside,
        "shapes": {"members": entry.members.shape, "relations": entry.relations.shape},
    }


def _matrix(name: str, matrix: sparse.csr_matrix) -> dict[str, Ints]:
    matrix = matrix.tocsr()
    matrix.sort_indices()
    return {f"{name} {part}": getattr(matrix, part).astype(np.int64) for part in ("data", "indices", "indptr")}


def unpack(data: bytes) -> Entry:
    """Return the entry. Raises ValueError for a version this code does not know."""
    head, row = _read(data)
    amounts = {
        name.removeprefix("amount "): _ints(row, name) for name in row.column_names if name.startswith("amount ")
    }
    return Entry(
        release=head["release"],
        scope=Scope(**_tuples(head["scope"])),
        design=None if head["design"] is None else TableDesign(**_tuples(head["design"])),
        keys=tuple(tuple(key) for key in row["keys"][0].as_py()),
        statuses=tuple(row["statuses"][0].as_py()),
        measures=tuple(head["measures"]),
        lines=Lines(tuple(tuple(codes) for codes in row["places"][0].as_py()), amounts, tuple(head["finer"])),
        dimensions=tuple(tuple(codes) for codes in row["dimensions"][0].as_py()),
        members=_sparse(row, "members", head["shapes"]["members"]),
        relations=_sparse(row, "relations", head["shapes"]["relations"]),
        unknown={name: tuple(quarters) for name, quarters in head["unknown"].items()},
        outside=head["outside"],
    )


def _tuples(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}


def _ints(row: pa.Table, name: str) -> Ints:
    return np.array(row[name][0].values.to_numpy(), dtype=np.int64)


def _sparse(row: pa.Table, name: str, shape: tuple[int, int]) -> sparse.csr_matrix:
    parts = tuple(_ints(row, f"{name} {part}") for part in ("data", "indices", "indptr"))
    return sparse.csr_matrix(parts, shape=tuple(shape))
