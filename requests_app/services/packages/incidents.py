"""Reporting a suspected breach: at once, by anybody signed in, with what is known. Nothing ever stands in the way."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from requests_app.models import DataRequest, Incident, Person, Suspension
from requests_app.services.event_log import events
from requests_app.services.life import notices
from requests_app.services.partners.suspensions import suspend
from requests_app.states import Role

# The written report follows within three days (cooperative agreement, "Breach of confidentiality").
WRITTEN_REPORT_DAYS = 3
TOLD_AT_BLS = (Role.PROGRAM_ANALYST, Role.APPROVING_OFFICIAL, Role.ADMINISTRATOR)


@transaction.atomic
def report(*, actor: Person, what_is_known: str, request: DataRequest | None = None) -> Incident:
    """Keeps the report, suspends the request it is about, and tells BLS now."""
    now = timezone.now()
    incident = Incident.objects.create(
        request=request,
        what_is_known=what_is_known.strip(),
        reported_at=now,
        reported_by=actor,
        report_due_at=now + timedelta(days=WRITTEN_REPORT_DAYS),
    )
    if request:
        why = "A suspected breach was reported."
        suspend(request, Suspension.Cause.INCIDENT, why, actor=actor, now=now, incident=incident)
    where = request.number if request else actor.agency.name
    path = f"/incidents/{incident.pk}/"
    notices.tell_roles(f"A suspected breach was reported: {where}.", TOLD_AT_BLS, now, path=path)
    events.record(
        "incident.report",
        actor=actor,
        request_number=request.number if request else "",
        subject=f"incident {incident.pk}",
        at=now,
    )
    return incident
