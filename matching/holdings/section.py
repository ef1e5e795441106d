"""What the request page shows of holdings: what is held today; later the versions used, and which were replaced."""

from typing import Any

from matching.holdings.concerned import HELD_COLUMNS, USED_COLUMNS, held_for, rests_on_replaced, used_by
from requests_app.hooks import PageSection, page_section
from requests_app.models import DataRequest, Person
from requests_app.policies import is_party
from requests_app.request_rows import BEFORE_RESULTS


def holdings_context(request: DataRequest, person: Person) -> dict[str, Any] | None:
    """For BLS and the agency whose request it is: before anything was made, what is held of what is asked for."""
    if not is_party(person, request):
        return None
    lines = used_by(request, person)
    if lines:
        rows = [[one.state_name, one.kind, one.quarters, one.used, one.now] for one in lines]
        return {"used": True, "columns": USED_COLUMNS, "rows": rows, "replaced": rests_on_replaced(lines)}
    if request.status not in BEFORE_RESULTS:
        return None
    rows = held_for(request, person)
    return {"used": False, "columns": HELD_COLUMNS, "rows": rows} if rows else None


page_section(PageSection("holdings", "holdings/section.html", holdings_context))
