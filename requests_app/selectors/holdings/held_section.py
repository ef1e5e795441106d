"""What a request's page says of the data an agency holds: what must be destroyed, until when, and where to go on."""

from typing import Any

from requests_app import policies
from requests_app.amendment_states import AmendmentState
from requests_app.hooks import PageSection, page_section
from requests_app.models import DataRequest, Person
from requests_app.request_rows import there_is
from requests_app.selectors.form.amendments import amendments_of_day
from requests_app.states import State

SHOWN_IN = frozenset({State.RELEASED, State.IN_USE, State.DESTRUCTION_DUE, State.DESTRUCTION_CONFIRMED, State.CLOSED})


def held_context(request: DataRequest, person: Person) -> dict[str, Any] | None:
    """For BLS and the agency, while something of the request is or was to be destroyed."""
    if request.kind != "micro" or request.status not in SHOWN_IN or not policies.is_party(person, request):
        return None
    duties = list(request.destructions.select_related("package", "held"))
    if not duties:
        return None
    waiting = [duty for duty in duties if duty.confirmed_at is None]
    amendments = amendments_of_day(person, request) if there_is(request).amendments else []
    asked = [one for one in amendments if one.status is AmendmentState.SUBMITTED]
    return {
        "duties": duties,
        "waiting": len(waiting),
        "next": waiting[0] if waiting else None,
        "asked": asked[0] if asked else None,
    }


page_section(PageSection("held_data", "requests/held_section.html", held_context))
