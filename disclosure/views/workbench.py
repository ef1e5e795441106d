"""The analyst's workbench: the table with every cell's state, why, the audit, and the signatures of two analysts."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render

from disclosure.forms import CellFilter, RefuseForm, SignOffForm
from disclosure.selectors import analyses
from disclosure.selectors.cell_states import Key, disclosure_record, intervals_in_words
from disclosure.selectors.shown_tables import laid_out
from disclosure.selectors.windows import lines_of, window
from disclosure.selectors.workbench import narrowed, panel
from disclosure.views.frame import given, package_of
from requests_app import policies
from requests_app.guards import refusals_of, reviews_of
from requests_app.models import DataRequest, Package, Person, SignOff
from requests_app.request_rows import sign_offs_of
from requests_app.selectors.life.requests import actions
from requests_app.selectors.reviews.waiting import void_reviews_of
from requests_app.services.packages import packages
from requests_app.states import State
from requests_app.views.life.requests import contributed
from requests_app.views.people.access import person_of, seen_request
from requests_app.views.sign_in.second_factor import fresh_second_factor

DISCLOSURE_STEPS = {"send_to_partners", "clear_for_release", "redesign", "withdraw_cells"}


@fresh_second_factor()
def workbench(http: HttpRequest, number: str) -> HttpResponseBase:
    """The table a window at a time, one cell looked at closely, the audit, and the analyst's signature."""
    request, person = seen_request(http, number), person_of(http)
    policies.check_disclosure_work(person, request)
    package = package_of(request)
    form = SignOffForm(given(http), initial={"package_sha256": package.sha256})
    if http.method == "POST" and form.is_valid():
        packages.sign_off(request, actor=person, **form.cleaned_data)
        messages.success(http, "Signed off. A second Disclosure Analyst must confirm it now.")
        return redirect("request", number)
    context = _cells(http, package, person) | _signatures(request, package, person)
    context |= {"form": form, "ledger": contributed(http, request, person, "disclosure")}
    return render(http, "disclosure/workbench.html", context | {"data_request": request, "package": package})


@fresh_second_factor(back="workbench")
def refuse(http: HttpRequest, number: str) -> HttpResponseBase:
    """An analyst says why these bytes must not leave."""
    request, form = seen_request(http, number), RefuseForm(http.POST)
    if form.is_valid():
        packages.refuse_sign_off(request, actor=person_of(http), **form.cleaned_data)
        messages.success(http, "Your refusal is recorded. Nobody can confirm these tables while it stands.")
    else:
        messages.error(http, " ".join(str(words) for found in form.errors.values() for words in found))
    return redirect("workbench", number)


def _cells(http: HttpRequest, package: Package, person: Person) -> dict[str, Any]:
    """The window of the table that was asked for, and the cell that was chosen."""
    record = disclosure_record(package, person)
    lines = lines_of(laid_out(record.tables, record.states))
    filter_ = CellFilter(http.GET, rules=record.rules)
    asked = filter_.asked()
    chosen = _number(http.GET.get("cell"))
    known = analyses.intervals_of(package) if chosen is not None else None
    bounds: dict[Key, list[str]] = {}
    if chosen is not None and (answer := analyses.answer_of(known, person)):
        bounds = intervals_in_words(answer)
    page, tables = window(narrowed(lines, **asked), http.GET.get("page"))
    query = http.GET.copy()
    for name in ("page", "cell"):
        query.pop(name, None)
    return {
        "summary": record.summary,
        "filter": filter_,
        "show_all": http.path if any(asked.values()) else "",
        "page": page,
        "tables": tables,
        "query": f"{query.urlencode()}&" if query else "",
        "panel": panel(lines, chosen, bounds),
        "intervals": known,
    }


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 9 else None


def _signatures(request: DataRequest, package: Package, person: Person) -> dict[str, Any]:
    """Who signed these bytes and who refused; signatures under earlier bytes, which are void."""
    signed = sign_offs_of(package)
    valid = [one for one in signed if one.package_sha256 == package.sha256]
    void = [*_of_earlier(request, package), *(one for one in signed if one not in valid)]
    offered = actions(person, request, DISCLOSURE_STEPS)
    under_review = request.status is State.DISCLOSURE_REVIEW
    return {
        "sign_offs": valid,
        "void": void,
        "refusals": refusals_of(request, package),
        "may_sign": under_review and not valid,
        "may_refuse": RefuseForm(initial={"package_sha256": package.sha256}) if under_review else None,
        "reviews": reviews_of(request),
        "void_reviews": void_reviews_of(request) if package.version > 1 else [],
        "actions": [action for action in offered if action.enabled or valid],
    }


def _of_earlier(request: DataRequest, package: Package) -> list[SignOff]:
    """The signatures under earlier packages of the request; the first has none before it."""
    if package.version == 1:
        return []
    earlier = SignOff.objects.filter(package__request=request, package__version__lt=package.version)
    return list(earlier.select_related("person", "package").order_by("pk"))
