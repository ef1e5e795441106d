"""Suspends requests and lifts suspensions. Each has a cause of its own; a request goes on when none is open."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from requests_app import policies
from requests_app.models import DataRequest, Mou, Person, Suspension
from requests_app.models.notices import NoticeKind
from requests_app.services.event_log import events
from requests_app.services.life import notices
from requests_app.services.life.workflow import Conflict, record_refusal
from requests_app.standing import in_force
from requests_app.states import ENDED, Role

Cause = Suspension.Cause
TOLD = (Role.COORDINATOR, Role.PROGRAM_ANALYST, Role.APPROVING_OFFICIAL)


@transaction.atomic
def suspend(
    request: DataRequest, cause: Suspension.Cause, reason: str, *, actor: Person | None, now: datetime, **because: Any
) -> Suspension:
    """Stops everything about the request but reading, reporting an incident and destruction.

    `because` names what set it: `incident` or `agreement`.
    """
    locked = DataRequest.objects.select_for_update().get(pk=request.pk)
    suspension = Suspension.objects.create(
        request=locked, cause=cause, reason=reason, suspended_at=now, suspended_by=actor, **because
    )
    _set_flag(locked)
    notices.tell_about(locked, f"{locked.number} is suspended: {reason}", TOLD, now, kind=NoticeKind.ALERT)
    events.record(
        "request.suspend", actor=actor, request_number=locked.number, detail={"cause": cause, "reason": reason}, at=now
    )
    return suspension


def lift(suspension: Suspension, *, actor: Person, why: str) -> None:
    """BLS lifts one suspension, with a reason. Raises `Conflict` where somebody else has."""
    try:
        policies.check_lift_suspension(actor, suspension)
        if not why.strip():
            raise policies.Denied("Say why the request may go on.")
    except policies.Denied as denied:
        record_refusal("request.lift_suspension", suspension.request, actor, denied)
        raise
    _lift(suspension, actor=actor, why=why.strip(), now=timezone.now())


@transaction.atomic
def _lift(suspension: Suspension, *, actor: Person | None, why: str, now: datetime) -> None:
    """The request goes on unless another suspension is open; the one lifted is kept with who, when and why."""
    request = DataRequest.objects.select_for_update().get(pk=suspension.request_id)
    open_one = Suspension.objects.filter(pk=suspension.pk, lifted_at__isnull=True)
    if not open_one.update(lifted_at=now, lifted_by=actor, lifted_why=why):
        raise Conflict("This suspension was lifted already.")
    _set_flag(request)
    notices.tell_about(request, f"{request.number}: a suspension was lifted. {why}", TOLD, now, kind=NoticeKind.ALERT)
    events.record(
        "request.lift_suspension",
        actor=actor,
        request_number=request.number,
        detail={"cause": suspension.cause, "reason": why},
        at=now,
    )


def _set_flag(request: DataRequest) -> None:
    reasons = request.suspensions.filter(lifted_at__isnull=True).values_list("reason", flat=True)
    request.suspended_reason = " ".join(dict.fromkeys(reasons))
    request.save(update_fields=["suspended_reason"])


def follow_mous() -> None:
    """Suspends the requests of agencies whose MOU has lapsed, and lifts that where one is in force again.

    The guards ask for the MOU themselves, at the moment of each act; this makes the lapse visible and stops machines.
    """
    now = timezone.now()
    today = timezone.localdate(now)
    covered = Exists(Mou.objects.filter(in_force(today, "effective_on", "ends_on"), agency=OuterRef("agency")))
    noted = Exists(Suspension.objects.filter(request=OuterRef("pk"), cause=Cause.MOU_LAPSED, lifted_at__isnull=True))
    lapsed = DataRequest.objects.exclude(state__in=ENDED).filter(~covered, ~noted).select_related("agency")
    for request in lapsed[:200]:
        suspend(request, Cause.MOU_LAPSED, f"{request.agency.name} has no MOU in force.", actor=None, now=now)
    covered_again = Exists(
        Mou.objects.filter(in_force(today, "effective_on", "ends_on"), agency=OuterRef("request__agency"))
    )
    for suspension in Suspension.objects.filter(covered_again, cause=Cause.MOU_LAPSED, lifted_at__isnull=True)[:200]:
        _lift(suspension, actor=None, why="The MOU is in force again.", now=now)
