"""What an analyst asks a worker about the package under review: other parameters, coarser designs, intervals."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render

from disclosure.forms import SuggestForm, WhatIfForm
from disclosure.models import Analysis
from disclosure.selectors import analyses as read
from disclosure.selectors.design_words import in_words
from disclosure.services import analyses, designs
from disclosure.views.frame import package_of, polled
from requests_app import policies
from requests_app.models import DataRequest, Package, Person
from requests_app.states import State
from requests_app.views.people.access import person_of, seen_request
from requests_app.views.sign_in.second_factor import fresh_second_factor

WHAT_IF, SUGGEST = Analysis.Kind.WHAT_IF, "suggest"
PLAIN = {Analysis.Kind.DESIGNS, Analysis.Kind.INTERVALS}  # questions that name nothing
ASKED = "A worker is on it. This page shows the answer when it is done."


@fresh_second_factor()
def page(http: HttpRequest, number: str) -> HttpResponseBase:
    """The questions with their answers; a POST asks one, or suggests a design to the state."""
    request, person = seen_request(http, number), person_of(http)
    policies.check_disclosure_work(person, request)
    package = package_of(request)
    if (said := polled(http, waits=any(one.waits for one in read.newest_of_package(package)))) is not None:
        return said
    wanted = http.POST.get("ask", "")
    what_if = WhatIfForm(http.POST if wanted == WHAT_IF else None)
    suggest = _suggest_form(http, request, wanted)
    if http.method == "POST" and _take(http, request, wanted, what_if, suggest):
        return redirect("disclosure_analyses", number)
    context = _answers(package, person) | {
        "data_request": request, "package": package, "what_if": what_if, "suggest": suggest,
        "suggested": designs.suggestion_for(request), "suggested_words": _suggested_words(request),
    }  # fmt: skip
    return render(http, "disclosure/analyses.html", context, status=400 if http.method == "POST" else 200)


def _suggest_form(http: HttpRequest, request: DataRequest, wanted: str) -> SuggestForm | None:
    """Designs can be suggested while the review is on and there is a coarser one."""
    offered = [in_words(one.changes) for one in designs.designs_to_offer(request)]
    if request.status is not State.DISCLOSURE_REVIEW or not offered:
        return None
    return SuggestForm(http.POST if wanted == SUGGEST else None, designs=offered)


def _take(
    http: HttpRequest, request: DataRequest, wanted: str, what_if: WhatIfForm, suggest: SuggestForm | None
) -> bool:
    """Does what was asked for; False where the form has to be shown again with what is wrong."""
    person, sha256 = person_of(http), http.POST.get("package_sha256", "")
    if wanted == SUGGEST and suggest is not None:
        if not suggest.is_valid():
            return False
        designs.suggest_design(request, suggest.cleaned_data["design"], actor=person)
        messages.success(http, f"Suggested. {request.agency.state_name} can accept the design on the request's page.")
        return True
    if wanted not in {*PLAIN, WHAT_IF}:
        raise Http404
    if wanted == WHAT_IF and not what_if.is_valid():
        return False
    asked = what_if.asked() if wanted == WHAT_IF else {}
    analyses.ask_about_package(request, Analysis.Kind(wanted), actor=person, package_sha256=sha256, asked=asked)
    messages.success(http, ASKED)
    return True


def _suggested_words(request: DataRequest) -> str:
    suggested = designs.suggestion_for(request)
    return in_words(suggested.changes) if suggested else ""


def _answers(package: Package, person: Person) -> dict[str, Any]:
    """What was asked about the package with the answers; the newest few of the what-ifs are opened."""
    asked = read.newest_of_package(package)
    of_kind = {kind: [one for one in asked if one.kind == kind] for kind in Analysis.Kind}
    what_ifs = of_kind[Analysis.Kind.WHAT_IF]
    coarser, intervals = (next(iter(of_kind[kind]), None) for kind in (Analysis.Kind.DESIGNS, Analysis.Kind.INTERVALS))
    opened = [(one, read.answer_of(one, person)) for one in what_ifs if one.file_id][: read.SHOWN_WHAT_IFS]
    designed = read.answer_of(coarser, person)
    return {
        "what_ifs": [(one, read.parameters_in_words(one.asked)) for one in what_ifs],
        "what_if_rows": read.what_if_rows([(one, answer) for one, answer in opened if answer]),
        "what_if_columns": read.WHAT_IF_COLUMNS,
        "designs": coarser,
        "design_rows": read.design_rows(designed) if designed else [],
        "design_columns": read.DESIGN_COLUMNS,
        "value": read.value_words(designed) if designed else "",
        "intervals": intervals,
        "waits": any(one.waits for one in asked),
    }
