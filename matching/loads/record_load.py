"""One wage-record file to sorted records, units and sums, in two passes and in memory that does not grow with the file.

Pass 1 streams the file: SSN to person, employer to provisional unit, rows set aside by ranges of persons in scratch
files (person ids only). Pass 2 takes one range after the other: final units, order of the match, and hands them on.
"""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt
from django.db.backends.utils import CursorWrapper

from matching.core.edits.fences import WageHistogram
from matching.core.load_files.rejects import LoadRefused, RejectReport
from matching.core.load_files.wage_layouts import Block, WageBatch, WageRecordReader
from matching.core.micro.record_order import ROW, Columns
from matching.loads.unit_numbers import UnitNumbers
from matching.segments.record_ranges import RecordRanges
from matching.vault.persons import UNKNOWN, UNMATCHABLE, VaultWriter

_THREADS = 2
Rows = npt.NDArray[np.void]


class RecordLoad:
    """Pass 1 is `read`; then `add_persons`, and the units are known; then `ranges` is pass 2."""

    def __init__(self, folder: Path, now: datetime) -> None:
        self.rejects = RejectReport()
        self.rows = self.unmatchable = self.total_wages = 0
        self.histogram = WageHistogram()
        self._vault = VaultWriter(folder, now)
        self._units = UnitNumbers()
        self._place = np.empty(0, np.int32)  # of each provisional number
        self._ranges = RecordRanges(folder, self._vault.persons)
        self._lock = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ranges.__exit__(kind, error, at)

    def read(self, reader: WageRecordReader) -> Iterator[int]:
        """Pass 1; yields the number of rows so far. Raises LoadRefused when the file cannot be loaded."""
        waiting: deque[Future[tuple[int, RejectReport]]] = deque()
        with ThreadPoolExecutor(_THREADS) as threads:
            for block in reader.blocks():
                if self.rows == 0 and not waiting:
                    yield self._count(self._stage(reader, block))  # the first says which state and quarter all have
                    continue
                waiting.append(threads.submit(self._stage, reader, block))
                if len(waiting) > _THREADS:
                    yield self._count(waiting.popleft().result())
            while waiting:
                yield self._count(waiting.popleft().result())
        if self.rows == 0:
            raise LoadRefused("No line of the file can be loaded; see the layout in the documentation.")

    def _count(self, staged: tuple[int, RejectReport]) -> int:
        rows, rejects = staged
        self.rows += rows
        self.rejects.take_over(rejects)
        return self.rows

    def _stage(self, reader: WageRecordReader, block: Block) -> tuple[int, RejectReport]:
        batch, rejects = reader.read(block)
        if len(batch):
            self._set_aside(batch)
        return len(batch), rejects

    def _set_aside(self, batch: WageBatch) -> None:
        rows = np.empty(len(batch), ROW)
        rows["person"], token = self._vault.person_ids(batch.ssn)
        rows["unit"] = self._units.number(batch)
        rows["wages"], rows["hours"], rows["weeks"] = batch.wages, batch.hours, batch.weeks
        unknown = rows["person"] == UNKNOWN
        if unknown.any():
            self._vault.set_aside(rows[unknown], token)
        with self._lock:
            self.total_wages += int(batch.wages.sum(dtype=np.int64))
            self.histogram.add(batch.wages)
            self.unmatchable += int(np.count_nonzero(rows["person"] == UNMATCHABLE))
            self._ranges.add(rows[~unknown])

    def add_persons(self, cursor: CursorWrapper) -> None:
        """New persons join the vault, and their records those of everybody else."""
        for rows in self._vault.add_persons(cursor):
            self._ranges.add(rows)

    def units(self) -> list[npt.NDArray[np.bytes_]]:
        """UIN, RUN and EIN of the units in the order of their final numbers, which pass 2 counts from 0."""
        texts, numbers = self._units.in_order()
        self._place = np.empty(len(numbers), np.int32)
        self._place[numbers] = np.arange(len(numbers), dtype=np.int32)
        return texts

    def ranges(self) -> Iterator[Columns]:
        """Pass 2: all records in record order, one range of persons at a time; ``unit`` counts from 0."""
        return self._ranges.in_order(self._place)
