"""Drafting: a request is started, its sections are saved one by one, agents are named."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from guardian.shortcuts import assign_perm, remove_perm

from requests_app import policies, standing
from requests_app.models import DataRequest, FormSection, Person, RequestAgent, SavedView, SectionVersion
from requests_app.services.event_log import events
from requests_app.services.form.merging import merge
from requests_app.services.life.workflow import decide
from requests_app.states import Kind, Role, State


class StaleSection(Exception):
    """Another page gave another answer to the same question meanwhile; that one stands, and nothing was overwritten.

    `current` is the section as it is kept now, with every answer of this save that did not clash; `clashes` names the
    answers that wait for a decision; `other` is the newest version that came from elsewhere, with who saved it when.
    """

    def __init__(self, current: FormSection, clashes: list[str], other: SectionVersion) -> None:
        super().__init__(f"{other.saved_by.name} saved this section while you had it open.")
        self.current = current
        self.clashes = clashes
        self.other = other


@transaction.atomic
def start_draft(*, actor: Person) -> DataRequest:
    """A new draft of the actor's agency, numbered WR-year-serial."""
    policies.check_start_draft(actor)
    now = timezone.now()
    request = new_request(actor, now)
    events.record("request.start_draft", actor=actor, request_number=request.number, at=now)
    return request


def new_request(coordinator: Person, now: datetime) -> DataRequest:
    """An empty draft of the coordinator's agency under the next number."""
    return DataRequest.objects.create(
        number=_next_number(now.year),
        agency=coordinator.agency,
        coordinator=coordinator,
        state=State.DRAFT,
        created_at=now,
        state_since=now,
    )


def _next_number(year: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('workflow.request_number')")
        return f"WR-{year}-{cursor.fetchone()[0]:06d}"


def save_section(
    request: DataRequest,
    name: str,
    data: dict[str, Any],
    *,
    actor: Person,
    seen_version: int,
    page: str = "",
    turn: int = 0,
) -> FormSection:
    """Saves one section of the form; what is missing is no obstacle to saving.

    `seen_version` is the version the person had open (0: none yet), `page` the page it was typed on, where one page
    saves several times, and `turn` which of them this is: one that arrives after a later one saves nothing. Answers
    that others saved since are merged with these. Raises `StaleSection` where both changed one answer (the others are
    saved), and `policies.Denied` where the form is not theirs to change now.
    """
    with transaction.atomic():
        saved, clashes, other = _save(request, name, data, actor, seen_version, page, turn)
    if clashes and other:
        raise StaleSection(saved, clashes, other)
    return saved


def _save(
    request: DataRequest, name: str, data: dict[str, Any], actor: Person, seen_version: int, page: str, turn: int
) -> tuple[FormSection, list[str], SectionVersion | None]:
    """The section as it is kept now, the answers that clash, and the newest version from elsewhere."""
    locked = DataRequest.objects.select_for_update().get(pk=request.pk)
    policies.check_edit_form(actor, locked)
    found = locked.sections.filter(name=name).select_related("saved_by").first()
    section = found or FormSection(request=locked, name=name, version=0)
    mine = _last_of_page(section, actor, page)
    if mine and turn < mine.turn:
        return section, [], None
    base = dict(mine.seen) if mine else _as_opened(section, seen_version)
    kept, clashes = merge(base, data, section.data)
    other = _newest_from_elsewhere(section, actor, page)
    if found and kept == section.data:
        return section, clashes, other
    now = timezone.now()
    section.data, section.saved_at, section.saved_by = kept, now, actor
    section.version += 1
    section.save()
    seen = {**data, **{key: base.get(key) for key in clashes}}
    SectionVersion.objects.create(
        section=section,
        version=section.version,
        data=kept,
        seen=seen,
        page=page,
        turn=turn,
        saved_at=now,
        saved_by=actor,
    )
    _copy_to_request(locked, kept)
    events.record(
        "request.save_section",
        actor=actor,
        request_number=locked.number,
        subject=name,
        detail={"version": section.version},
        at=now,
    )
    return section, clashes, other


def _newest_from_elsewhere(section: FormSection, actor: Person, page: str) -> SectionVersion | None:
    """The newest version that this page did not save itself; a call without a page cannot tell its own."""
    if not section.version:
        return None
    found = section.versions.select_related("saved_by")
    return (found.exclude(page=page, saved_by=actor) if page else found).last()


def _last_of_page(section: FormSection, actor: Person, page: str) -> SectionVersion | None:
    """What the person's page saved last. What it shows since, but for what was typed after, is the base of a merge."""
    return section.versions.filter(page=page, saved_by=actor).last() if section.version and page else None


def _as_opened(section: FormSection, seen_version: int) -> dict[str, Any]:
    """What a page shows that has saved nothing yet."""
    opened = section.versions.filter(version=seen_version).first() if section.version else None
    return dict(opened.data) if opened else {}


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
    return put_on_request(request, person, actor=actor, may_upload=may_upload)


def put_on_request(request: DataRequest, person: Person, *, actor: Person, may_upload: bool) -> RequestAgent:
    """The same, by whoever has the right: the form's writers, or who approves an amendment."""
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


def save_view(person: Person, page: str, name: str, query: str, now: datetime) -> SavedView:
    """Keeps a person's question to a list under their name for it; the same name again has the new question."""
    saved, _ = SavedView.objects.update_or_create(
        person=person, page=page, name=name, defaults={"query": query, "saved_at": now}
    )
    return saved
