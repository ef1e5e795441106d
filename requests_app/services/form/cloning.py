"""A new draft from an earlier request: nobody types agents, purposes and table designs again."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from requests_app import standing
from requests_app.models import DataRequest, Person
from requests_app.policies import Denied
from requests_app.services.event_log import events
from requests_app.services.life import requests
from requests_app.states import Role

# What holds for one request only is given again: the promise, and a day that has passed.
NEVER_COPIED = frozenset({"certify"})


@transaction.atomic
def clone_request(source: DataRequest, *, actor: Person) -> DataRequest:
    """A draft of the actor's agency with the answers and agents of `source`; certifications are made anew."""
    if actor.agency_id != source.agency_id:
        raise Denied("Only the agency whose request it is can copy it.")
    clone = requests.start_draft(actor=actor)
    for section in source.sections.order_by("pk"):
        if section.name not in NEVER_COPIED:
            data = _copied(section.name, section.data)
            requests.save_section(clone, section.name, data, actor=actor, seen_version=0)
    for row in source.agents.filter(removed_at__isnull=True).select_related("person"):
        if Role.AGENT in standing.roles_of(row.person) and row.person.agency_id == actor.agency_id:
            requests.name_agent(clone, row.person, actor=actor, may_upload=row.may_upload)
    events.record("request.clone", actor=actor, request_number=clone.number, subject=source.number, at=timezone.now())
    clone.refresh_from_db()
    return clone


def _copied(section: str, data: dict[str, Any]) -> dict[str, Any]:
    """The answers, without a day of destruction that has passed."""
    due = data.get("destruction_on", "") if section == "disposition" else ""
    if due and date.fromisoformat(due) <= timezone.localdate():
        return {**data, "destruction_on": ""}
    return dict(data)
