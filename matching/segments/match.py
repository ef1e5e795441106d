"""The match itself: persons of a cohort to their records in the segments of one quarter.

Where a person's records lie is looked up, not searched for; what was found stays places in the mapped columns until
somebody asks for a column. Within a load a person's records lie in the order of the answer, so nothing is sorted.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from matching.core.micro.employer_text import EMPLOYER_BYTES, INDUSTRY_BYTES
from matching.models import Load, Segment
from matching.segments.arrow_file import Column, Columns, as_arrow
from matching.segments.records import MISSING, Records, open_records
from matching.segments.register import give_back
from matching.segments.units import open_units

MATCH_SCHEMA = pa.schema(
    [
        ("cohort_row", pa.int32()), ("employer", pa.binary(EMPLOYER_BYTES)), ("wages", pa.int32()),
        ("hours", pa.int16()), ("weeks", pa.int16()), ("dominant_naics", pa.binary(INDUSTRY_BYTES)),
    ]
)  # fmt: skip
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class OpenLoad:
    """One visible load with its opened segments."""

    load_id: int
    state: str
    first_unit: int
    records: Records
    units: Columns

    @classmethod
    def of(cls, load: Load, segments: dict[tuple[int, str], Segment]) -> Self:
        """Raises SegmentUnusable."""
        files = open_records(segments, load.pk), open_units(segments, load.pk)
        return cls(load.pk, load.state, load.first_unit or 0, *files)


@dataclass(frozen=True)
class Part:
    """What one load holds: the records' places in the load and in the answer, and how many of each cohort row."""

    load: OpenLoad
    rows: Places
    places: Places
    count: Places

    def records(self, name: str) -> Column:
        """A column of the records."""
        return self.load.records.columns[name].take(self.rows)

    def units(self, name: str) -> Column:
        """A column of their units."""
        return self.load.units[name].take(self.records("unit") - self.load.first_unit)


@dataclass(frozen=True)
class Matched:
    """Records found of ``persons`` cohort rows: by cohort row, state, UIN, RUN, EIN, wages, hours, weeks."""

    persons: int
    cohort_row: npt.NDArray[np.int32]
    parts: list[Part]

    def records(self, name: str) -> Column:
        """A column of the records; hours and weeks are -1 where missing."""
        return self._column(lambda part: part.records(name))

    def units(self, name: str) -> Column:
        """A column of their units."""
        return self._column(lambda part: part.units(name))

    def states(self) -> Column:
        """The state of each record (S2)."""
        return self._column(lambda part: np.full(len(part.rows), part.load.state, "S2"))

    def found(self) -> int:
        """Cohort rows with a record anywhere."""
        return int(np.count_nonzero(sum(part.count for part in self.parts)))

    def by_state(self) -> dict[str, tuple[int, int]]:
        """State -> cohort rows with a record there, and records."""
        return {part.load.state: (int(np.count_nonzero(part.count)), len(part.rows)) for part in self.parts}

    def table(self) -> pa.Table:
        """The records with what a micro package says of them, columns ``MATCH_SCHEMA``."""
        if not len(self.cohort_row):
            return MATCH_SCHEMA.empty_table()
        columns = [
            pa.array(self.cohort_row), as_arrow(self.units("employer")), pa.array(self.records("wages")),
            _or_null(self.records("hours")), _or_null(self.records("weeks")), as_arrow(self.units("dominant_naics")),
        ]  # fmt: skip
        return pa.table(columns, schema=MATCH_SCHEMA)

    def _column(self, of_part: Callable[[Part], Column]) -> Column:
        if len(self.parts) == 1:
            return of_part(self.parts[0])
        values = [of_part(part) for part in self.parts]
        column = np.empty(len(self.cohort_row), values[0].dtype if values else np.int32)
        for part, of_load in zip(self.parts, values, strict=True):
            column[part.places] = of_load
        return column


@dataclass(frozen=True)
class OpenQuarter:
    """The visible loads of one quarter in some states, in the order of states."""

    quarter: int
    loads: list[OpenLoad]

    def match(self, person_ids: npt.NDArray[np.int32]) -> Matched:
        """The records of persons in any order; ids below 1 find nothing."""
        spans = [load.records.rows_of(person_ids) for load in self.loads]
        counts = np.zeros(len(person_ids), np.int64)
        for _, count in spans:
            counts += count
        cohort_row = np.repeat(np.arange(len(person_ids), dtype=np.int32), counts)
        next_place, parts = np.cumsum(counts) - counts, []
        for load, (first, count) in zip(self.loads, spans, strict=True):
            parts.append(Part(load, _expanded(first, count), _expanded(next_place, count), count))
            next_place += count
        return Matched(len(person_ids), cohort_row, parts)

    def give_back(self) -> None:
        """Lets go of the memory that a match of a large part of the quarter has mapped."""
        give_back([load.load_id for load in self.loads])


def _expanded(first: Places, count: Places) -> Places:
    """first, first + 1, ... for each count, one after the other."""
    ends = np.cumsum(count)
    total = int(ends[-1]) if len(ends) else 0
    places: Places = np.arange(total) + np.repeat(first - (ends - count), count)
    return places


def _or_null(column: Column) -> pa.Array:
    return pa.array(column, mask=column == MISSING)
