"""Loads of wage-record and establishment files: streamed, all or nothing, repeatable, replacing what they correct."""

from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from matching.core.edits.employer_sums import NOBODY, EmployerSums
from matching.core.load_files.establishment_layout import EstablishmentReader
from matching.core.load_files.rejects import LoadRefused
from matching.core.load_files.wage_layouts import WageRecordReader
from matching.loads.quality import keep_quality
from matching.loads.record_flags import RecordFlags
from matching.loads.record_load import RecordLoad
from matching.loads.register import (
    Done,
    FileHash,
    LoadResult,
    Progress,
    apply_rules,
    begin,
    file_sha256,
    finish,
    make_visible,
    open_load,
    same_file_visible,
    unchanged,
)
from matching.loads.unit_ranges import first_free
from matching.models import Kind, Load
from matching.segments import folder
from matching.segments.records import RecordsWriter
from matching.sql.copy_binary import CopyIn
from matching.sql.copy_csv import copy_csv

__all__ = ["LoadRefused", "LoadResult", "load_establishments", "load_wage_records"]

_ESTABLISHMENT_COLUMNS = (
    "uin", "run", "ein", "naics", "naics_vintage", "county", "ownership", "meei", "month1", "month1_flag", "month2",
    "month2_flag", "month3", "month3_flag", "total_wages", "taxable_wages", "contributions", "predecessor_uin",
    "predecessor_run", "successor_uin", "successor_run",
)  # fmt: skip


def _no_progress(_done: Done) -> None:
    """The progress of a caller who does not ask."""


@transaction.atomic
def load_wage_records(
    path: Path, *, progress: Progress = _no_progress, released_on: date | None = None, final: bool = False
) -> LoadResult:
    """Load one wage-record file (either layout, plain or gz) of one state and quarter and make it visible.

    ``progress`` is told how much of the file is done. An SSN that cannot exist in this world is loaded as an
    unmatchable person and counted. `released_on` is the quarter's official release date: until then only people on the
    pre-release list use or see it. `final`: no correction is expected any more, and one has to be `final` too. Raises
    LoadRefused, with nothing written, when the file cannot be loaded.
    """
    now = begin()
    size = path.stat().st_size
    same = same_file_visible(Kind.WAGE_RECORDS, path, size)
    if same is not None:
        return unchanged(same, now, final=final)
    watch = FileHash()
    reader = WageRecordReader(path, watch.update)
    with folder.scratch() as place, RecordLoad(place, now) as records, connection.cursor() as cursor:
        for rows in records.read(reader):
            progress(Done("read", rows, watch.bytes, size))
        load = open_load(Kind.WAGE_RECORDS, reader.state, reader.quarter, now, final=final)
        load.file_sha256, load.file_bytes, load.layout = watch.hexdigest(), size, reader.layout
        load.rows, load.unmatchable, load.total_wages = records.rows, records.unmatchable, records.total_wages
        flags = _keep_records(cursor, place, load, records, progress)
    concerned = make_visible(load, records.rejects, now, released_on)
    apply_rules(load.state, load.quarter)
    keep_quality(load, now, flags.tally)
    return finish(load, now, concerned)


def _keep_records(
    cursor: CursorWrapper, place: Path, load: Load, records: RecordLoad, progress: Progress
) -> RecordFlags:
    """Records into the load's own partition and its segment, sums, units and flags beside them."""
    records.add_persons(cursor)
    texts = records.units()
    sums, flags = EmployerSums(len(texts[0])), RecordFlags(texts[0], records.histogram)
    load.first_unit = first = first_free(len(texts[0]))
    load.last_unit = first + len(texts[0]) - 1
    load.save()
    cursor.execute("SELECT wages.make_partition(%s, %s, %s)", [load.pk, load.first_unit, load.last_unit])
    target = f"wages.wage_record_{load.pk} (person_id, unit_id, wages, hours, weeks)"
    with RecordsWriter(place, load) as segment:
        with CopyIn(cursor, target, options=", FREEZE", nulls=(3, 4)) as copy:
            for columns in records.ranges():
                sums.add(columns)
                flags.add(columns)
                columns["unit"] += first
                segment.add(columns)
                copy.write(list(columns.values()))
                progress(Done("kept", segment.rows, segment.rows, load.rows))
        segment.register()
    _keep_units(cursor, load, texts, sums)
    flags.keep(cursor, load)
    return flags


def _keep_units(cursor: CursorWrapper, load: Load, texts: list[npt.NDArray[np.bytes_]], sums: EmployerSums) -> None:
    columns = dict(zip(("uin", "run", "ein"), (pa.array(text).cast(pa.string()) for text in texts), strict=True))
    table = pa.table({
        "unit_id": np.arange(load.first_unit or 0, (load.last_unit or 0) + 1, dtype=np.int32), **columns,
        "persons": sums.persons, "jobs": sums.jobs, "wages": sums.wages, "largest_wages": sums.largest,
        "second_wages": pa.array(sums.second, mask=sums.second == NOBODY),
    })  # fmt: skip
    constants: dict[str, int | str] = {
        "load_id": load.pk, "state": load.state, "quarter": load.quarter, "place_source": "none", "naics": "999999",
        "naics_units": 0, "naics_vintage": "", "naics_source": "none", "rule_version": 1,
    }  # fmt: skip
    _copy_with(cursor, "wages.unit", table, constants)


@transaction.atomic
def load_establishments(
    path: Path,
    *,
    progress: Progress = _no_progress,
    quarter: int | None = None,
    released_on: date | None = None,
    final: bool = False,
) -> LoadResult:
    """Load one establishment (QCEW micro) file of one state and quarter and make it visible.

    ``quarter`` (YYYYQ) is needed only where neither the file's columns nor its name say it. Place and dominant NAICS
    of that quarter's wage records are worked out anew. Raises LoadRefused, with nothing written.
    """
    now = begin()
    size = path.stat().st_size
    same = same_file_visible(Kind.ESTABLISHMENTS, path, size, quarter)
    if same is not None:
        return unchanged(same, now, final=final)
    reader = EstablishmentReader(path, quarter)
    load: Load | None = None
    with connection.cursor() as cursor:
        for batch in reader:
            load = load or open_load(Kind.ESTABLISHMENTS, reader.state, reader.quarter, now, final=final)
            _copy_establishments(cursor, load, batch)
            progress(Done("read", load.rows, reader.bytes_read, size))
    if load is None or load.rows == 0:
        raise LoadRefused("No line of the file can be loaded; see the layout in the documentation.")
    load.file_sha256, load.file_bytes, load.layout = file_sha256(path), size, "csv"
    concerned = make_visible(load, reader.rejects, now, released_on)
    apply_rules(load.state, load.quarter)
    keep_quality(load, now)
    return finish(load, now, concerned)


def _copy_establishments(cursor: CursorWrapper, load: Load, batch: pa.RecordBatch) -> None:
    table = pa.Table.from_batches([batch])
    names = ["county" if name == "county_fips" else name for name in table.column_names]
    table = table.rename_columns(names).select(list(_ESTABLISHMENT_COLUMNS))
    _copy_with(cursor, "wages.establishment", table, {"load_id": load.pk, "state": load.state, "quarter": load.quarter})
    load.rows += table.num_rows
    load.total_wages += int(np.sum(table.column("total_wages").to_numpy()[_counted(table)]))


def _counted(table: pa.Table) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Establishments, not masters (MEEI 2)."""
    return np.asarray(np.array(table.column("meei").to_pylist()) != "2")


def _copy_with(cursor: CursorWrapper, target: str, table: pa.Table, constants: dict[str, int | str]) -> None:
    """Write a table of codes and numbers, and columns that are the same in every row."""
    for name, value in constants.items():
        table = table.append_column(name, pa.repeat(value, table.num_rows))
    copy_csv(cursor, target, table, [field.name for field in table.schema if pa.types.is_string(field.type)])
