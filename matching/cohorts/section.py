"""What matching shows on the request page of cohort files: the grid of cohorts and quarters."""

from typing import Any

from matching.cohorts.selectors import arriving, percent_arrived, slot_url
from matching.models.cohorts import CohortFileState, CohortPolicy, CohortUpload
from matching.services.cohort_files import Slot, check_upload, grid
from matching.services.cohort_terms import check_set_policy, policy_of
from requests_app.hooks import PageSection, page_section
from requests_app.models import DataRequest, Job, Person
from requests_app.policies import Denied, is_party
from requests_app.standing import roles_of
from requests_app.states import BLS_ROLES, WITH_COHORT, State

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
        "upload_reasons": reasons if asked_for_files else [],
        "may_send": not reasons,
        "leaves_out": policy_of(request) == CohortPolicy.EXCLUDE,
        "may_set_policy": _may_set_policy(person, request),
    }


def _may_set_policy(person: Person, request: DataRequest) -> bool:
    try:
        check_set_policy(person, request)
    except Denied:
        return False
    return True


def grid_context(request: DataRequest, *, may_upload: bool) -> dict[str, Any]:
    """Rows and quarters for components/file_grid.html."""
    slots = grid(request)
    names = list(dict.fromkeys(slot.cohort for slot in slots))
    quarters = list(dict.fromkeys(slot.quarter for slot in slots))
    on_the_way = arriving(request) if request.status is State.AWAITING_COHORT else {}
    rows = [
        {
            "name": name,
            "cells": [
                _cell(request, slot, may_upload) | _arrived(slot, on_the_way.get((slot.cohort, slot.quarter)))
                for slot in slots
                if slot.cohort == name
            ],
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
        CohortFileState.TO_CONFIRM: "Confirm or replace",
        CohortFileState.ACCEPTED: "Replace",
        CohortFileState.RECEIVED: "Replace",
    }
    show_link = may_upload or slot.state in {CohortFileState.REFUSED, CohortFileState.TO_CONFIRM}
    return {
        "status": slot.state,
        "detail": _detail(slot),
        **_progress(slot),
        "url": url if show_link else "",
        "action": words[slot.state] if may_upload else words[CohortFileState.REFUSED],
    }


def _arrived(slot: Slot, upload: CohortUpload | None) -> dict[str, Any]:
    """How much of a file has arrived that is on its way; what it will replace keeps its status."""
    if upload is None:
        return {}
    words = f"{percent_arrived(upload)} percent arrived"
    if slot.state in {"missing", CohortFileState.REFUSED}:
        return {"status": "uploading", "detail": words}
    return {"detail": f"{_detail(slot)}; of another file {words}".removeprefix("; ")}


def _detail(slot: Slot) -> str:
    """People accepted, and lines left out."""
    if slot.file is None or slot.state not in {CohortFileState.ACCEPTED, CohortFileState.TO_CONFIRM}:
        return ""
    left_out = f", {slot.file.excluded:,} left out" if slot.file.excluded else ""
    return f"{slot.file.rows - slot.file.excluded:,} people{left_out}"


def _progress(slot: Slot) -> dict[str, int]:
    """How far the check of a received file is, in bytes; nothing until a worker has it."""
    if slot.file is None or slot.state != CohortFileState.RECEIVED:
        return {}
    job = Job.objects.filter(kind="check_cohort", subject=slot.file.pk, progress_known__gt=0).last()
    return {"done": job.progress_done, "total": job.progress_known or 0} if job else {}


page_section(PageSection("files", "matching/files_section.html", files_context))
