"""Pages of cohort files: the grid as it changes, and the page that takes one file."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from matching.cohort_models import CohortFileState
from matching.forms import CohortFileForm
from matching.page_section import grid_context
from matching.selectors import next_place, report
from matching.services import cohort_files
from matching.uploads import SealingUploadHandler, receiving
from requests_app.models import DataRequest, Person
from requests_app.policies import Denied, is_party
from requests_app.templatetags.formats import quarter as quarter_words
from requests_app.views.access import person_of, seen_request


def cohort_grid(http: HttpRequest, number: str) -> HttpResponse:
    """The grid of files, asked for again while a file is being checked."""
    request = _partys_request(http, number)
    may_upload = not _reasons(person_of(http), request)
    context = grid_context(request, may_upload=may_upload) | {"request_number": request.number}
    return render(http, "matching/cohort_grid.html", context)


@csrf_exempt  # the token is checked below, once the handler that encrypts the body is in place
def cohort_file(http: HttpRequest, number: str, cohort_number: int, quarter: int) -> HttpResponse:
    """One place of the grid: what became of the last file, and a form to send one."""
    request = _partys_request(http, number)
    slot = _slot(request, cohort_number, quarter)
    if http.method == "POST":
        cohort_files.check_upload(person_of(http), request)
        with receiving(http, request, person_of(http)) as handler:
            return _receive(http, request, slot, handler)
    return render(http, "matching/cohort_file.html", _context(person_of(http), request, slot, CohortFileForm()))


@csrf_protect
def _receive(
    http: HttpRequest, request: DataRequest, slot: cohort_files.Slot, handler: SealingUploadHandler
) -> HttpResponse:
    form = CohortFileForm(http.POST, http.FILES)
    if handler.problem:
        form.errors["file"] = form.error_class([handler.problem])
    if not form.is_valid():
        context = _context(person_of(http), request, slot, form)
        return render(http, "matching/cohort_file.html", context, status=422)
    upload = form.sealed()
    cohort_files.receive(request, slot.cohort, slot.quarter, upload.sealed, actor=person_of(http))
    handler.keep()
    messages.success(
        http, f"The file of {slot.cohort}, {quarter_words(slot.quarter)}, was received and is being checked."
    )
    return redirect("request", request.number)


def _partys_request(http: HttpRequest, number: str) -> DataRequest:
    """The request, for BLS and the agency that sends the files; a reviewing state learns no numbers of people."""
    request = seen_request(http, number)
    if not is_party(person_of(http), request):
        raise Http404
    return request


def _slot(request: DataRequest, cohort_number: int, quarter: int) -> cohort_files.Slot:
    for slot in cohort_files.grid(request):
        if (slot.number, slot.quarter) == (cohort_number, quarter):
            return slot
    raise Http404


def _reasons(person: Person, request: DataRequest) -> list[str]:
    try:
        cohort_files.check_upload(person, request)
    except Denied as denied:
        return denied.reasons
    return []


def _context(person: Person, request: DataRequest, slot: cohort_files.Slot, form: CohortFileForm) -> dict[str, Any]:
    reasons = _reasons(person, request)
    refused = slot.file if slot.file and slot.file.state == CohortFileState.REFUSED else None
    return {
        "data_request": request,
        "cohort": slot.cohort,
        "quarter": slot.quarter,
        "header": f"{request.agency.fips},{slot.quarter}",
        "state_name": request.agency.state_name,
        "current": slot.file,
        "report": report(refused) if refused else [],
        "next": None if reasons else next_place(request, slot),
        "form": form,
        "reasons": reasons,
    }
