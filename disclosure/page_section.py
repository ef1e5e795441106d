"""What disclosure review shows on the request page: where it stands, and the tables once they may be seen."""

from typing import Any

from django.urls import reverse

from requests_app.guards import reviews_of
from requests_app.hooks import PageSection, page_section
from requests_app.models import DataRequest, Person
from requests_app.policies import can_open_package, can_work_disclosure, newest_package
from requests_app.standing import roles_of
from requests_app.states import AGGREGATED, BLS_ROLES, State


def disclosure_context(request: DataRequest, person: Person) -> dict[str, Any] | None:
    """For BLS: counts, sign-offs and the states' answers. For the team: a link to the tables after release."""
    package = newest_package(request) if request.kind in AGGREGATED else None
    if package is None:
        return None
    is_bls = bool(roles_of(person) & BLS_ROLES)
    may_see = can_open_package(person, request) or can_work_disclosure(person, request)
    if not is_bls and not may_see:
        return None
    return {
        "request_number": request.number,
        "package": package if is_bls else None,
        "sign_offs": list(package.sign_offs.select_related("person")) if is_bls else [],
        "reviews": reviews_of(request) if is_bls else [],
        "workbench_url": reverse("workbench", args=[request.number]) if can_work_disclosure(person, request) else "",
        "is_awaited": request.status is State.DISCLOSURE_REVIEW and not package.sign_offs.exists(),
        "tables_url": reverse("tables", args=[request.number]) if may_see else "",
    }


page_section(PageSection("disclosure", "disclosure/section.html", disclosure_context))
