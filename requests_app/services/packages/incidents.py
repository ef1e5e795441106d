"""Reporting a suspected breach or a legal demand, and what follows. Nothing ever stands in the way of saying more.

Reported: the request stands still, BLS is told now, and where it happened at BLS so are the states concerned. The
written report follows within three days, evidence within five (cooperative agreement, "Breach of confidentiality").
"""

from datetime import date, datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from requests_app import guards, incident_policies, policies
from requests_app.hooks import tender
from requests_app.models import Agency, DataRequest, Incident, IncidentEntry, IncidentReport, Person, Suspension
from requests_app.models.notices import NoticeKind
from requests_app.policies import Denied
from requests_app.services.event_log import events
from requests_app.services.life import notices
from requests_app.services.life.workflow import Conflict
from requests_app.services.packages import documents
from requests_app.services.partners.suspensions import suspend
from requests_app.states import Role

WRITTEN_REPORT_DAYS = 3
EVIDENCE_DAYS = 5
TOLD_AT_BLS = (Role.PROGRAM_ANALYST, Role.APPROVING_OFFICIAL, Role.ADMINISTRATOR)
TOLD_IN_STATES = (Role.COORDINATOR, Role.OUTPUT_REVIEWER)
WHY = {
    Incident.Kind.BREACH: "A suspected breach was reported.",
    Incident.Kind.LEGAL_DEMAND: "A legal demand for the data was reported. Disclose nothing; BLS answers it.",
}


@transaction.atomic
def report(
    *, actor: Person, what_is_known: str, request: DataRequest | None = None, kind: str = Incident.Kind.BREACH
) -> Incident:
    """Keeps the report, suspends the request it is about, and tells BLS, and of its own incidents the states, now."""
    now = timezone.now()
    incident = Incident.objects.create(
        kind=kind,
        request=request,
        what_is_known=what_is_known.strip(),
        reported_at=now,
        reported_by=actor,
        report_due_at=now + timedelta(days=WRITTEN_REPORT_DAYS),
        evidence_due_at=now + timedelta(days=EVIDENCE_DAYS),
    )
    why = WHY[Incident.Kind(kind)]
    if request:
        suspend(request, Suspension.Cause.INCIDENT, why, actor=actor, now=now, incident=incident)
    where = request.number if request else actor.agency.name
    notices.tell_roles(
        f"{why.split('.')[0]}: {where}.", TOLD_AT_BLS, now, path=path_of(incident), kind=NoticeKind.ALERT
    )
    if request and actor.agency.is_bls:
        _tell_states(incident, whose_records(request), now)
    events.record(
        "incident.report",
        actor=actor,
        request_number=request.number if request else "",
        subject=f"incident {incident.pk}",
        detail={"kind": kind},
        at=now,
    )
    return incident


def path_of(incident: Incident) -> str:
    """The incident's page."""
    return f"/incidents/{incident.pk}/"


def whose_records(request: DataRequest) -> list[Agency]:
    """The requesting agency, and every state whose records were searched for it."""
    return [request.agency, *guards.partners_of(request, policies.newest_package(request))]


def _tell_states(incident: Incident, agencies: list[Agency], now: datetime) -> None:
    """Each state once, with the words that it concerns its records and nothing else."""
    new = [agency for agency in agencies if agency not in incident.concerned.all()]
    incident.concerned.add(*new)
    words = "BLS reports an incident that concerns your state's records. Read what is known."
    for role in TOLD_IN_STATES:
        notices.tell_people(notices.holders(role).filter(agency__in=new), words, now, path=path_of(incident))


@transaction.atomic
def tell_states(incident: Incident, *, actor: Person, agencies: list[Agency], text: str) -> IncidentEntry:
    """BLS tells states that an incident concerns them; what they are told stands in the timeline."""
    locked = _locked(incident)
    incident_policies.check_say_more(actor, locked, IncidentEntry.Kind.NOTICE)
    if not agencies:
        raise Denied("Choose the states that are told.")
    now = timezone.now()
    _tell_states(locked, agencies, now)
    names = ", ".join(agency.state_name for agency in agencies)
    return _add(locked, actor, now, kind=IncidentEntry.Kind.NOTICE, text=f"To {names}. {text}".strip())


@transaction.atomic
def submit_report(incident: Incident, *, actor: Person, **said: str) -> IncidentReport:
    """The written report, whole: every part is needed."""
    locked = _locked(incident)
    incident_policies.check_say_more(actor, locked)
    if not all(text.strip() for text in said.values()):
        raise Denied("Answer every question of the report; say so where something is not known yet.")
    now = timezone.now()
    kept = IncidentReport.objects.create(incident=locked, submitted_at=now, submitted_by=actor, **said)
    notices.tell_roles("The written report on an incident came in.", TOLD_AT_BLS, now, path=path_of(locked))
    _record("incident.submit_report", locked, actor, now, report=kept.pk, in_time=now <= locked.report_due_at)
    return kept


@transaction.atomic
def add_entry(
    incident: Incident, *, actor: Person, kind: str, text: str, happened_on: date | None = None,
    paper: "UploadedFile[bytes] | None" = None,
) -> IncidentEntry:  # fmt: skip
    """A line of the timeline: a note, evidence, what was corrected, or BLS's record of an inspection."""
    locked = _locked(incident)
    incident_policies.check_say_more(actor, locked, kind)
    if not text.strip() or kind == IncidentEntry.Kind.NOTICE:
        raise Denied("Write what there is to say.")
    document = documents.store_pdf(paper, actor=actor) if paper else None
    return _add(
        locked, actor, timezone.now(), kind=kind, text=text.strip(), happened_on=happened_on, document=document
    )  # fmt: skip


def _add(incident: Incident, actor: Person, now: datetime, **said: Any) -> IncidentEntry:
    """The line, and its event with the hash of its paper."""
    day = said.pop("happened_on", None) or timezone.localdate(now)
    entry = IncidentEntry.objects.create(incident=incident, happened_on=day, added_at=now, added_by=actor, **said)
    if not actor.agency.is_bls:
        words = f"{entry.get_kind_display()} was added to an incident."
        notices.tell_roles(words, TOLD_AT_BLS, now, path=path_of(incident), kind=NoticeKind.ALERT)
    detail = {"entry": entry.kind, **documents.named(entry.document)}
    _record("incident.add", incident, actor, now, **detail)
    return entry


@transaction.atomic
def close(incident: Incident, *, actor: Person, outcome: str) -> None:
    """BLS closes it with what came of it; the reporter and the states concerned are told."""
    locked = _locked(incident)
    incident_policies.check_close(actor, locked)
    if not outcome.strip():
        raise Denied("Say what came of it.")
    now = timezone.now()
    open_one = Incident.objects.filter(pk=locked.pk, closed_at__isnull=True)
    if not open_one.update(closed_at=now, closed_by=actor, outcome=outcome.strip()):
        raise Conflict("This incident was closed already.")
    concerned = [notices.holders(role).filter(agency__in=locked.concerned.all()) for role in TOLD_IN_STATES]
    told = [locked.reported_by, *(person for people in concerned for person in people)]
    notices.tell_people(told, "BLS closed an incident. Read what came of it.", now, path=path_of(locked))
    _record("incident.close", locked, actor, now)


@tender("incidents")
def follow() -> None:
    """Tells once that the written report is late: the agency it happened at, and BLS."""
    now = timezone.now()
    written = IncidentReport.objects.filter(incident=OuterRef("pk"))
    late = Incident.objects.filter(~Exists(written), Q(report_due_at__lt=now), closed_at=None, late_told_at=None)
    for incident in late.select_related("reported_by")[:50]:
        _tell_late(incident, now)


@transaction.atomic
def _tell_late(incident: Incident, now: datetime) -> None:
    """Whoever looks first tells."""
    if not Incident.objects.filter(pk=incident.pk, late_told_at=None).update(late_told_at=now):
        return
    words = "The written report on an incident is late. It was due within three days."
    notices.tell_roles(words, TOLD_AT_BLS, now, path=path_of(incident), kind=NoticeKind.ALERT)
    notices.tell_person(incident.reported_by, words, now, path=path_of(incident))
    _record("incident.late", incident, None, now)


def _locked(incident: Incident) -> Incident:
    rows = Incident.objects.select_for_update(of=("self",)).select_related("request", "reported_by")
    return rows.get(pk=incident.pk)


def _record(kind: str, incident: Incident, actor: Person | None, now: datetime, **detail: Any) -> None:
    """Each step of an incident is told with its id; its words stay on its page."""
    number = incident.request.number if incident.request else ""
    events.record(kind, actor=actor, request_number=number, subject=f"incident {incident.pk}", detail=detail, at=now)
