"""Undoing a load, and dropping a version that is no longer in use: the two ways back from what was loaded."""

from datetime import datetime

from django.db import connection, transaction

from matching.core.load_files.rejects import LoadRefused
from matching.holdings.pins import resting_on
from matching.loads.quality import forget_flags, refresh_quality
from matching.loads.register import apply_rules, begin, subject_of
from matching.models import Establishment, Holding, Kind, Load, Segment, Status, Unit
from matching.segments import register
from matching.services.replaced_loads import mark_in_use, mark_replaced, record_replaced
from requests_app.services.event_log import events


@transaction.atomic
def undo_load(kind: Kind, state: str, quarter: int, *, final: bool = False) -> tuple[Load, Load | None, list[str]]:
    """The visible load is visible no longer, and the version before it is again, where there is one not dropped.

    Gives the load undone, the one visible now, and the numbers of requests whose results were made from the former. A
    final load is undone with `final` only. Raises LoadRefused, with nothing changed.
    """
    now = begin()
    load = Load.objects.filter(kind=kind, state=state, quarter=quarter, status=Status.VISIBLE).first()
    if load is None:
        raise LoadRefused(f"Nothing is visible of state {state}, quarter {quarter}, so nothing can be undone.")
    if load.final and not final:
        raise LoadRefused("What is loaded of this state and quarter is final; undo it with --final.")
    _set_status(load, Status.UNDONE, now)
    earlier = Load.objects.filter(kind=kind, state=state, quarter=quarter, status=Status.SUPERSEDED)
    before = earlier.filter(version__lt=load.version).order_by("-version").first()
    if before is not None:
        _set_status(before, Status.VISIBLE, None)
        mark_in_use([before.pk])
    concerned = mark_replaced([load.pk], now)
    apply_rules(state, quarter)
    refresh_quality(kind, state, quarter, now)
    in_use = {"in_use": before.version if before else None}
    events.record(f"{kind.value}.undo", actor=None, subject=subject_of(load), at=now, detail=in_use)
    record_replaced(concerned, f"{kind.value} {subject_of(load)}", now)
    return load, before, concerned


def _set_status(load: Load, status: Status, until: datetime | None) -> None:
    load.status, load.superseded_at = status, until
    load.save(update_fields=["status", "superseded_at"])
    Holding.objects.filter(load_id=load.pk).update(status=status)


def drop_load(kind: Kind, state: str, quarter: int, version: int, *, although_used: bool = False) -> Load:
    """The records of a version that is not in use are removed; that it was loaded, its counts and hashes stay.

    A version that a request's results rest on is dropped with `although_used` only: they stay as they are, but could
    not be made again. Raises LoadRefused, with nothing changed.
    """
    with transaction.atomic():
        now = begin()
        load = Load.objects.filter(kind=kind, state=state, quarter=quarter, version=version).first()
        if load is None:
            raise LoadRefused(f"There is no version {version} of state {state}, quarter {quarter}.")
        if load.status not in {Status.SUPERSEDED, Status.UNDONE}:
            raise LoadRefused(f"Version {version} is {load.get_status_display().lower()}; it cannot be dropped.")
        _refuse_used(load, although_used=although_used)
        _remove(load)
        _set_status(load, Status.DROPPED, load.superseded_at)
        events.record(f"{kind.value}.drop", actor=None, subject=subject_of(load), at=now)
    with transaction.atomic():
        register.one_load_at_a_time()
        register.sweep()
    return load


def _refuse_used(load: Load, *, although_used: bool) -> None:
    pins = resting_on(load.state, load.quarter, load.kind)
    numbers = sorted({pin.request_number for pin in pins if pin.load_id == load.pk})
    if numbers and not although_used:
        raise LoadRefused(
            f"Results of {', '.join(numbers)} rest on version {load.version} and could not be made again. "
            "Drop it with --although-used."
        )


def _remove(load: Load) -> None:
    forget_flags(load)
    Segment.objects.filter(load=load).delete()
    if load.kind == Kind.ESTABLISHMENTS:
        Establishment.objects.filter(load=load).delete()
        return
    Unit.objects.filter(load=load).delete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT wages.drop_partition(%s)", [load.pk])
