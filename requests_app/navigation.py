"""What every page knows: who is signed in as what, and where they can go."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from requests_app.bls_review_policies import REVIEWERS
from requests_app.standing import acting_problems, records_of, roles_of
from requests_app.states import Role

# Nothing stops these two roles but an account that is not active: they see no data, and mend what stops the others.
SEE_NO_DATA = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})
READ_PARTNERS = frozenset({Role.PROGRAM_ANALYST, Role.APPROVING_OFFICIAL, Role.ADMINISTRATOR})
WORK_ON_PEOPLE = frozenset({Role.COORDINATOR, Role.PROGRAM_ANALYST, Role.APPROVING_OFFICIAL, Role.ADMINISTRATOR})
READ_DASHBOARDS = REVIEWERS | {Role.DISCLOSURE_ANALYST, Role.RELEASE_OFFICER}
OF_AUDITOR = [
    ("Events", "event_list"),
    ("Records", "record_list"),
    ("Disclosures", "disclosure_list"),
    ("Access on a day", "access_on_day"),
]


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `nav`, `roles`, `stopped`, `demo_mode` and `contact` for the base template."""
    context: dict[str, Any] = {"demo_mode": settings.DEMO_MODE, "contact": settings.CONTACT_EMAIL}
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return context
    roles = roles_of(user)
    entries = [("Home", "home")]
    if roles != {Role.AUDITOR}:  # who sees no request, but reads the record of each
        entries += [("Requests", "request_list"), ("Holdings", "holding_list")]
    if Role.OUTPUT_REVIEWER in roles:
        entries.append(("Reviews", "review_list"))
    if roles & {Role.OUTPUT_REVIEWER, Role.COORDINATOR}:
        entries.append(("Uses of our records", "uses_of_records"))
    if roles & REVIEWERS:
        entries.insert(1, ("Queue", "review_queue"))
    if roles & READ_DASHBOARDS:
        entries.append(("Dashboards", "dashboards"))
    if roles & WORK_ON_PEOPLE:
        entries.append(("People", "people"))
    if roles & READ_PARTNERS:
        entries.append(("Partners", "partner_list"))
    if Role.AUDITOR in roles:
        entries += OF_AUDITOR
    unread = records_of(user, timezone.localdate()).has_unread
    entries.append(("Notices (new)" if unread else "Notices", "inbox"))
    entries += [("My standing", "my_standing"), ("Help", "help")]
    nav = [{"label": label, "url": reverse(name), "current": request.path == reverse(name)} for label, name in entries]
    stopped = acting_problems(user) if roles - SEE_NO_DATA else []
    return context | {"stopped": stopped, "nav": nav, "roles": sorted(role.label for role in roles)}
