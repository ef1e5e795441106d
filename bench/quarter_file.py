"""A wage-record file of one quarter for benchmarks: specimen SSNs, skewed employers, a vault that knows most persons.

Made quickly and in parts, with none of the world's realism (the generator has that); what matters for a load is there:
a few employers with most records, several jobs for some, a tenth of the records without hours.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pa_csv

STATE = "44"
COLUMNS = (
    "ssn", "name_first", "name_middle", "name_last", "state", "uin", "run", "ein", "year", "quarter", "wage", "hours",
    "weeks",
)  # fmt: skip
_PART = 1_000_000
_RECORDS_A_UNIT = 28
_RECORDS_A_PERSON = 1.18
_SSN_SEED = 5
Numbers = npt.NDArray[Any]


@dataclass(frozen=True)
class Quarter:
    """One file: so many records of persons of whom a vault of `vault` persons knows the share `known`."""

    rows: int
    vault: int
    known: float
    quarter: int

    def persons(self) -> Numbers:
        """The index of each record's person. Below `vault`: known."""
        drawn = np.random.default_rng(self.quarter).random(self.rows)
        distinct = int(self.rows / _RECORDS_A_PERSON)
        person = (drawn * distinct).astype(np.int64)
        old = int(distinct * self.known)
        known = (person * self.vault) // max(old, 1)
        # every quarter has new persons of its own
        new = self.vault + (self.quarter % 10) * distinct + (person - old)
        return np.where(person < old, known, new)

    def parts(self) -> Iterator[pa.Table]:
        """The file's lines in parts."""
        person, random = self.persons(), np.random.default_rng(self.quarter + 1)
        for start in range(0, self.rows, _PART):
            yield self._part(person[start : start + _PART], random)

    def _part(self, person: Numbers, random: np.random.Generator) -> pa.Table:
        rows, units = len(person), max(self.rows // _RECORDS_A_UNIT, 1)
        unit = (units * random.random(rows) ** 2.5).astype(np.int64)
        missing = random.random(rows) < 0.1
        codes = {
            "ssn": digits(ssns(person), 9), "state": _same(STATE, rows), "uin": digits(10_000_000 + unit // 2 * 7, 10),
            "run": digits(np.where(unit % 5 == 0, unit % 90 + 1, 0), 5), "ein": digits(100_000_000 + unit // 3, 9),
        }  # fmt: skip
        numbers = {
            "year": pa.repeat(self.quarter // 10, rows), "quarter": pa.repeat(self.quarter % 10, rows),
            "wage": pa.array(np.exp(random.normal(9, 1, rows)).astype(np.int64)),
            "hours": pa.array(random.integers(1, 560, rows), mask=missing),
            "weeks": pa.array(random.integers(1, 14, rows), mask=missing),
        }  # fmt: skip
        names = dict.fromkeys(("name_first", "name_middle", "name_last"), _same("", rows))
        return pa.table(codes | numbers | names).select(list(COLUMNS))

    def write(self, path: Path) -> None:
        """The CSV file."""
        with path.open("wb") as file:
            for number, part in enumerate(self.parts()):
                options = pa_csv.WriteOptions(include_header=number == 0, quoting_style="none", quoting_header="none")
                pa_csv.write_csv(part, file, options)


def ssns(person: Numbers) -> npt.NDArray[np.uint32]:
    """The specimen number of each person's index."""
    from matching.core.world.specimens import specimen_numbers

    return specimen_numbers(_SSN_SEED, person)


def digits(number: Numbers, width: int) -> pa.Array:
    """Zero-filled text, without an object per row."""
    figures = (number[:, None] // 10 ** np.arange(width - 1, -1, -1)) % 10 + 48
    data = pa.py_buffer(np.ascontiguousarray(figures.astype(np.uint8)))
    offsets = pa.py_buffer(np.arange(len(number) + 1, dtype=np.int32) * np.int32(width))
    return pa.Array.from_buffers(pa.string(), len(number), [None, offsets, data])


def _same(text: str, rows: int) -> pa.Array:
    return pa.repeat(text, rows)
