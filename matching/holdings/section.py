"""What the request page shows of holdings: the versions its results were made from, and which were replaced since."""

from typing import Any

from matching.holdings.concerned import USED_COLUMNS, rests_on_replaced, used_by
from matching.holdings.visibility import reads_quality
from requests_app.hooks import PageSection, page_section
from requests_app.models import DataRequest, Person
from requests_app.policies import is_party


def holdings_context(request: DataRequest, person: Person) -> dict[str, Any] | None:
    """For BLS and the agency whose request it is, once something was made."""
    if not is_party(person, request):
        return None
    lines = used_by(request, person)
    if not lines:
        return None
    return {
        "columns": USED_COLUMNS,
        "rows": [[one.state_name, one.kind, one.quarters, one.used, one.now] for one in lines],
        "replaced": rests_on_replaced(lines),
        "reads_quality": reads_quality(person),
    }


page_section(PageSection("holdings", "holdings/section.html", holdings_context))
