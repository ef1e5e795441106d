"""Flags of a load's records, collected while its ranges of persons pass by and kept at the end of the load."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from django.db.backends.utils import CursorWrapper

from matching.core.edits.fences import WageHistogram
from matching.core.edits.records import EDITS, Flags, RecordEdits, RecordTally
from matching.models import Load
from matching.sql.copy_csv import copy_csv

# Everything is counted, but of one edit no more is listed: nobody reads further, and memory stays bounded.
MOST_LISTED = 100_000
Columns = dict[str, npt.NDArray[Any]]


class RecordFlags:
    """One load: `add` each range of records in record order, then `keep` what was flagged.

    ``uin``: the account of each unit, in unit order; a record's ``unit`` counts from 0. Rules: `core/edits/records.py`.
    """

    def __init__(self, uin: npt.NDArray[Any], histogram: WageHistogram) -> None:
        self.bounds = histogram.fences()
        starts = np.concatenate([[False], uin[1:] != uin[:-1]])
        self._edits = RecordEdits(np.cumsum(starts, dtype=np.int32), 0, self.bounds)
        self._listed: list[dict[str, npt.NDArray[Any]]] = []
        self._left = np.full(len(EDITS), MOST_LISTED)

    @property
    def tally(self) -> RecordTally:
        """Counts so far."""
        return self._edits.tally

    def add(self, records: Columns) -> None:
        """One range: columns person, unit, wages, hours and weeks (-1: missing)."""
        columns = [records[name] for name in ("person", "unit", "wages", "hours", "weeks")]
        flags = self._edits.check(*columns)
        if len(flags.row):
            listed = self._within_limit(flags)
            row = flags.row[listed]
            found = {name: column[row].astype(np.int32) for name, column in zip(_LISTED, columns[:3], strict=True)}
            self._listed.append(found | {"edit": flags.edit[listed]})

    def _within_limit(self, flags: Flags) -> npt.NDArray[np.bool_]:
        """The first so many of each edit."""
        listed = np.ones(len(flags.edit), bool)
        for edit in np.unique(flags.edit):
            places = np.flatnonzero(flags.edit == edit)
            listed[places[self._left[edit] :]] = False
            self._left[edit] -= min(len(places), self._left[edit])
        return listed

    def keep(self, cursor: CursorWrapper, load: Load) -> None:
        """Writes the list, numbered in record order within the load; units get their final numbers."""
        if not self._listed:
            return
        columns = {name: np.concatenate([part[name] for part in self._listed]) for name in (*_LISTED, "edit")}
        columns["unit_id"] += load.first_unit or 0
        edits = pa.array([str(edit) for edit in EDITS])
        table = pa.table(columns | {"edit": edits.take(pa.array(columns["edit"]))})
        table = table.append_column("number", pa.array(np.arange(1, table.num_rows + 1, dtype=np.int32)))
        table = table.append_column("load_id", pa.repeat(load.pk, table.num_rows))
        copy_csv(cursor, "wages.record_flag", table, ["edit"])


_LISTED = ("person_id", "unit_id", "wages")
