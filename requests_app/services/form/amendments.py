"""Amendments: drafted and signed by the state, decided by BLS; what is approved takes effect at once."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from requests_app import amendment_problems, policies, standing
from requests_app.amendment_states import BY_NAME, AmendmentState, Move
from requests_app.models import Amendment, DataRequest, Destruction, FormSection, Person
from requests_app.policies import Denied
from requests_app.services.event_log import events
from requests_app.services.form.signed import keep_form
from requests_app.services.life import notices, requests, workflow
from requests_app.services.life.workflow import Conflict
from requests_app.states import Role


@transaction.atomic
def draft_amendment(request: DataRequest, *, actor: Person, changes: dict[str, Any], reason: str) -> Amendment:
    """A new amendment of the request, not signed yet; `changes` as the model says. One is open at a time."""
    locked = DataRequest.objects.select_for_update().get(pk=request.pk)
    policies.check_amend(actor, locked)
    now = timezone.now()
    amendment = Amendment.objects.create(
        request=locked,
        number=locked.amendments.count() + 1,
        changes=changes,
        reason=reason,
        drafted_at=now,
        drafted_by=actor,
    )
    events.record(
        "amendment.draft",
        actor=actor,
        request_number=locked.number,
        subject=f"amendment {amendment.number}",
        detail={"reason": reason, "changes": changes},
        at=now,
    )
    return amendment


def move(amendment: Amendment, name: str, *, actor: Person, reason: str = "") -> Amendment:
    """Takes the move `name` of the table. `Denied` with every reason (an event too), `Conflict` if it moved."""
    step = BY_NAME[name]
    try:
        with transaction.atomic():
            return _take(amendment, step, actor, reason.strip())
    except Denied as denied:
        workflow.record_refusal(step.event, amendment.request, actor, denied)
        raise


def _take(amendment: Amendment, step: Move, actor: Person, reason: str) -> Amendment:
    request = DataRequest.objects.select_for_update().get(pk=amendment.request_id)
    locked = Amendment.objects.select_for_update().get(pk=amendment.pk)
    locked.request = request
    if locked.status not in step.sources:
        raise Conflict(f"{locked} is “{locked.status.label}” now, so “{step.label}” no longer applies. Reload.")
    _check(locked, step, actor, reason)
    now = timezone.now()
    locked.state = step.target
    if step.name == "submit":
        locked.submitted_at, locked.submitted_by = now, actor
    elif step.role is Role.APPROVING_OFFICIAL:
        locked.decided_at, locked.decided_by, locked.decision_reason = now, actor, reason
    locked.save()
    events.record(
        step.event,
        actor=actor,
        request_number=request.number,
        subject=f"amendment {locked.number}",
        detail={"reason": reason, "changes": locked.changes},
        at=now,
    )
    if step.target is AmendmentState.APPROVED:
        _take_effect(locked, actor, now)
    notices.tell_about(request, f"{locked}: {step.label}. It is now “{step.target.label}”.", [step.tells], now)
    return locked


def _check(amendment: Amendment, step: Move, actor: Person, reason: str) -> None:
    """The person's role and standing, then everything that stands in the way, at once."""
    policies.check_amendment_role(actor, amendment.request, step.role)
    found = standing.acting_problems(actor)
    if step.checked:
        signer = actor if step.role is Role.COORDINATOR else amendment.submitted_by
        found += amendment_problems.problems(amendment, signer)
    if step.needs_reason and not reason:
        found.append("Say why: this step needs a reason.")
    if found:
        raise Denied(*dict.fromkeys(found))


def _take_effect(amendment: Amendment, actor: Person, now: datetime) -> None:
    """Agents are named, the day is moved, and what data are added become a request of their own."""
    request, changes = amendment.request, amendment.changes
    for row in changes.get("agents", []):
        person = Person.objects.get(public_id=row["person"])
        requests.put_on_request(request, person, actor=actor, may_upload=bool(row["may_upload"]))
    if day := changes.get("destruction_on"):
        request.destruction_on_amended = date.fromisoformat(day)
        request.save(update_fields=["destruction_on_amended"])
        duties = Destruction.objects.filter(request=request, confirmed_at__isnull=True)
        duties.update(due_on=request.destruction_on_amended, due_since=now)
    if scope := amendment_problems.added_scope(request, changes):
        amendment.child = _child(amendment, scope, now)
        amendment.save(update_fields=["child"])
        amendment.child = workflow.transition(amendment.child, "approve_amendment", actor=None)


def _child(amendment: Amendment, scope: dict[str, list[Any]], now: datetime) -> DataRequest:
    """A draft with the parent's answers, the added states and quarters, and its agents, as the amendment's signer
    signed it."""
    parent, signer = amendment.request, amendment.submitted_by
    assert signer is not None  # noqa: S101  only a submitted amendment is approved
    child = requests.new_request(parent.coordinator, now)
    child.kind, child.title = parent.kind, parent.title
    child.destruction_on_amended = parent.destruction_on_amended
    child.save(update_fields=["kind", "title", "destruction_on_amended"])
    for section in parent.sections.all():
        data = scope if section.name == "scope" else section.data
        FormSection.objects.create(
            request=child, name=section.name, data=data, version=1, saved_at=now, saved_by=signer
        )
    for row in parent.agents.filter(removed_at__isnull=True).select_related("person"):
        requests.put_on_request(child, row.person, actor=signer, may_upload=row.may_upload)
    keep_form(child, signer, now)
    detail = {"amendment": amendment.number, "of": parent.number}
    events.record("request.start_amendment", actor=signer, request_number=child.number, detail=detail, at=now)
    return child
