"""The one place that moves a request: lock, check, change, record, tell."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from requests_app import hooks, policies
from requests_app.models import DataRequest, Decision, Person
from requests_app.services.event_log import events
from requests_app.services.life import notices
from requests_app.states import BY_NAME, State, Transition


class Conflict(Exception):
    """Somebody else was faster: the request is no longer where the step starts. Nothing was changed."""


def transition(
    request: DataRequest,
    name: str,
    *,
    actor: Person | None,
    reason: str = "",
    facts: dict[str, Any] | None = None,
) -> DataRequest:
    """Takes the transition `name` of the table; returns the request as it stands then.

    Raises `policies.Denied` with every reason at once (and records the refusal), or `Conflict` where the request has
    already moved. `actor` None is the system.
    """
    try:
        with transaction.atomic():
            return _take(request, BY_NAME[name], actor, reason.strip(), facts or {})
    except policies.Denied as denied:
        record_refusal(f"request.{name}", request, actor, denied)
        raise


def record_refusal(kind: str, request: DataRequest, actor: Person | None, denied: policies.Denied) -> None:
    """A refused attempt is an event too, in a transaction of its own."""
    denied.recorded = True
    events.record(
        kind, actor=actor, request_number=request.number, outcome="refused", detail={"reasons": denied.reasons}
    )


def _take(
    request: DataRequest, step: Transition, actor: Person | None, reason: str, facts: dict[str, Any]
) -> DataRequest:
    locked = DataRequest.objects.select_for_update().get(pk=request.pk)
    if locked.status not in step.sources or (locked.kind and locked.kind not in step.kinds):
        raise Conflict(f"{locked.number} is “{locked.status.label}” now, so “{step.label}” no longer applies. Reload.")
    _check_same_package(locked, facts)
    policies.check_transition(actor, locked, step, reason)
    now, came_from = timezone.now(), locked.status
    locked.state, locked.state_since = step.target, now
    locked.save(update_fields=["state", "state_since"])
    decide(locked, step.name, actor=actor, at=now, came_from=came_from, reason=reason, facts=facts)
    events.record(
        step.event,
        actor=actor,
        request_number=locked.number,
        detail={"from": came_from, "to": step.target, "reason": reason, **facts},
        at=now,
    )
    # After the event, so that the log tells a step before the steps it causes. Effects may take such a step themselves.
    for run in hooks.effects.get(step.name, []):
        run(locked, actor, now)
    # Last, so that whoever an effect has only now asked (a partner state) is told as well.
    notices.tell(locked, step, now)
    locked.refresh_from_db()
    return locked


def _check_same_package(request: DataRequest, facts: dict[str, Any]) -> None:
    """Who says which package they looked at decides about that one only."""
    seen, newest = facts.get("package_sha256"), policies.newest_package(request)
    if seen and (newest is None or newest.sha256 != seen):
        raise Conflict(f"The package of {request.number} was built again meanwhile. Look at the new one first.")


def decide(
    request: DataRequest,
    name: str,
    *,
    actor: Person | None,
    at: datetime,
    came_from: State | None = None,
    reason: str = "",
    facts: dict[str, Any] | None = None,
) -> Decision:
    """Keeps a decision for good; also used for steps that decide without moving the request."""
    return Decision.objects.create(
        request=request,
        transition=name,
        from_state=came_from or request.state,
        to_state=request.state,
        reason=reason,
        facts=facts or {},
        decided_at=at,
        decided_by=actor,
    )
