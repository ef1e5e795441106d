"""Confirming that micro data were destroyed, thing by thing. Nothing stands in the way of that: no suspension, no
lapsed training. Each statement becomes a certificate; one that BLS rejects is kept, and must be made again.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from requests_app import policies
from requests_app.hooks import effect
from requests_app.models import DataRequest, Destruction, DestructionStatement, HeldData, Person
from requests_app.policies import Denied
from requests_app.services.event_log import events
from requests_app.services.packages import certificates
from requests_app.templatetags.formats import day


@transaction.atomic
def register(request: DataRequest, *, actor: Person, **said: Any) -> HeldData:
    """A copy or a linked data set that the agency holds, with the duty to destroy it by the request's day."""
    locked = DataRequest.objects.select_for_update().get(pk=request.pk)
    policies.check_register_held_data(actor, locked)
    if said["made_on"] > timezone.localdate():
        raise Denied("The day on which it was made cannot lie in the future.")
    if said["kind"] == HeldData.Kind.LINKED and not str(said.get("linked_with", "")).strip():
        raise Denied("Say with which data it was linked.")
    last = open_duties(locked).order_by("-due_on").first()
    if last is None:
        raise Denied("No package of this request is to be destroyed any more, so nothing can have been made of one.")
    now = timezone.now()
    held = HeldData.objects.create(request=locked, registered_at=now, registered_by=actor, **said)
    Destruction.objects.create(held=held, due_on=last.due_on, due_since=now)
    detail = {"kind": held.kind, "due_on": last.due_on}
    events.record(
        "held_data.register", actor=actor, request_number=locked.number, subject=held.pk, detail=detail, at=now
    )
    return held


def open_duties(request: DataRequest) -> QuerySet[Destruction]:
    """What is still to be destroyed."""
    return request.destructions.filter(confirmed_at__isnull=True).select_related("package", "held")


@transaction.atomic
def confirm(
    destruction: Destruction, *, actor: Person, what: str, copies: int, backups: str, method: str, destroyed_on: date,
    technique: str = "", verified: str = "", destroyed_by: str = "",
) -> DestructionStatement:  # fmt: skip
    """The coordinator's statement about one thing: what, how many copies, backups, NIST SP 800-88 method, how, by whom,
    when, and how it was verified. It is kept with a certificate."""
    request = DataRequest.objects.select_for_update().get(pk=destruction.request_id)
    duty = Destruction.objects.select_for_update().get(pk=destruction.pk)
    policies.check_confirm_destruction(actor, request, duty)
    if duty.confirmed_at:
        raise Denied(f"The destruction of {duty.subject} is confirmed already.")
    if destroyed_on > timezone.localdate():
        raise Denied("The day of destruction cannot lie in the future.")
    now = timezone.now()
    statement = DestructionStatement.objects.create(
        destruction=duty, method=method, technique=technique, what=what, copies=copies, backups=backups,
        verified=verified, destroyed_on=destroyed_on, destroyed_by=destroyed_by, confirmed_at=now, confirmed_by=actor,
    )  # fmt: skip
    statement.certificate = certificates.issue(statement, request, actor=actor, now=now)
    statement.save(update_fields=["certificate"])
    duty.confirmed_at, duty.confirmed_by = now, actor
    duty.save(update_fields=["confirmed_at", "confirmed_by"])
    _record(statement, request, actor, now)
    return statement


def _record(statement: DestructionStatement, request: DataRequest, actor: Person, now: datetime) -> None:
    """A statement is told with its method, its day and the hash of its certificate."""
    detail: Mapping[str, Any] = {
        "method": statement.method,
        "copies": statement.copies,
        "destroyed_on": statement.destroyed_on,
        "certificate_sha256": statement.certificate.sha256 if statement.certificate else "",
    }
    events.record(
        "destruction.confirm",
        actor=actor,
        request_number=request.number,
        subject=statement.destruction.package_id or statement.destruction.held_id or "",
        detail=dict(detail),
        at=now,
    )


@effect("reject_destruction")
def reopen(request: DataRequest, actor: Person | None, now: datetime) -> None:
    """The statements BLS rejects stay, marked; each must be made again."""
    standing = DestructionStatement.objects.filter(destruction__request=request, rejected_at__isnull=True)
    standing.update(rejected_at=now, rejected_by=actor)
    request.destructions.update(confirmed_at=None, confirmed_by=None)


@effect("order_destruction")
def bring_forward(request: DataRequest, _actor: Person | None, now: datetime) -> None:
    """BLS's order: everything is due today."""
    today = timezone.localdate(now)
    open_duties(request).filter(due_on__gt=today).update(due_on=today, due_since=now)


def words_of_day(duty: Destruction) -> str:
    """The day a thing is to be destroyed, for notices."""
    return f"{duty.subject} of {duty.request.number}, by {day(duty.due_on)}"
