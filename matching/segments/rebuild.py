"""All segments once more from PostgreSQL: after a lost or damaged folder, or to see that they are as they should be."""

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from matching.core.micro.record_order import ROW
from matching.models import Kind, Load, Segment, Status
from matching.segments import folder
from matching.segments.record_ranges import RecordRanges
from matching.segments.records import RecordsWriter
from matching.segments.register import one_load_at_a_time, sweep
from matching.segments.units import write_units
from matching.segments.vault import remake_vault
from matching.sql.copy_binary import read_numbers
from matching.vault.keys import live_version

_PAGES_AT_ONCE = 4096
_TYPES = {"person_id": "i4", "unit_id": "i4", "wages": "i4", "hours": "i2", "weeks": "i2"}
_QUERY = """
SELECT person_id, unit_id, wages, coalesce(hours, -1::smallint) AS hours, coalesce(weeks, -1::smallint) AS weeks
FROM wages.wage_record_{load} WHERE ctid >= '({first},0)' AND ctid < '({stop},0)'
"""
Told = Callable[[str], None]


def rebuild(told: Told) -> list[str]:
    """Makes every segment anew, in one transaction; gives the names of those that are not what they were.

    ``told`` hears what is being made. Meanwhile nothing is loaded; matches go on with the files there are.
    """
    with transaction.atomic():
        one_load_at_a_time()
        before = set(Segment.objects.values_list("name", flat=True))
        _rebuild_all(told)
        after = set(Segment.objects.values_list("name", flat=True))
    with transaction.atomic():
        one_load_at_a_time()
        sweep()
    return sorted(before ^ after)


def _rebuild_all(told: Told) -> None:
    loads = Load.objects.filter(kind=Kind.WAGE_RECORDS).exclude(status__in=[Status.LOADING, Status.DROPPED])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL jit = off")
        for load in loads.order_by("pk"):
            told(f"state {load.state}, quarter {load.quarter}, version {load.version}: {load.rows:,} records")
            _rebuild_records(cursor, load)
            write_units(cursor, load)
        version = live_version()
        if version is not None:
            told("the person vault")
            remake_vault(cursor, version.version)


def _rebuild_records(cursor: CursorWrapper, load: Load) -> None:
    first = load.first_unit or 0
    units = np.arange((load.last_unit or 0) - first + 1, dtype=np.int32)
    cursor.execute("SELECT coalesce(max(last_person), 0) FROM wages.segment")
    persons = int(cursor.fetchone()[0])
    with folder.scratch() as place, RecordRanges(place, persons) as ranges, RecordsWriter(place, load) as writer:
        for rows in _read(cursor, load):
            rows["unit"] -= first
            ranges.add(rows)
        for columns in ranges.in_order(units):
            columns["unit"] += first
            writer.add(columns)
        writer.register()


def _read(cursor: CursorWrapper, load: Load) -> Iterator[npt.NDArray[np.void]]:
    """The partition's rows, some pages at a time."""
    cursor.execute("SELECT pg_relation_size(%s::regclass) / current_setting('block_size')::int", [
        f"wages.wage_record_{load.pk}"
    ])  # fmt: skip
    pages = int(cursor.fetchone()[0])
    for first in range(0, pages, _PAGES_AT_ONCE):
        query = _QUERY.format(load=load.pk, first=first, stop=first + _PAGES_AT_ONCE)
        columns = read_numbers(cursor, query, {}, _TYPES)
        rows = np.empty(len(columns[0]), ROW)
        for name, column in zip(ROW.names or (), columns, strict=True):
            rows[name] = column
        yield rows
