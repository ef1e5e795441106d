"""Pages of cohort files: checking one without sending it, the grid, sending, reports, confirmation, and the policy."""

from collections.abc import Iterator
from typing import Any

from csp.decorators import csp_replace
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from matching.cohorts.forms import CohortFileForm, CohortPolicyForm
from matching.cohorts.section import grid_context
from matching.cohorts.selectors import broken_off, history_of, next_place, report, report_rows
from matching.cohorts.send_context import checking, sending
from matching.cohorts.uploads import SealingUploadHandler, receiving
from matching.core.ssn import SsnWorld
from matching.models.cohorts import CohortFile, CohortFileState, CohortPolicy
from matching.services import cohort_files, cohort_terms
from requests_app.fips import STATES
from requests_app.models import DataRequest, Person
from requests_app.policies import Denied, is_party
from requests_app.templatetags.formats import quarter as quarter_words
from requests_app.views.people.access import person_of, seen_request
from requests_app.views.site.csv_files import csv_file


@csp_replace({"connect-src": ["'none'"]})  # the browser itself refuses every call from this page
def check_file(http: HttpRequest) -> HttpResponse:
    """For everybody: checks files in the browser, by the rules of an upload, and sends nothing."""
    context = {"checking": checking(), "states": STATES, "specimens_only": settings.SSN_WORLD != SsnWorld.REAL}
    return render(http, "matching/check_file.html", context | {"idle": None})  # no script of the session either


def cohort_grid(http: HttpRequest, number: str) -> HttpResponse:
    """The grid of files, asked for again while a file is being checked."""
    request = _partys_request(http, number)
    may_upload = not _reasons(person_of(http), request)
    context = grid_context(request, may_upload=may_upload) | {"request_number": request.number}
    return render(http, "matching/cohort_grid.html", context)


def send_files(http: HttpRequest, number: str) -> HttpResponse:
    """Many files at once, against the grid; they are checked and sent by the browser (static/js/cohort/)."""
    request = seen_request(http, number)
    reasons = _reasons(person_of(http), request)
    context = grid_context(request, may_upload=not reasons) | {
        "data_request": request,
        "request_number": request.number,
        "reasons": reasons,
        "form": CohortFileForm(),
        "sending": None if reasons else sending(request),
        "broken_off": broken_off(request, person_of(http)),
    }
    return render(http, "matching/send_files.html", context)


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


def cohort_report(http: HttpRequest, number: str, file_id: str) -> HttpResponseBase:
    """What is wrong with a file, as CSV: kind, line, hint. Nothing of the file's content."""
    file = _file(http, number, file_id)
    if not file.problems:
        raise Http404
    return csv_file(f"{file.request.number}-{file.quarter}-report.csv", _with_titles(report_rows(file)))


def confirm_file(http: HttpRequest, number: str, file_id: str) -> HttpResponse:
    """The coordinator confirms that the wrong lines of a file are left out."""
    file = _file(http, number, file_id)
    cohort_files.confirm(file, actor=person_of(http))
    messages.success(http, f"Confirmed: {file.cohort}, {quarter_words(file.quarter)}, is accepted without those lines.")
    return redirect("request", number)


def cohort_policy(http: HttpRequest, number: str) -> HttpResponse:
    """BLS says what becomes of files in which some lines are wrong."""
    request = seen_request(http, number)
    cohort_terms.check_set_policy(person_of(http), request)
    form = CohortPolicyForm(
        http.POST if http.method == "POST" else None, initial={"policy": cohort_terms.policy_of(request)}
    )
    if http.method == "POST" and form.is_valid():
        cohort_terms.set_policy(request, CohortPolicy(form.cleaned_data["policy"]), actor=person_of(http))
        messages.success(http, "Saved. It holds for files that are sent from now on.")
        return redirect("request", number)
    context = {"data_request": request, "form": form}
    return render(http, "matching/cohort_policy.html", context, status=422 if form.errors else 200)


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


def _file(http: HttpRequest, number: str, file_id: str) -> CohortFile:
    found = CohortFile.objects.select_related("request").filter(pk=file_id, request=_partys_request(http, number))
    if (file := found.first()) is None:
        raise Http404
    return file


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


def _with_titles(rows: Iterator[tuple[str, str, str]]) -> Iterator[tuple[str, str, str]]:
    yield ("kind", "line", "hint")
    yield from rows


def _context(person: Person, request: DataRequest, slot: cohort_files.Slot, form: CohortFileForm) -> dict[str, Any]:
    reasons = _reasons(person, request)
    shown = {CohortFileState.REFUSED, CohortFileState.TO_CONFIRM, CohortFileState.ACCEPTED}
    return {
        "data_request": request,
        "cohort": slot.cohort,
        "quarter": slot.quarter,
        "header": f"{request.agency.fips},{slot.quarter}",
        "state_name": request.agency.state_name,
        "current": slot.file,
        "report": report(slot.file) if slot.file and slot.file.state in shown else [],
        "history": history_of(request, slot),
        "next": None if reasons else next_place(request, slot),
        "form": form,
        "reasons": reasons,
        "sending": None if reasons else sending(request, slot),
    }
