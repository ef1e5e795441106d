"""What matching shows on the request page: the grid of cohort files, and for BLS what the match found."""

from typing import Any

from matching.cohort_models import CohortFileState, MatchCount
from matching.selectors import slot_url
from matching.services.cohort_files import Slot, check_upload, grid
from requests_app.hooks import PageSection, page_section
from requests_app.models import DataRequest, Person
from requests_app.policies import Denied, is_party
from requests_app.selectors.titles import title
from requests_app.standing import roles_of
from requests_app.states import BLS_ROLES, WITH_COHORT, State
from requests_app.templatetags.formats import quarter

MATCHED_COLUMNS = [
    {"label": "Cohort and quarter"},
    {"label": "State searched"},
    {"label": "People sent", "format": "count"},
    {"label": "People found", "format": "count"},
    {"label": "Records", "format": "count"},
]
BEFORE_FILES = {State.DRAFT, State.SUBMITTED, State.IN_REVIEW, State.RETURNED, State.RECOMMENDED, State.APPROVED}


def files_context(request: DataRequest, person: Person) -> dict[str, Any] | None:
    """The grid, from the moment files can be sent; with links where this person may send one."""
    if request.kind not in WITH_COHORT or request.status in BEFORE_FILES or not is_party(person, request):
        return None
    try:
        check_upload(person, request)
        reasons: list[str] = []
    except Denied as denied:
        reasons = denied.reasons
    is_bls = bool(roles_of(person) & BLS_ROLES)
    asked_for_files = request.status is State.AWAITING_COHORT and not is_bls
    return grid_context(request, may_upload=not reasons) | {
        "request_number": request.number,
        "matched_columns": MATCHED_COLUMNS,
        "upload_reasons": reasons if asked_for_files else [],
        "matched": _matched(request) if is_bls else None,
    }


def grid_context(request: DataRequest, *, may_upload: bool) -> dict[str, Any]:
    """Rows and quarters for components/file_grid.html."""
    slots = grid(request)
    names = list(dict.fromkeys(slot.cohort for slot in slots))
    quarters = list(dict.fromkeys(slot.quarter for slot in slots))
    rows = [
        {
            "name": name,
            "cells": [_cell(request, slot, may_upload) for slot in slots if slot.cohort == name],
        }
        for name in names
    ]
    return {
        "quarters": quarters,
        "rows": rows,
        "checking": any(slot.state == CohortFileState.RECEIVED for slot in slots),
        "missing": sum(slot.state != CohortFileState.ACCEPTED for slot in slots),
    }


def _cell(request: DataRequest, slot: Slot, may_upload: bool) -> dict[str, Any]:
    url = slot_url(request, slot)
    words = {
        "missing": "Send a file",
        CohortFileState.REFUSED: "See what is wrong",
        CohortFileState.ACCEPTED: "Replace",
        CohortFileState.RECEIVED: "Replace",
    }
    show_link = may_upload or slot.state == CohortFileState.REFUSED
    return {
        "status": slot.state,
        "detail": f"{slot.file.rows:,} people" if slot.file and slot.state == CohortFileState.ACCEPTED else "",
        "url": url if show_link else "",
        "action": words[slot.state] if may_upload else words[CohortFileState.REFUSED],
    }


def _matched(request: DataRequest) -> list[list[object]]:
    counts = MatchCount.objects.filter(request_number=request.number)
    return [
        [f"{c.cohort}, {quarter(c.quarter)}", title("state", c.state), c.persons_sent, c.persons_found, c.records]
        for c in counts
    ]


page_section(PageSection("files", "matching/files_section.html", files_context))
