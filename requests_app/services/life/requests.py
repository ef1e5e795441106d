"""Drafting: a request is started, its sections are saved one by one, agents are named."""

from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from guardian.shortcuts import assign_perm, remove_perm

from requests_app import policies, standing
from requests_app.models import DataRequest, FormSection, Person, RequestAgent
from requests_app.services.event_log import events
from requests_app.services.life.workflow import decide
from requests_app.states import Kind, Role, State


class StaleSection(Exception):
    """Somebody else saved the section meanwhile. `current` is what they saved; nothing was overwritten."""

    def __init__(self, current: FormSection) -> None:
        super().__init__(f"{current.saved_by.name} saved this section while you had it open.")
        self.current = current


@transaction.atomic
def start_draft(*, actor: Person) -> DataRequest:
    """A new draft of the actor's agency, numbered WR-year-serial."""
    policies.check_start_draft(actor)
    now = timezone.now()
    request = DataRequest.objects.create(
        number=_next_number(now.year),
        agency=actor.agency,
        coordinator=actor,
        state=State.DRAFT,
        created_at=now,
        state_since=now,
    )
    events.record("request.start_draft", actor=actor, request_number=request.number, at=now)
    return request


def _next_number(year: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('workflow.request_number')")
        return f"WR-{year}-{cursor.fetchone()[0]:06d}"


@transaction.atomic
def save_section(
    request: DataRequest, name: str, data: dict[str, Any], *, actor: Person, seen_version: int
) -> FormSection:
    """Saves one section of the form; what is missing is no obstacle to saving.

    `seen_version` is the version the person had open (0: none yet). Raises `StaleSection` where another was saved
    since, and `policies.Denied` where the form is not theirs to change now.
    """
    locked = DataRequest.objects.select_for_update().get(pk=request.pk)
    policies.check_edit_form(actor, locked)
    now = timezone.now()
    saved = locked.sections.filter(name=name).select_related("saved_by").first()
    if saved and saved.version != seen_version:
        raise StaleSection(saved)
    if saved and saved.data == data:
        return saved
    section = saved or FormSection(request=locked, name=name, version=0)
    section.data, section.saved_at, section.saved_by = data, now, actor
    section.version += 1
    section.save()
    _copy_to_request(locked, data)
    events.record(
        "request.save_section",
        actor=actor,
        request_number=locked.number,
        subject=name,
        detail={"version": section.version},
        at=now,
    )
    return section


def _copy_to_request(request: DataRequest, data: dict[str, Any]) -> None:
    """Title and kind are kept on the request as well: lists and the transition table need them."""
    if "title" in data:
        request.title = data["title"]
    if "kind" in data:
        request.kind = Kind(data["kind"]) if data["kind"] else ""
    request.save(update_fields=["title", "kind"])


@transaction.atomic
def name_agent(request: DataRequest, person: Person, *, actor: Person, may_upload: bool) -> RequestAgent:
    """Names an agent of the coordinator's own agency on the request; they see it from now on."""
    policies.check_edit_form(actor, DataRequest.objects.select_for_update().get(pk=request.pk))
    if person.agency_id != request.agency_id or Role.AGENT not in standing.roles_of(person):
        raise policies.Denied(f"{person.name} is not an agent of {request.agency.name}.")
    now = timezone.now()
    row, _ = RequestAgent.objects.update_or_create(
        request=request,
        person=person,
        removed_at=None,
        defaults={"may_upload": may_upload, "named_at": now, "named_by": actor},
    )
    assign_perm("requests_app.work_on", person, request)
    events.record(
        "request.name_agent",
        actor=actor,
        request_number=request.number,
        subject=f"person {person.pk}",
        detail={"may_upload": may_upload},
        at=now,
    )
    return row


@transaction.atomic
def remove_agent(row: RequestAgent, *, actor: Person) -> None:
    """Takes an agent off the request; their sight of it ends at once."""
    policies.check_edit_form(actor, DataRequest.objects.select_for_update().get(pk=row.request_id))
    row.removed_at = now = timezone.now()
    row.save(update_fields=["removed_at"])
    remove_perm("requests_app.work_on", row.person, row.request)
    events.record(
        "request.remove_agent",
        actor=actor,
        request_number=row.request.number,
        subject=f"person {row.person_id}",
        at=now,
    )


@transaction.atomic
def answer_viability(request: DataRequest, *, actor: Person, enough_data: bool, reason: str) -> None:
    """BLS's answer to: is there enough data to produce outputs that meet the disclosure requirements?"""
    locked = DataRequest.objects.select_for_update().get(pk=request.pk)
    policies.check_review_work(actor, locked)
    if not reason.strip():
        raise policies.Denied("Say on what the answer rests.")
    now = timezone.now()
    decide(locked, "answer_viability", actor=actor, at=now, reason=reason, facts={"enough_data": enough_data})
    events.record(
        "request.answer_viability",
        actor=actor,
        request_number=locked.number,
        detail={"enough_data": enough_data},
        at=now,
    )
