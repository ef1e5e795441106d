"""Entering a form that came by email on a state's behalf: the state checks it, and its coordinator alone signs."""

from datetime import date

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from requests_app import policies, standing
from requests_app.models import DataRequest, EmailedForm, Person
from requests_app.models.notices import NoticeKind
from requests_app.policies import Denied
from requests_app.services.event_log import events
from requests_app.services.life import notices, requests
from requests_app.services.packages import documents
from requests_app.states import Role


@transaction.atomic
def enter(
    coordinator: Person, *, actor: Person, received_on: date, document: "UploadedFile[bytes] | None" = None
) -> DataRequest:
    """A draft of the coordinator's agency that Program Analysts fill in; the coordinator is told, checks and signs."""
    if Role.PROGRAM_ANALYST not in standing.roles_of(actor):
        raise Denied("Only a Program Analyst enters a form that came by email.")
    policies.check_may_act(actor)
    policies.check_start_draft(coordinator)
    now = timezone.now()
    if received_on > timezone.localdate(now):
        raise Denied("The day it came by email lies in the future. Check the date.")
    request = requests.new_request(coordinator, now)
    kept = documents.store_pdf(document, actor=actor) if document else None
    EmailedForm.objects.create(
        request=request, document=kept, received_on=received_on, entered_at=now, entered_by=actor
    )
    words = f"{request.number}: BLS is entering the form you sent by email. Check it, then sign it here."
    notices.tell_about(request, words, [Role.COORDINATOR], now, kind=NoticeKind.WORK)
    detail = {"received_on": received_on, "coordinator": coordinator.pk, **documents.named(kept)}
    events.record("request.enter_emailed", actor=actor, request_number=request.number, detail=detail, at=now)
    return request


def listed_coordinators() -> QuerySet[Person]:
    """The coordinators who could start a draft today, by state."""
    people = notices.holders(Role.COORDINATOR).select_related("agency").order_by("agency__state_name", "name")
    listed = standing.in_force(
        timezone.localdate(), "section_ii_g_lines__listed_from", "section_ii_g_lines__listed_until"
    )
    return people.filter(listed)
