"""The register of loads: opens a version, makes it visible in place of the one before, and says so on the holdings.

Everything here runs inside the transaction of one load; a load that fails leaves nothing.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import Max
from django.utils import timezone

from matching.core.load_rejects import RejectReport
from matching.models import Holding, Kind, Load, Status
from matching.segments import register
from matching.segments.units import write_units
from matching.statements import statement
from requests_app.services import events

_HASH_BYTES = 1 << 20


@dataclass(frozen=True)
class Done:
    """How far a load is: rows so far, and how much of how much of this step (bytes while reading, rows after)."""

    step: str
    rows: int
    part: int
    whole: int


Progress = Callable[[Done], None]


@dataclass(frozen=True)
class LoadResult:
    """What a load did. ``unchanged``: the same file is visible already and nothing was written."""

    kind: str
    state: str
    quarter: int
    version: int
    rows: int
    rejected: int
    rejects: dict[str, int] = field(default_factory=dict)
    reject_lines: dict[str, list[int]] = field(default_factory=dict)
    unmatchable: int = 0
    total_wages: int = 0
    unchanged: bool = False


def begin() -> datetime:
    """One load at a time, without time limit and just-in-time compiling, and what a killed one left on disk goes; gives
    the moment of the load."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL jit = off; SET LOCAL statement_timeout = 0; SET LOCAL work_mem = '256MB'")
    register.one_load_at_a_time()
    register.sweep()
    return timezone.now()


class FileHash:
    """The hash that tells a corrected file from the same one, and the bytes it has seen."""

    def __init__(self) -> None:
        self.bytes = 0
        self._digest = hashlib.sha256()

    def update(self, part: bytes) -> None:
        """The next bytes of the file."""
        self.bytes += len(part)
        self._digest.update(part)

    def hexdigest(self) -> str:
        """SHA-256 of what was seen."""
        return self._digest.hexdigest()


def file_sha256(path: Path) -> str:
    """The hash of a whole file."""
    seen = FileHash()
    with path.open("rb") as stream:
        while part := stream.read(_HASH_BYTES):
            seen.update(part)
    return seen.hexdigest()


def same_file_visible(kind: Kind, path: Path, size: int, quarter: int | None = None) -> Load | None:
    """The visible load of exactly this file, if there is one; the file is read only if one has its size."""
    loads = Load.objects.filter(kind=kind, status=Status.VISIBLE, file_bytes=size)
    if quarter:
        loads = loads.filter(quarter=quarter)
    return loads.filter(file_sha256=file_sha256(path)).first() if loads.exists() else None


def open_load(kind: Kind, state: str, quarter: int, now: datetime) -> Load:
    """The next version of this state, quarter and kind, still in loading; `make_visible` or `save` writes it.

    Loads are numbered here and not by a sequence: one that failed leaves no gap.
    """
    last = Load.objects.filter(kind=kind, state=state, quarter=quarter).aggregate(last=Max("version"))["last"]
    number = (Load.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
    return Load.objects.create(
        pk=number,
        kind=kind,
        state=state,
        quarter=quarter,
        version=(last or 0) + 1,
        status=Status.LOADING,
        loaded_at=now,
    )


def make_visible(load: Load, rejects: RejectReport, now: datetime, released_on: date | None = None) -> None:
    """The load takes the place of the visible one, which is kept as superseded; holdings follow.

    Without `released_on` the official release date is the one that the load before it had.
    """
    load.rejected, load.rejects, load.reject_lines = rejects.total, rejects.counts, rejects.lines
    before = Load.objects.filter(kind=load.kind, state=load.state, quarter=load.quarter, status=Status.VISIBLE)
    held = Holding.objects.filter(load_id__in=list(before.values_list("pk", flat=True)))
    released_on = released_on or held.values_list("release_date", flat=True).first()
    held.update(status=Status.SUPERSEDED)
    before.update(status=Status.SUPERSEDED, superseded_at=now)
    load.status = Status.VISIBLE
    load.save()
    Holding.objects.create(
        load_id=load.pk, state=load.state, quarter=load.quarter, kind=load.kind, version=load.version,
        status=load.status, rows=load.rows, rejected=load.rejected, unmatchable=load.unmatchable, loaded_at=now,
        release_date=released_on,
    )  # fmt: skip


def apply_rules(state: str, quarter: int) -> None:
    """Dominant NAICS and place of a state's units in a quarter, from whichever files are visible; and their text."""
    visible = {load.kind: load for load in Load.objects.filter(state=state, quarter=quarter, status=Status.VISIBLE)}
    records, establishments = visible.get(Kind.WAGE_RECORDS), visible.get(Kind.ESTABLISHMENTS)
    if records is None:
        return
    run_over_whole_tables(["places_clear"], {"records": records.pk})
    if establishments is not None:
        parameters = {
            "records": records.pk, "establishments": establishments.pk, "state": state,
            "quarter_before": quarter_before(quarter),
        }  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute("SELECT wages.analyze_employers()")
        run_over_whole_tables(["dominant_naics", "places"], parameters)
    with connection.cursor() as cursor:
        write_units(cursor, records)


def run_over_whole_tables(names: list[str], parameters: dict[str, Any]) -> None:
    """Statements that touch every row of a load, without nested loops: the planner takes new rows and the steps inside
    a statement for a few, and a nested loop over them is quadratic."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
        for name in names:
            cursor.execute(statement(name), parameters)
        cursor.execute("SET LOCAL enable_nestloop = on")


def quarter_before(quarter: int) -> int:
    """20161 -> 20154."""
    return quarter - 7 if quarter % 10 == 1 else quarter - 1


def quarter_after(quarter: int) -> int:
    """20154 -> 20161."""
    return quarter + 7 if quarter % 10 == 4 else quarter + 1


def finish(load: Load, now: datetime) -> LoadResult:
    """Records the load, last because the event holds the chain's lock to the commit; gives its result."""
    events.record(
        f"{load.kind}.load", actor=None, subject=f"{load.state} {load.quarter} version {load.version}", at=now,
        detail={
            "sha256": load.file_sha256, "rows": load.rows, "rejects": load.rejects, "unmatchable": load.unmatchable,
        },
    )  # fmt: skip
    return result_of(load)


def result_of(load: Load, *, unchanged: bool = False) -> LoadResult:
    """The result a caller sees."""
    return LoadResult(
        load.kind, load.state, load.quarter, load.version, load.rows, load.rejected, dict(load.rejects),
        dict(load.reject_lines), load.unmatchable, load.total_wages, unchanged,
    )  # fmt: skip
