"""Published QCEW in PostgreSQL: files loaded as printed, repeatable, a later file replacing what it speaks of again."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.csv as pa_csv
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Q

from matching.core.qcew.file import QcewFile
from matching.core.qcew.layout import CODES, QUARTERLY, Layout, QcewError
from matching.core.qcew.published import CELL_TYPES, as_published
from matching.core.qcew.scope import Scope, scope_of
from matching.loads.quality import compare_with_published
from matching.loads.register import begin
from matching.models import PublishedFile, PublishedQuarter
from matching.sql.copy_binary import read_text
from matching.sql.copy_csv import copy_csv
from matching.sql.statements import statement
from requests_app.services.event_log import events

Progress = Callable[[int, int], None]
_TABLES = {"quarterly": "published_quarter", "annual": "published_year"}
_PASSES = 2  # over the codes, then over everything


@dataclass(frozen=True)
class PublishedResult:
    """What loading one file did. `replaced`: rows of earlier files that are no longer in force."""

    name: str
    frequency: str
    scope: str
    periods: tuple[str, ...]
    areas: tuple[str, ...]
    rows: int
    replaced: int
    unchanged: bool = False


def files_below(places: Iterable[Path]) -> list[Path]:
    """Files as named, and every CSV file (plain or gz) below folders, by name. Raises QcewError for an empty folder."""
    found: list[Path] = []
    for place in places:
        below = sorted([*place.rglob("*.csv"), *place.rglob("*.csv.gz")]) if place.is_dir() else [place]
        if not below:
            raise QcewError(f"{place.name}: no CSV file is in this folder.")
        found += below
    return found


def load_published(path: Path, progress: Progress) -> PublishedResult:
    """Load one file; `progress` gets bytes read and to read. Raises QcewError or OSError, with nothing written."""
    try:
        with transaction.atomic():
            return _load(path, progress)
    except psycopg.errors.UniqueViolation:
        raise QcewError(f"{path.name}: two rows are of the same cell and period. Nothing was loaded.") from None


def _load(path: Path, progress: Progress) -> PublishedResult:
    now, sha256 = begin(), _sha256(path)
    file = QcewFile(path)
    scope = scope_of(file, lambda done: progress(done, _PASSES * file.size))
    in_force = PublishedFile.objects.filter(sha256=sha256, rows_in_force=scope.rows).first()
    if in_force is not None:
        return _result(file, scope, replaced=0, unchanged=True)
    row = PublishedFile.objects.create(
        name=path.name[:255], sha256=sha256, scope=scope.kind, frequency=file.layout.frequency, rows=scope.rows,
        rows_in_force=scope.rows, loaded_at=now,
    )  # fmt: skip
    with connection.cursor() as cursor:
        replaced = _replace(cursor, file.layout, scope)
        for batch in file.batches():
            _copy(cursor, file.layout, batch, row.pk)
            progress(file.size + file.position, _PASSES * file.size)
    result = _result(file, scope, replaced=replaced)
    compare_with_published(states_and_quarters([result]))
    _record(row, scope, replaced, now)
    return result


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _replace(cursor: CursorWrapper, layout: Layout, scope: Scope) -> int:
    """Takes out what the file speaks of; gives the number of rows."""
    query = statement("published_replace").replace("{table}", _TABLES[layout.frequency])
    parameters: dict[str, Any] = {
        "years": sorted({int(period[:4]) for period in scope.periods}), "periods": list(scope.periods),
        "sizes": list(scope.sizes), "areas": scope.replaced_areas, "industries": scope.replaced_industries,
    }  # fmt: skip
    cursor.execute(query, parameters)
    return sum(rows for (rows,) in cursor.fetchall())


def _copy(cursor: CursorWrapper, layout: Layout, batch: pa.RecordBatch, file_id: int) -> None:
    table = pa.Table.from_batches([batch]).append_column("file_id", pa.repeat(file_id, batch.num_rows))
    copy_csv(cursor, f"summaries.{_TABLES[layout.frequency]}", table, CODES)


def _record(row: PublishedFile, scope: Scope, replaced: int, now: datetime) -> None:
    """Notes the file in the log of events, last because the event holds the chain's lock to the commit."""
    events.record(
        "published_qcew.load", actor=None, subject=f"{row.frequency} {row.scope}"[:80], at=now,
        detail={
            "sha256": row.sha256, "rows": row.rows, "replaced": replaced, "periods": list(scope.periods),
            "areas": len(scope.areas), "industries": len(scope.industries),
        },
    )  # fmt: skip


def _result(file: QcewFile, scope: Scope, *, replaced: int, unchanged: bool = False) -> PublishedResult:
    return PublishedResult(
        file.path.name, file.layout.frequency, scope.kind, scope.periods, scope.areas, scope.rows, replaced, unchanged
    )


def published_cells(state: str, quarter: int) -> pa.Table:
    """The quarterly cells in force of a state (columns of `qcew.read_quarterly`; null: withheld), sizes together."""
    parameters = {"state": state, "year": quarter // 10, "qtr": str(quarter % 10)}
    with connection.cursor() as cursor:
        data = read_text(cursor, statement("published_cells"), parameters, list(CELL_TYPES))
    if not data:
        raise QcewError(f"No published QCEW of state {state} in {quarter // 10} quarter {quarter % 10} is loaded.")
    printed = pa_csv.read_csv(
        pa.py_buffer(data),
        read_options=pa_csv.ReadOptions(column_names=list(CELL_TYPES)),
        convert_options=pa_csv.ConvertOptions(column_types=CELL_TYPES, strings_can_be_null=False),
    )
    return as_published(printed)


def files_in_force(states: Iterable[str], quarters: Sequence[int]) -> list[str]:
    """The SHA-256 of every file that has a cell in force of these states and quarters (YYYYQ), sorted."""
    periods = Q()
    for quarter in quarters:
        periods |= Q(year=quarter // 10, qtr=str(quarter % 10))
    areas = Q()
    for state in states:
        areas |= Q(area_fips__range=(f"{state}000", f"{state}999"))
    cells = (
        PublishedQuarter.objects.filter(periods, areas, size_code="0") if quarters else PublishedQuarter.objects.none()
    )
    found = PublishedFile.objects.filter(pk__in=cells.order_by().values("file_id"))
    return sorted(found.values_list("sha256", flat=True))


def states_and_quarters(results: Sequence[PublishedResult]) -> list[tuple[str, int]]:
    """The states and quarters whose statewide cells are in the files just loaded."""
    return sorted(
        {
            (area[:2], int(period))
            for result in results
            if result.frequency == QUARTERLY.frequency
            for area in result.areas
            if area.endswith("000") and area.isdigit()
            for period in result.periods
        }
    )
