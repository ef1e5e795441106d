"""Loads of wage-record and establishment files: streamed, all or nothing, repeatable, replacing what they correct."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Max

from matching.copy_binary import Column, copy_in
from matching.core.establishment_layout import EstablishmentReader
from matching.core.load_rejects import LoadRefused
from matching.core.wage_layouts import WageRecordReader
from matching.load_register import (
    LoadResult,
    Progress,
    apply_rules,
    begin,
    file_sha256,
    finish,
    make_visible,
    open_load,
    result_of,
    run_over_whole_tables,
    same_file_visible,
)
from matching.models import Kind, Load, Unit
from matching.person_vault import UNMATCHABLE, VaultWriter
from matching.unit_numbers import UnitNumbers

__all__ = ["LoadRefused", "LoadResult", "load_establishments", "load_wage_records"]

_STAGE = """
DROP TABLE IF EXISTS pg_temp.stage_record, pg_temp.stage_unit;
CREATE TEMP TABLE stage_record (person_id integer, unit_no integer, wages integer, hours smallint, weeks smallint)
    ON COMMIT DROP;
CREATE TEMP TABLE stage_unit (unit_no integer, unit_id integer) ON COMMIT DROP;
"""
_ESTABLISHMENT_COLUMNS = (
    "uin", "run", "ein", "naics", "naics_vintage", "county", "ownership", "meei", "month1", "month1_flag", "month2",
    "month2_flag", "month3", "month3_flag", "total_wages", "taxable_wages", "contributions", "predecessor_uin",
    "predecessor_run", "successor_uin", "successor_run",
)  # fmt: skip


def _no_progress(_rows: int) -> None:
    """The progress of a caller who does not ask."""


@transaction.atomic
def load_wage_records(path: Path, *, progress: Progress = _no_progress, released_on: date | None = None) -> LoadResult:
    """Load one wage-record file (either layout, plain or gz) of one state and quarter and make it visible.

    ``progress`` is called with the number of rows staged so far. An SSN that cannot exist in this world is loaded as
    an unmatchable person and counted. `released_on` is the quarter's official release date: until then only people on
    the pre-release list use or see it. Raises LoadRefused, with nothing written, when the file cannot be loaded.
    """
    now = begin()
    sha256 = file_sha256(path)
    same = same_file_visible(Kind.WAGE_RECORDS, sha256)
    if same is not None:
        return result_of(same, unchanged=True)
    reader = WageRecordReader(path)
    with connection.cursor() as cursor:
        stage = _RecordStage(cursor, now)
        for batch_rows in stage.fill(reader):
            progress(batch_rows)
        load = open_load(
            Kind.WAGE_RECORDS, state=reader.state, quarter=reader.quarter, sha256=sha256, layout=reader.layout, now=now
        )
        stage.keep(load)
    make_visible(load, reader.rejects, now, released_on)
    apply_rules(load.state, load.quarter)
    return finish(load, now)


class _RecordStage:
    """Records of a load in a temporary table, by person and provisional unit, until all units are known."""

    def __init__(self, cursor: CursorWrapper, now: datetime) -> None:
        self._cursor = cursor
        self._vault = VaultWriter(cursor, now)
        self._units = UnitNumbers()
        self._rows = self._unmatchable = self._wages = 0
        cursor.execute(_STAGE)

    def fill(self, reader: WageRecordReader) -> Iterator[int]:
        """Stage every batch; yields the number of rows so far."""
        for batch in reader:
            persons = self._vault.person_ids(batch.ssn)
            columns: list[Column] = [persons, self._units.number(batch), batch.wages, batch.hours, batch.weeks]
            copy_in(self._cursor, "stage_record (person_id, unit_no, wages, hours, weeks)", columns)
            self._rows += len(batch)
            self._unmatchable += int(np.count_nonzero(persons == UNMATCHABLE))
            self._wages += int(batch.wages.sum(dtype=np.int64))
            yield self._rows
        if self._rows == 0:
            raise LoadRefused("No line of the file can be loaded; see the layout in the documentation.")

    def keep(self, load: Load) -> None:
        """Units get their final numbers, records go to their quarter sorted by person, sums per employer are kept."""
        load.rows, load.unmatchable, load.total_wages = self._rows, self._unmatchable, self._wages
        self._keep_units(load)
        parameters = {"load": load.pk, "records": load.pk, "quarter": load.quarter}
        self._cursor.execute("SELECT wages.make_quarter(%s)", [load.quarter])
        self._cursor.execute("ANALYZE stage_record, stage_unit")
        run_over_whole_tables(["records_keep", "employer_quarter_add"], parameters)

    def _keep_units(self, load: Load) -> None:
        first = (Unit.objects.aggregate(last=Max("unit_id"))["last"] or 0) + 1
        keys, numbers = self._units.in_order()
        ids = np.arange(first, first + len(keys), dtype=np.int32)
        copy_in(self._cursor, "stage_unit (unit_no, unit_id)", [numbers, ids])
        uin, run, ein = zip(*keys, strict=True)
        table = pa.table({"unit_id": ids, "uin": uin, "run": run, "ein": ein})
        constants: dict[str, int | str] = {
            "load_id": load.pk, "state": load.state, "quarter": load.quarter, "place_source": "none",
            "naics": "999999", "naics_units": 0, "naics_vintage": "", "naics_source": "none", "rule_version": 1,
        }  # fmt: skip
        _copy_csv(self._cursor, "wages.unit", table, constants)


@transaction.atomic
def load_establishments(
    path: Path, *, progress: Progress = _no_progress, quarter: int | None = None, released_on: date | None = None
) -> LoadResult:
    """Load one establishment (QCEW micro) file of one state and quarter and make it visible.

    ``quarter`` (YYYYQ) is needed only where neither the file's columns nor its name say it. Place and dominant NAICS
    of that quarter's wage records are worked out anew. Raises LoadRefused, with nothing written.
    """
    now = begin()
    sha256 = file_sha256(path)
    same = same_file_visible(Kind.ESTABLISHMENTS, sha256, quarter)
    if same is not None:
        return result_of(same, unchanged=True)
    reader = EstablishmentReader(path, quarter)
    load: Load | None = None
    with connection.cursor() as cursor:
        for batch in reader:
            load = load or open_load(
                Kind.ESTABLISHMENTS, state=reader.state, quarter=reader.quarter, sha256=sha256, layout="csv", now=now
            )
            _copy_establishments(cursor, load, batch)
            progress(load.rows)
    if load is None or load.rows == 0:
        raise LoadRefused("No line of the file can be loaded; see the layout in the documentation.")
    make_visible(load, reader.rejects, now, released_on)
    apply_rules(load.state, load.quarter)
    return finish(load, now)


def _copy_establishments(cursor: CursorWrapper, load: Load, batch: pa.RecordBatch) -> None:
    table = pa.Table.from_batches([batch])
    names = ["county" if name == "county_fips" else name for name in table.column_names]
    table = table.rename_columns(names).select(list(_ESTABLISHMENT_COLUMNS))
    _copy_csv(cursor, "wages.establishment", table, {"load_id": load.pk, "state": load.state, "quarter": load.quarter})
    load.rows += table.num_rows
    load.total_wages += int(np.sum(table.column("total_wages").to_numpy()[_counted(table)]))


def _counted(table: pa.Table) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Establishments, not masters (MEEI 2)."""
    return np.asarray(np.array(table.column("meei").to_pylist()) != "2")


def _copy_csv(cursor: CursorWrapper, target: str, table: pa.Table, constants: dict[str, int | str]) -> None:
    """Write a table of codes and numbers, and columns that are the same in every row, by COPY."""
    for name, value in constants.items():
        table = table.append_column(name, pa.repeat(value, table.num_rows))
    sink = pa.BufferOutputStream()
    pa_csv.write_csv(table, sink, pa_csv.WriteOptions(include_header=False, quoting_style="needed"))
    names = ", ".join(table.column_names)
    texts = ", ".join(f.name for f in table.schema if pa.types.is_string(f.type))
    with cursor.copy(f"COPY {target} ({names}) FROM STDIN (FORMAT csv, FORCE_NOT_NULL ({texts}))") as copy:
        copy.write(sink.getvalue().to_pybytes())
