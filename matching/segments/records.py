"""The records of one load, sorted by (person, unit, wages, hours, weeks), and where the rows of a person are."""

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

from matching.models import Load, Segment
from matching.segments.arrow_file import Column, Columns, ColumnWriter
from matching.segments.register import SegmentUnusable, description_of_load, open_columns, register_of_load

# hours and weeks are MISSING where not reported; person 0 cannot be matched
TYPES = {"person": "i4", "unit": "i4", "wages": "i4", "hours": "i2", "weeks": "i2"}
MISSING = -1
_DENSE = 2  # persons per record up to which a first row for every person id is worth its four bytes
Rows = npt.NDArray[np.int64]


class RecordsWriter:
    """Takes the sorted records of a load part by part, in the order of persons; `register` makes the files count."""

    def __init__(self, folder: Path, load: Load) -> None:
        self._folder, self._load = folder, load
        self._writer = ColumnWriter(folder, "records", TYPES)

    @property
    def rows(self) -> int:
        """Rows taken so far."""
        return self._writer.rows

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._writer.__exit__(kind, error, at)

    def add(self, columns: Columns) -> None:
        """The next sorted rows."""
        self._writer.add(columns)

    def register(self) -> None:
        """Puts the files together and registers them for the load."""
        rows = self._writer.rows
        first_row = _first_rows(self._writer.column("person"))
        records, starts = Segment.Kind.RECORDS, Segment.Kind.PERSON_ROWS
        register_of_load(records, self._load, self._writer.finish(description_of_load(records, self._load.pk)), rows)
        with ColumnWriter(self._folder, "person_rows", {"first_row": "u4"}) as writer:
            writer.add({"first_row": first_row})
            path = writer.finish(description_of_load(starts, self._load.pk))
        register_of_load(starts, self._load, path, len(first_row))


def _first_rows(person: Column) -> npt.NDArray[np.uint32]:
    """First row of every person id from 0 to one past the last; empty where ids are too sparse for that."""
    last = int(person[-1]) if len(person) else 0
    if last + 2 > _DENSE * len(person) + 1024:
        return np.empty(0, np.uint32)
    counts = np.zeros(last + 2, np.uint32)
    for start in range(0, len(person), 1 << 22):
        part = person[start : start + (1 << 22)]
        found = np.bincount(part - part[0])
        counts[part[0] + 1 : part[0] + 1 + len(found)] += found.astype(np.uint32)
    return np.cumsum(counts, dtype=np.uint32)


@dataclass(frozen=True)
class Records:
    """The opened records of one load; columns are mapped arrays."""

    columns: Columns
    first_row: Column

    def rows_of(self, persons: npt.NDArray[np.int32]) -> tuple[Rows, Rows]:
        """First row and number of rows of each person, in any order; of those below 1 there are none."""
        if len(self.first_row):  # persons past its end get its last value twice
            first = self.first_row.take(persons, mode="clip")
            stop = self.first_row.take(persons + 1, mode="clip")
        else:
            first = np.searchsorted(self.columns["person"], persons)
            stop = np.searchsorted(self.columns["person"], persons, side="right")
        return first.astype(np.int64), np.where(persons > 0, stop - first, 0).astype(np.int64)


def open_records(segments: dict[tuple[int, str], Segment], load_id: int) -> Records:
    """The records of a load from its registered files. Raises SegmentUnusable."""
    try:
        records = segments[load_id, Segment.Kind.RECORDS]
        starts = segments[load_id, Segment.Kind.PERSON_ROWS]
    except KeyError:
        raise SegmentUnusable(f"Load {load_id} has no segments.") from None
    return Records(open_columns(records), open_columns(starts)["first_row"])
