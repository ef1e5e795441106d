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

from matching.core.load_files.rejects import LoadRefused, RejectReport
from matching.models import Holding, Kind, Load, Status
from matching.segments import register
from matching.segments.units import write_units
from matching.services.replaced_loads import mark_replaced, record_replaced
from matching.sql.statements import statement
from requests_app.services.event_log import events

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
    """What a load did. ``unchanged``: the same file is visible already and nothing was written. ``concerned``: numbers
    of requests whose results were made from the version that this load replaced."""

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
    final: bool = False
    concerned: list[str] = field(default_factory=list)


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


def open_load(kind: Kind, state: str, quarter: int, now: datetime, *, final: bool = False) -> Load:
    """The next version of this state, quarter and kind, still in loading; `make_visible` or `save` writes it.

    Loads are numbered here and not by a sequence: one that failed leaves no gap. Raises LoadRefused where the visible
    one is final and this one is not.
    """
    held = Load.objects.filter(kind=kind, state=state, quarter=quarter, status=Status.VISIBLE, final=True)
    if held.exists() and not final:
        raise LoadRefused("What is loaded of this state and quarter is final. A correction of it is loaded as --final.")
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
        final=final,
    )


def make_visible(load: Load, rejects: RejectReport, now: datetime, released_on: date | None = None) -> list[str]:
    """The load takes the place of the visible one, which is kept as superseded; holdings and pins follow.

    Without `released_on` the official release date is the one that the load before it had. Gives the numbers of the
    requests made from the one before.
    """
    load.rejected, load.rejects, load.reject_lines = rejects.total, rejects.counts, rejects.lines
    before = Load.objects.filter(kind=load.kind, state=load.state, quarter=load.quarter, status=Status.VISIBLE)
    replaced = list(before.values_list("pk", flat=True))
    held = Holding.objects.filter(load_id__in=replaced)
    released_on = released_on or held.values_list("release_date", flat=True).first()
    held.update(status=Status.SUPERSEDED)
    before.update(status=Status.SUPERSEDED, superseded_at=now)
    load.status = Status.VISIBLE
    load.save()
    Holding.objects.create(
        load_id=load.pk, state=load.state, quarter=load.quarter, kind=load.kind, version=load.version,
        status=load.status, rows=load.rows, rejected=load.rejected, unmatchable=load.unmatchable, loaded_at=now,
        release_date=released_on, final=load.final,
    )  # fmt: skip
    return mark_replaced(replaced, now)


def apply_rules(state: str, quarter: int) -> None:
    """Dominant NAICS and place of a state's units in a quarter, from whichever files are visible; and their text.

    An account's answer of the quarter before decides its ties, so a change moves on as long as it changes the next one.
    """
    records, establishments = _visible(state, quarter)
    with connection.cursor() as cursor:
        # statements over what was just loaded, here and of the quality, are quadratic without
        cursor.execute("SELECT wages.analyze_employers()")
        if records is not None:
            _apply_rules(records, establishments)
            write_units(cursor, records)
    later = quarter_after(quarter)
    while _follows(state, later):
        later = quarter_after(later)


def _follows(state: str, quarter: int) -> bool:
    """The rules applied to a quarter that nothing was loaded of; whether that changed anything."""
    records, establishments = _visible(state, quarter)
    if records is None or not _apply_rules(records, establishments):
        return False
    with connection.cursor() as cursor:
        write_units(cursor, records)
    return True


def _apply_rules(records: Load, establishments: Load | None) -> int:
    """Gives the number of units whose answer changed."""
    parameters = {
        "records": records.pk, "establishments": establishments.pk if establishments else None,
        "state": records.state, "quarter_before": quarter_before(records.quarter),
    }  # fmt: skip
    return run_over_whole_tables(["unit_rules"], parameters)


def _visible(state: str, quarter: int) -> tuple[Load | None, Load | None]:
    """The visible wage records and establishments of a state and quarter."""
    visible = {load.kind: load for load in Load.objects.filter(state=state, quarter=quarter, status=Status.VISIBLE)}
    return visible.get(Kind.WAGE_RECORDS), visible.get(Kind.ESTABLISHMENTS)


def run_over_whole_tables(names: list[str], parameters: dict[str, Any]) -> int:
    """Statements that touch every row of a load, without nested loops: the planner takes new rows and the steps inside
    a statement for a few, and a nested loop over them is quadratic. Gives the number of rows the last one changed."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
        for name in names:
            cursor.execute(statement(name), parameters)
        changed: int = cursor.rowcount
        cursor.execute("SET LOCAL enable_nestloop = on")
    return changed


def quarter_before(quarter: int) -> int:
    """20161 -> 20154."""
    return quarter - 7 if quarter % 10 == 1 else quarter - 1


def quarter_after(quarter: int) -> int:
    """20154 -> 20161."""
    return quarter + 7 if quarter % 10 == 4 else quarter + 1


def unchanged(load: Load, now: datetime, *, final: bool) -> LoadResult:
    """The result of loading again what is visible. With `final` it is that from now on, which is an event."""
    if final and not load.final:
        load.final = True
        load.save(update_fields=["final"])
        Holding.objects.filter(load_id=load.pk).update(final=True)
        events.record(f"{load.kind}.final", actor=None, subject=subject_of(load), at=now)
    return result_of(load, unchanged=True)


def finish(load: Load, now: datetime, concerned: list[str]) -> LoadResult:
    """Records the load and the requests it concerns, last because an event holds the chain's lock to the commit."""
    events.record(
        f"{load.kind}.load", actor=None, subject=subject_of(load), at=now,
        detail={
            "sha256": load.file_sha256, "rows": load.rows, "rejects": load.rejects, "unmatchable": load.unmatchable,
            "final": load.final,
        },
    )  # fmt: skip
    record_replaced(concerned, f"{load.kind} {subject_of(load)}", now)
    return result_of(load, concerned=concerned)


def subject_of(load: Load) -> str:
    """How events name a load of its kind."""
    return f"{load.state} {load.quarter} version {load.version}"


def result_of(load: Load, *, unchanged: bool = False, concerned: list[str] | None = None) -> LoadResult:
    """The result a caller sees."""
    return LoadResult(
        load.kind, load.state, load.quarter, load.version, load.rows, load.rejected, dict(load.rejects),
        dict(load.reject_lines), load.unmatchable, load.total_wages, unchanged, load.final, concerned or [],
    )  # fmt: skip
