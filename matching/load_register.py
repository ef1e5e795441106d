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
from matching.statements import statement
from requests_app.services import events

Progress = Callable[[int], None]
_ONE_LOAD_AT_A_TIME = 7263002
_HASH_BYTES = 1 << 20


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
    """One load at a time, without time limit and just-in-time compiling; gives the moment of the load."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL jit = off; SET LOCAL statement_timeout = 0; SET LOCAL work_mem = '256MB'")
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_LOAD_AT_A_TIME])
    return timezone.now()


def file_sha256(path: Path) -> str:
    """The hash that tells a corrected file from the same one."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while part := stream.read(_HASH_BYTES):
            digest.update(part)
    return digest.hexdigest()


def same_file_visible(kind: Kind, sha256: str, quarter: int | None = None) -> Load | None:
    """The visible load of exactly this file, if there is one."""
    loads = Load.objects.filter(kind=kind, status=Status.VISIBLE, file_sha256=sha256)
    return (loads.filter(quarter=quarter) if quarter else loads).first()


def open_load(kind: Kind, *, state: str, quarter: int, sha256: str, layout: str, now: datetime) -> Load:
    """The next version of this state, quarter and kind, still in loading."""
    last = Load.objects.filter(kind=kind, state=state, quarter=quarter).aggregate(last=Max("version"))["last"]
    return Load.objects.create(
        kind=kind, state=state, quarter=quarter, version=(last or 0) + 1, status=Status.LOADING, file_sha256=sha256,
        layout=layout, loaded_at=now,
    )  # fmt: skip


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
    """Dominant NAICS, place, and the kept sums of a state and quarter, from whichever files are visible."""
    visible = dict(Load.objects.filter(state=state, quarter=quarter, status=Status.VISIBLE).values_list("kind", "pk"))
    records = visible.get(Kind.WAGE_RECORDS)
    with connection.cursor() as cursor:
        cursor.execute("SELECT wages.analyze_quarter(%s)", [quarter])
    if records is None:
        return
    names = ["places_clear", "employer_quarter_places"]
    if Kind.ESTABLISHMENTS in visible:
        names[1:1] = ["dominant_naics", "places"]
    parameters = {
        "records": records, "establishments": visible.get(Kind.ESTABLISHMENTS), "state": state,
        "quarter_before": quarter_before(quarter),
    }  # fmt: skip
    run_over_whole_tables(names, parameters)


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
