"""Loads as pages see them, written as the loader writes them: a holding and its quality row."""

from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from matching.models import Holding, Kind, LoadQuality, Status

FIRST = 500


def hold(
    state: str = "44", quarter: int = 20161, kind: Kind = Kind.WAGE_RECORDS, *, version: int = 1,
    status: Status = Status.VISIBLE, final: bool = False, release: date | None = None, loaded: datetime | None = None,
    **found: Any,
) -> Holding:  # fmt: skip
    """One load with its quality row; `found` is said of the row, e.g. `edits`; `quality=False`: without one."""
    load_id = FIRST + Holding.objects.count()
    rows = found.pop("rows", 100_000)
    with_quality = found.pop("quality", True)
    cell = {"state": state, "quarter": quarter, "kind": kind, "version": version}
    holding = Holding.objects.create(
        load_id=load_id, status=status, rows=rows, rejected=found.get("rejected", 0),
        unmatchable=found.get("unmatchable", 0), loaded_at=loaded or timezone.now(), release_date=release, final=final,
        **cell,
    )  # fmt: skip
    if with_quality:
        is_records = kind == Kind.WAGE_RECORDS
        usual = {
            "rejected": 0, "accounts": 4_000, "units": 5_000, "total_wages": 900_000_000, "computed_at": timezone.now(),
            "persons": 80_000 if is_records else None, "employment": None if is_records else 88_000,
            "missing_hours": 25_000 if is_records else None, "missing_weeks": 0 if is_records else None,
            "without_unit": 60_000 if is_records else None, "without_ein": 0 if is_records else None,
            "imputed_months": None if is_records else 600,
        }  # fmt: skip
        LoadQuality.objects.create(load_id=load_id, rows=rows, **cell, **{**usual, **found})
    return holding


def in_days(days: int) -> date:
    """A day from today."""
    return timezone.localdate() + timedelta(days=days)
