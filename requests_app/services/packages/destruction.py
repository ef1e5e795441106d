"""Confirming that micro data were destroyed. Nothing stands in the way of that: no suspension, no lapsed training."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from requests_app import policies
from requests_app.hooks import effect
from requests_app.models import DataRequest, Destruction, Person
from requests_app.policies import Denied
from requests_app.services.event_log import events
from requests_app.services.packages import files


@transaction.atomic
def confirm_package(
    destruction: Destruction,
    *,
    actor: Person,
    what: str,
    copies: int,
    backups: str,
    method: str,
    destroyed_on: date,
) -> Destruction:
    """The coordinator's statement about one package: what, how many copies, backups, NIST SP 800-88 method, when."""
    request = DataRequest.objects.select_for_update().get(pk=destruction.package.request_id)
    policies.check_confirm_destruction(actor, request)
    if destroyed_on > timezone.localdate():
        raise Denied("The day of destruction cannot lie in the future.")
    now = timezone.now()
    destruction.what, destruction.copies, destruction.backups = what, copies, backups
    destruction.method, destruction.destroyed_on = method, destroyed_on
    destruction.confirmed_at, destruction.confirmed_by = now, actor
    destruction.save()
    events.record(
        "destruction.confirm",
        actor=actor,
        request_number=request.number,
        subject=destruction.package_id,
        detail={"method": method, "copies": copies, "destroyed_on": destroyed_on},
        at=now,
    )
    return destruction


@effect("reject_destruction")
def reopen(request: DataRequest, _actor: Person | None, _now: datetime) -> None:
    """A confirmation BLS rejects must be made again; the event keeps what was said."""
    Destruction.objects.filter(package__request=request).update(confirmed_at=None, confirmed_by=None)


@effect("acknowledge_destruction")
def shred_packages(request: DataRequest, _actor: Person | None, now: datetime) -> None:
    """Our own encrypted copies of the micro data end with the request."""
    for package in request.packages.select_related("file"):
        files.shred(package.file, at=now, why="destruction acknowledged")
