"""How good a load is, written in the load's own transaction: one row that pages may show, and flagged accounts.

What compares a load with others (the quarter and the year before, establishments, published QCEW) is worked out again
whenever one of them changes, so it never depends on the order in which files came.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count

from matching.core.edits import accounts as account_edits
from matching.core.edits import fences
from matching.core.edits.records import MOST_EMPLOYERS, RecordTally
from matching.loads.register import quarter_after, quarter_before, run_over_whole_tables
from matching.models import AccountFlag, Kind, Load, LoadQuality, PublishedComparison, RecordFlag, Status
from matching.sql.statements import statement

YEAR = 10
_PLACES = ("unit", "single", "dominant", "several", "none")
RULES: dict[str, Any] = {
    "outliers": "Hoaglin, Iglewicz and Tukey 1986",
    "multiplier": fences.MULTIPLIER,
    "scale": fences.SCALE,
    "most_employers": MOST_EMPLOYERS,
    "apart_share": account_edits.APART_SHARE,
    "apart_dollars": account_edits.APART_DOLLARS,
    "apart_jobs": account_edits.APART_JOBS,
    "jump_times": account_edits.JUMP_TIMES,
    "jump_persons": account_edits.JUMP_PERSONS,
}


@dataclass(frozen=True)
class Neighbours:
    """The visible loads that one load is compared with; None where there is none."""

    before: Load | None
    year_before: Load | None
    establishments: Load | None


def keep_quality(load: Load, now: datetime, tally: RecordTally | None = None) -> None:
    """The row of a load that has just become visible, and everything that changes with it.

    ``tally``: of wage records, what the edits counted. Within the load's transaction, after places and NAICS.
    """
    counts = asdict(tally) if tally else {"edits": {}}
    LoadQuality.objects.create(
        load_id=load.pk, state=load.state, quarter=load.quarter, kind=load.kind, version=load.version, rows=load.rows,
        rejected=load.rejected, rejects=load.rejects, reject_lines=load.reject_lines, total_wages=load.total_wages,
        accounts=0, units=0, rules=RULES, computed_at=now, **counts,
    )  # fmt: skip
    refresh_quality(load.kind, load.state, load.quarter, now)


def refresh_quality(kind: str, state: str, quarter: int, now: datetime) -> None:
    """Works out anew what follows from the visible load of a kind, state and quarter: its own and its successors'. Wage
    records follow from establishments as well, but nothing of establishments from wage records."""
    later = [quarter, quarter_after(quarter), quarter + YEAR]
    kinds = [Kind.WAGE_RECORDS] if kind == Kind.WAGE_RECORDS else list(Kind)
    loads = Load.objects.filter(kind__in=kinds, state=state, quarter__in=later, status=Status.VISIBLE)
    for load in loads.order_by("quarter", "kind"):
        _compare(load, now)


def forget_flags(load: Load) -> None:
    """The flagged records and accounts of a load that is dropped; its counts stay."""
    RecordFlag.objects.filter(load_id=load.pk).delete()
    AccountFlag.objects.filter(load_id=load.pk).delete()


def compare_with_published(states_and_quarters: Iterable[tuple[str, int]]) -> None:
    """The totals of visible loads beside published QCEW, after published files were loaded."""
    for state, quarter in states_and_quarters:
        for load in Load.objects.filter(state=state, quarter=quarter, status=Status.VISIBLE):
            _compare_with_published(load)


def _compare(load: Load, now: datetime) -> None:
    quality = LoadQuality.objects.filter(pk=load.pk).first()
    if quality is None:  # loaded before there were edits
        return
    neighbours = _neighbours(load)
    _flag_accounts(load, neighbours)
    _compare_with_published(load)
    for name, value in _counts(load).items():
        setattr(quality, name, value)
    flagged = AccountFlag.objects.filter(load_id=load.pk).values("edit").annotate(flags=Count("edit"))
    by_edit = {row["edit"]: row["flags"] for row in flagged}
    quality.account_edits = {edit: n for edit, n in by_edit.items() if edit not in account_edits.OF_UNITS}
    if load.kind == Kind.ESTABLISHMENTS:
        quality.edits = {edit: by_edit.get(edit, 0) for edit in sorted(account_edits.OF_UNITS)}
    for field, other in (("quarter_before", neighbours.before), ("year_before", neighbours.year_before)):
        setattr(quality, f"rows_{field}", other.rows if other else None)
        setattr(quality, f"wages_{field}", other.total_wages if other else None)
    quality.computed_at = now
    quality.save()


def _neighbours(load: Load) -> Neighbours:
    visible = Load.objects.filter(state=load.state, status=Status.VISIBLE)
    same_kind = visible.filter(kind=load.kind)
    return Neighbours(
        before=same_kind.filter(quarter=quarter_before(load.quarter)).first(),
        year_before=same_kind.filter(quarter=load.quarter - YEAR).first(),
        establishments=visible.filter(kind=Kind.ESTABLISHMENTS, quarter=load.quarter).first(),
    )


def _flag_accounts(load: Load, neighbours: Neighbours) -> None:
    AccountFlag.objects.filter(load_id=load.pk).delete()
    before, establishments = neighbours.before, neighbours.establishments
    if before is None and establishments is None:  # wage records alone have nothing to be compared with
        return
    parameters = RULES | {
        "load": load.pk, "before": before.pk if before else None, "fewest": fences.FEWEST,
        "establishments": establishments.pk if establishments else None,
    }  # fmt: skip
    run_over_whole_tables([f"account_flags_{load.kind}"], parameters)


def _counts(load: Load) -> dict[str, Any]:
    """What follows from the load's units or establishments."""
    with connection.cursor() as cursor:
        cursor.execute(statement(f"load_quality_{load.kind}"), {"load": load.pk})
        names = [column.name for column in cursor.description or ()]
        counts: dict[str, Any] = {name: int(value) for name, value in zip(names, cursor.fetchone() or (), strict=True)}
    if load.kind == Kind.WAGE_RECORDS:
        counts = {"places": {name: counts.pop(name) for name in _PLACES}, **counts}
    return counts


def _compare_with_published(load: Load) -> None:
    PublishedComparison.objects.filter(load_id=load.pk).delete()
    parameters: dict[str, Any] = {"load": load.pk, "kind": load.kind, "state": load.state, "quarter": load.quarter}
    with connection.cursor() as cursor:
        cursor.execute(statement("published_comparison"), parameters)
