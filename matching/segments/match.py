"""The match itself: persons of a cohort to their records in the segments of one quarter, and these to one table.

A merge of two sorted columns: only the cohort is sorted, and each record found goes straight to its place.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from matching.models import Load, Segment
from matching.segments.arrow_file import Column, Columns
from matching.segments.records import Records, open_records
from matching.segments.units import open_units

_TEXT = pa.string()
_UNIT_TEXT = ("uin", "run", "ein", "dominant_naics", "area", "ownership", "enterprise")
MATCH_SCHEMA = pa.schema(
    [("cohort_row", pa.int32()), ("person_id", pa.int32())]
    + [(name, _TEXT) for name in ("state", "uin", "run", "ein")]
    + [(name, pa.int32()) for name in ("year", "quarter", "wages", "hours", "weeks")]
    + [(name, _TEXT) for name in ("dominant_naics", "area", "ownership", "enterprise")]
)
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Cohort:
    """The matchable persons of a cohort in order of their ids, and the cohort row of each."""

    person: npt.NDArray[np.int32]
    row: npt.NDArray[np.int32]

    @classmethod
    def of(cls, person_ids: npt.NDArray[np.int32]) -> Self:
        """Ids below 1 are left out."""
        row = np.flatnonzero(person_ids > 0).astype(np.int32)
        row = row[np.argsort(person_ids[row], kind="stable")]
        return cls(person_ids[row], row)


@dataclass(frozen=True)
class Found:
    """Records of one load, by person: where each is in the load, and how many each cohort row has."""

    load: "OpenLoad"
    cohort: Cohort
    first: Places
    count: Places

    def rows(self) -> Places:
        """Place of every record in the load."""
        return _expanded(self.first, self.count)

    def places(self, next_place: Places) -> Places:
        """Place of every record in the answer, where `next_place` is the next free one of each cohort row."""
        places = _expanded(next_place[self.cohort.row], self.count)
        next_place[self.cohort.row] += self.count
        return places


@dataclass(frozen=True)
class OpenLoad:
    """One visible load with its opened segments."""

    state: str
    first_unit: int
    records: Records
    units: Columns

    @classmethod
    def of(cls, load: Load, segments: dict[tuple[int, str], Segment]) -> Self:
        """Raises SegmentUnusable."""
        return cls(load.state, load.first_unit or 0, open_records(segments, load.pk), open_units(segments, load.pk))

    def match(self, cohort: Cohort) -> Found:
        """The records of a cohort."""
        return Found(self, cohort, *self.records.rows_of(cohort.person))


def match_table(found: list[Found], cohort_rows: int, quarter: int) -> pa.Table:
    """What several loads of one quarter, in the order of states, hold of a cohort; columns ``MATCH_SCHEMA``.

    Within a load the records of a person lie in the order of the answer, so the answer needs no sorting.
    """
    counts = np.zeros(cohort_rows, np.int64)
    for one in found:
        counts[one.cohort.row] += one.count
    total = int(counts.sum())
    next_place = np.cumsum(counts) - counts
    columns = _empty_columns(total)
    columns["cohort_row"] = np.repeat(np.arange(cohort_rows, dtype=np.int32), counts)
    for one in found:
        _write(columns, one, one.places(next_place))
    return _as_table(columns, total, quarter)


def _empty_columns(total: int) -> Columns:
    numbers = {name: np.empty(total, np.int32) for name in ("person_id", "wages", "hours", "weeks")}
    widths = {"state": 2, "uin": 10, "run": 5, "ein": 9, "dominant_naics": 6, "area": 5, "ownership": 1}
    texts = {name: np.empty(total, f"S{width}") for name, width in (widths | {"enterprise": 12}).items()}
    return numbers | texts


def _write(columns: Columns, found: Found, places: Places) -> None:
    rows, load = found.rows(), found.load
    records = load.records.columns
    columns["person_id"][places] = np.repeat(found.cohort.person, found.count)
    for name in ("wages", "hours", "weeks"):
        columns[name][places] = records[name][rows]
    columns["state"][places] = load.state.encode()
    unit = records["unit"][rows] - load.first_unit
    for name in _UNIT_TEXT:
        columns[name][places] = load.units[name][unit]


def _expanded(first: Places, count: Places) -> Places:
    """first, first + 1, ... for each count, one after the other."""
    ends = np.cumsum(count)
    total = int(ends[-1]) if len(ends) else 0
    places: Places = np.arange(total) + np.repeat(first - (ends - count), count)
    return places


def _as_table(columns: Columns, total: int, quarter: int) -> pa.Table:
    arrays = {
        "cohort_row": pa.array(columns["cohort_row"]),
        "person_id": pa.array(columns["person_id"]),
        "year": pa.repeat(pa.scalar(quarter // 10, pa.int32()), total),
        "quarter": pa.repeat(pa.scalar(quarter % 10, pa.int32()), total),
        "wages": pa.array(columns["wages"]),
        "hours": pa.array(columns["hours"], mask=columns["hours"] < 0),
        "weeks": pa.array(columns["weeks"], mask=columns["weeks"] < 0),
    }
    arrays |= {name: as_text(columns[name]) for name in ("state", *_UNIT_TEXT)}
    return pa.table([arrays[name] for name in MATCH_SCHEMA.names], schema=MATCH_SCHEMA)


def as_text(column: Column) -> pa.Array:
    """Codes as an Arrow column of text, without an object per row."""
    width, count = column.dtype.itemsize, len(column)
    table = np.ascontiguousarray(column).view(np.uint8).reshape(count, width)
    if table[:, -1].all():  # every one of full width
        offsets = np.arange(count + 1, dtype=np.int32) * np.int32(width)
        return pa.Array.from_buffers(_TEXT, count, [None, pa.py_buffer(offsets), pa.py_buffer(table)])
    sizes = np.strings.str_len(column)
    offsets = np.zeros(count + 1, np.int32)
    np.cumsum(sizes, out=offsets[1:])
    data = table[np.arange(width) < sizes[:, None]]
    return pa.Array.from_buffers(_TEXT, count, [None, pa.py_buffer(offsets), pa.py_buffer(data)])
