"""What reviewers write down: the statement of interest, checklist, findings, notes and templates."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from requests_app import bls_review_policies as may
from requests_app import form, policies
from requests_app.hooks import effect
from requests_app.models import (
    ChecklistAnswer,
    ConflictStatement,
    DataRequest,
    Finding,
    Person,
    ReplyTemplate,
    StaffNote,
)
from requests_app.policies import Denied
from requests_app.selectors.bls_review.checklist import checklist, marks_of, part_of
from requests_app.services.event_log import events
from requests_app.services.life.workflow import Conflict
from requests_app.states import Kind


@transaction.atomic
def state_interest(
    request: DataRequest, *, actor: Person, has_conflict: bool, words: str = ""
) -> ConflictStatement:  # fmt: skip
    """The actor states whether they have a conflict of interest; with one they lose the request at once."""
    locked = DataRequest.objects.select_for_update().get(pk=request.pk)
    may.check_staff(actor)
    if has_conflict and not words.strip():
        raise Denied("Say in a few words what the conflict of interest is.")
    now = timezone.now()
    made = ConflictStatement.objects.create(
        request=locked, person=actor, has_conflict=has_conflict, words=words.strip(), stated_at=now
    )
    if has_conflict:
        locked.claims.filter(person=actor, ended_at__isnull=True).update(ended_at=now, ended_by=actor)
    detail = {"has_conflict": has_conflict}
    events.record("review.state_interest", actor=actor, request_number=locked.number, detail=detail, at=now)
    return made


@transaction.atomic
def answer_checklist(request: DataRequest, answers: Mapping[str, str], *, actor: Person) -> int:
    """Keeps the answers that are new or about a changed section, by item name; returns how many."""
    locked = DataRequest.objects.select_for_update().get(pk=request.pk)
    may.check_reviewer(actor, locked)
    check_has_it(actor, locked)
    part = part_of(locked)
    lines = {line.item.name: line for line in checklist(locked, part)} if part else {}
    now, marks = timezone.now(), marks_of(locked)
    made = [
        ChecklistAnswer(
            request=locked, item=name, answer=answer, mark=marks[lines[name].item.section], answered_at=now,
            answered_by=actor,
        )
        for name, answer in answers.items()
        if name in lines and answer and not lines[name].says(answer)
    ]  # fmt: skip
    if made:
        ChecklistAnswer.objects.bulk_create(made)
        said = {one.item: one.answer for one in made}
        events.record("review.checklist", actor=actor, request_number=locked.number, detail=said, at=now)
    return len(made)


def check_has_it(person: Person, request: DataRequest) -> None:
    """Nobody works on what somebody else has."""
    held = may.open_claim(request)
    if held and held.person_id != person.pk:
        raise Denied(f"{held.person.name} has {request.number}. Ask for it, or take it over.")


@transaction.atomic
def raise_finding(request: DataRequest, *, actor: Person, section: str, text: str, must_change: bool) -> Finding:
    """A finding about one section of the form; the state reads it when the request is returned."""
    locked = DataRequest.objects.select_for_update().get(pk=request.pk)
    policies.check_review_work(actor, locked)
    check_has_it(actor, locked)
    if section not in form.sections_of(Kind(locked.kind)):
        raise Denied("Choose a section of this form.")
    if not text.strip():
        raise Denied("Say what you found.")
    now = timezone.now()
    made = Finding.objects.create(
        request=locked, section=section, text=text.strip(), must_change=must_change, raised_at=now, raised_by=actor
    )
    events.record("review.finding", actor=actor, request_number=locked.number, subject=made.pk, at=now)
    return made


@transaction.atomic
def settle_finding(finding: Finding, *, actor: Person, how: str) -> None:
    """The reviewer says how a finding was settled; it stays readable."""
    locked = DataRequest.objects.select_for_update().get(pk=finding.request_id)
    policies.check_review_work(actor, locked)
    if not how.strip():
        raise Denied("Say how it was settled.")
    now = timezone.now()
    open_one = Finding.objects.filter(pk=finding.pk, settled_at__isnull=True)
    if not open_one.update(settled_at=now, settled_by=actor, settled_how=how.strip()):
        raise Conflict("This finding was settled already.")
    events.record("review.settle_finding", actor=actor, request_number=locked.number, subject=finding.pk, at=now)


@effect("return_to_state")
def findings_are_shared(request: DataRequest, _actor: Person | None, now: datetime) -> None:
    """With the return the state reads every finding that is open."""
    request.findings.filter(settled_at__isnull=True, shared_at__isnull=True).update(shared_at=now)


@transaction.atomic
def write_note(request: DataRequest, *, actor: Person, text: str) -> StaffNote:
    """A note for BLS only."""
    may.check_staff(actor)
    if not text.strip():
        raise Denied("Write something.")
    now = timezone.now()
    made = StaffNote.objects.create(request=request, text=text.strip(), written_at=now, written_by=actor)
    events.record("review.note", actor=actor, request_number=request.number, subject=made.pk, at=now)
    return made


@transaction.atomic
def keep_template(*, actor: Person, title: str, text: str, instead_of: ReplyTemplate | None = None) -> ReplyTemplate:
    """Words for many replies; changed by a new version in the place of the old one."""
    may.check_staff(actor)
    now = timezone.now()
    if instead_of:
        _end_template(instead_of, actor, now)
    if ReplyTemplate.objects.filter(title=title.strip(), ended_at__isnull=True).exists():
        raise Denied("There is a template of this title. Change that one, or choose another title.")
    made = ReplyTemplate.objects.create(title=title.strip(), text=text.strip(), written_at=now, written_by=actor)
    events.record("review.template", actor=actor, subject=made.pk, detail={"title": made.title}, at=now)
    return made


@transaction.atomic
def end_template(template: ReplyTemplate, *, actor: Person) -> None:
    """The template is offered no more."""
    may.check_staff(actor)
    now = timezone.now()
    _end_template(template, actor, now)
    events.record("review.end_template", actor=actor, subject=template.pk, detail={"title": template.title}, at=now)


def _end_template(template: ReplyTemplate, actor: Person, now: datetime) -> None:
    open_one = ReplyTemplate.objects.filter(pk=template.pk, ended_at__isnull=True)
    if not open_one.update(ended_at=now, ended_by=actor):
        raise Conflict("Somebody changed this template meanwhile. Load the list again.")
