"""What stands in the way of an amendment, all of it at once, in words; by the guards of the request's own steps."""

from copy import copy
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from requests_app import hooks, standing
from requests_app.amendment_states import AMENDABLE
from requests_app.form import read
from requests_app.models import Amendment, DataRequest, FormSection, Person
from requests_app.reading import one_reading
from requests_app.states import Kind
from requests_app.templatetags import formats

LONGEST = timedelta(days=5 * 366)  # from today to a later day of destruction
# What must hold for a request must hold for what is added to it.
GUARDS = ("mou_in_force", "states_permit_use", "quarters_are_held", "design_can_be_tabulated", "pre_release_listed")


def added_scope(request: DataRequest, changes: dict[str, Any]) -> dict[str, list[Any]]:
    """The states and quarters of the request that an amendment brings; empty where it adds neither.

    New quarters are asked of every state of the form, new states for every quarter of it.
    """
    asked = read(request)
    if changes.get("quarters"):
        return {"states": list(asked.states), "quarters": sorted(changes["quarters"])}
    if changes.get("states"):
        return {"states": sorted(changes["states"]), "quarters": list(asked.quarters)}
    return {}


def asked_as_request(request: DataRequest, scope: dict[str, list[Any]]) -> DataRequest:
    """The request as if its form asked for `scope`: for guards to look at, never saved."""
    shown = copy(request)
    sections = {section.name: section for section in request.sections.all()}
    sections["scope"] = FormSection(request=request, name="scope", data=scope)
    shown._prefetched_objects_cache = {"sections": list(sections.values())}  # type: ignore[attr-defined]
    return shown


def problems(amendment: Amendment, person: Person | None) -> list[str]:
    """Everything that stands in the way of submitting or approving it now."""
    request, changes = amendment.request, amendment.changes
    found = _of_request(request)
    if not any(changes.values()):
        found.append("Nothing is added or extended. Say what is to change.")
    if changes.get("quarters") and changes.get("states"):
        found.append("Add quarters or states, not both: ask for the others by a second amendment.")
    found += _of_day(request, changes.get("destruction_on", ""))
    found += _of_agents(request, changes.get("agents", []))
    if scope := added_scope(request, changes):
        shown = asked_as_request(request, scope)
        with one_reading():  # what was looked up for the request itself does not count for the request as shown
            found += [sentence for name in GUARDS for sentence in hooks.guards[name](shown, person)]
    return list(dict.fromkeys(found))


def _of_request(request: DataRequest) -> list[str]:
    found = []
    if request.status not in AMENDABLE:
        found.append(f"A request that is “{request.status.label}” is not amended.")
    if request.suspended_reason:
        found.append(f"The request is suspended: {request.suspended_reason}")
    return found


def _of_day(request: DataRequest, day: str) -> list[str]:
    if not day:
        return []
    if request.kind != Kind.MICRO:
        return ["Only a micro request has a destruction date."]
    wanted, agreed, today = date.fromisoformat(day), read(request).destruction_on, timezone.localdate()
    if wanted <= today:
        return ["The destruction date must lie in the future."]
    if agreed and wanted <= agreed:
        return [f"The data are to be destroyed by {formats.day(agreed)}: ask for a later day, or destroy them earlier."]
    return ["The destruction date lies within five years from today."] if wanted > today + LONGEST else []


def _of_agents(request: DataRequest, agents: list[dict[str, Any]]) -> list[str]:
    people = Person.objects.filter(public_id__in=[row["person"] for row in agents]).select_related("agency")
    found = [sentence for person in people for sentence in standing.clearance_problems(person, timezone.localdate())]
    named = request.agents.filter(removed_at__isnull=True, person__in=people).select_related("person")
    return found + [f"{row.person.name} is named on the request already." for row in named]
