"""Records of a match under temporary IDs, and the merge of several sorted ones into one, a range of IDs at a time.

Memory is one batch of each source, whatever their lengths. A person who is in several named cohorts of a quarter has
the same records in each; they are taken from the first.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from matching.core.cohort.id_order import ID_BYTES, Ids
from matching.core.micro.employer_text import EMPLOYER_BYTES, INDUSTRY_BYTES

# Employer: the fields from state to quarter as they stand in a package's line (employer_text).
RECORD_SCHEMA = pa.schema(
    [
        ("temporary_id", pa.binary(ID_BYTES)), ("employer", pa.binary(EMPLOYER_BYTES)), ("wages", pa.int32()),
        ("hours", pa.int16()), ("weeks", pa.int16()), ("dominant_naics", pa.binary(INDUSTRY_BYTES)),
    ]
)  # fmt: skip


@dataclass(frozen=True)
class Source:
    """The records of one cohort and quarter (YYYYQ), readable again and again: tables of `RECORD_SCHEMA` sorted by
    temporary ID, employer, wages, hours, weeks, all records of a person in the same one."""

    quarter: int
    read: Callable[[], Iterator[pa.Table]]


def attach_ids(table: pa.Table, temporary_ids: Ids) -> pa.Table:
    """Records of a match with `cohort_row` turned into `temporary_id`: columns and types of `RECORD_SCHEMA`."""
    ids = np.ascontiguousarray(temporary_ids, f"S{ID_BYTES}").take(table.column("cohort_row").to_numpy())
    column = pa.Array.from_buffers(pa.binary(ID_BYTES), len(ids), [None, pa.py_buffer(ids)])
    return pa.table([column, *(table.column(name) for name in RECORD_SCHEMA.names[1:])], schema=RECORD_SCHEMA)


def ids_of(table: pa.Table) -> Ids:
    """The temporary IDs of records, shape (n,) S20."""
    return codes_of(table, "temporary_id")


def codes_of(table: pa.Table, name: str) -> npt.NDArray[np.bytes_]:
    """A column of texts of one width, shape (n,), without a copy where it lies in one piece."""
    column = table.column(name).combine_chunks()
    column = column.chunk(0) if isinstance(column, pa.ChunkedArray) else column
    width = column.type.byte_width
    if len(column) == 0:
        return np.empty(0, f"S{width}")
    return np.frombuffer(column.buffers()[1], f"S{width}", len(column), column.offset * width)


def merged(sources: Sequence[Source]) -> Iterator[pa.Table]:
    """All records by temporary ID, then quarter; each table holds whole persons. Raises ValueError for a source that
    is not sorted."""
    heads = [_Head(source) for source in sorted(sources, key=lambda source: source.quarter)]
    while open_heads := [head for head in heads if head.table is not None]:
        upto = min(head.last for head in open_heads)
        parts = [(place, head.take(upto)) for place, head in enumerate(heads)]
        yield _in_order([(place, part) for place, part in parts if part.num_rows], heads)


class _Head:
    """Where the merge stands in one source."""

    def __init__(self, source: Source) -> None:
        self.quarter = source.quarter
        self._tables = source.read()
        self._before = b""
        self._ids: Ids = np.empty(0, f"S{ID_BYTES}")
        self.table: pa.Table | None = None
        self._next()

    @property
    def last(self) -> bytes:
        """The last ID of the batch at hand."""
        return bytes(self._ids[-1])

    def take(self, upto: bytes) -> pa.Table:
        """The records whose ID is at most `upto`, which come next; at most those of the batch at hand."""
        if self.table is None:
            return RECORD_SCHEMA.empty_table()
        count = int(np.searchsorted(self._ids, upto, side="right"))
        taken = self.table.slice(0, count)
        if count == self.table.num_rows:
            self._next()
        else:
            self.table, self._ids = self.table.slice(count), self._ids[count:]
        return taken

    def _next(self) -> None:
        """The next batch that is not empty."""
        self.table = next((table for table in self._tables if table.num_rows), None)
        if self.table is None:
            return
        self._ids = ids_of(self.table)
        if self._before >= bytes(self._ids[0]) or np.any(self._ids[1:] < self._ids[:-1]):
            raise ValueError("The records of a match are not in the order of their temporary IDs.")
        self._before = self.last


def _in_order(parts: list[tuple[int, pa.Table]], heads: list[_Head]) -> pa.Table:
    """Parts in the order of quarters and cohorts become one table by ID; the sort is stable, so a person's records
    stay in the order of quarters and, within one, in that of the match."""
    if len(parts) == 1:
        return parts[0][1]
    together = pa.concat_tables([part for _, part in parts])
    ids = ids_of(together)
    order = np.argsort(ids, kind="stable")
    source = np.repeat([place for place, _ in parts], [part.num_rows for _, part in parts])[order]
    quarter = np.array([head.quarter for head in heads])[source]
    kept = _of_first_source(ids[order], quarter, source)
    return together.take(pa.array(order[kept]))


def _of_first_source(ids: Ids, quarter: npt.NDArray[np.int64], source: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Of each person and quarter the records of the first source that has any."""
    begins = np.ones(len(ids), bool)
    begins[1:] = (ids[1:] != ids[:-1]) | (quarter[1:] != quarter[:-1])
    first = source[begins][np.cumsum(begins) - 1]
    return np.asarray(source == first)
