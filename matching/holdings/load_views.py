"""Pages of loads: the history of a state and quarter, the quality of one load, and two beside each other."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from matching.holdings import comparison, history, looks, reject_words, visibility
from matching.holdings.forms import ComparisonForm, LookForm
from matching.holdings.load_page import load_page, name_of
from matching.models import Holding, LoadQuality
from requests_app.selectors.life.titles import title
from requests_app.templatetags.formats import quarter as quarter_words
from requests_app.views.people.access import person_of
from requests_app.views.site.csv_files import csv_file


def holding(request: HttpRequest, fips: str, quarter: int) -> HttpResponse:
    """Every version of a state and quarter: who loaded it and when, and where it stands."""
    person = person_of(request)
    steward = visibility.is_steward(person)
    kinds = history.histories(visibility.seen_by(person), fips, quarter, linked=steward)
    if not kinds:
        raise Http404
    name = f"{title('state', fips)}, {quarter_words(quarter)}"
    context = {"name": name, "kinds": kinds, "columns": history.COLUMNS, "may_compare": steward, "fips": fips}
    return render(request, "holdings/holding.html", context)


def load(request: HttpRequest, fips: str, quarter: int, kind: str, version: int) -> HttpResponse:
    """How good one load is, for the Data Steward, and which requests it concerns."""
    found = _load(request, fips, quarter, kind, version)
    return render(request, "holdings/load.html", _context(request, found, LookForm()))


def look_at_load(request: HttpRequest, fips: str, quarter: int, kind: str, version: int) -> HttpResponse:
    """Takes note that the Data Steward looked at the findings of a load."""
    found, form = _load(request, fips, quarter, kind, version), LookForm(request.POST)
    if not form.is_valid():
        return render(request, "holdings/load.html", _context(request, found, form), status=422)
    looks.look(found, actor=person_of(request), note=form.cleaned_data["note"])
    messages.success(request, f"You looked at the findings: {name_of(found)}.")
    return redirect("load", fips, quarter, kind, version)


def load_rejects(request: HttpRequest, fips: str, quarter: int, kind: str, version: int) -> HttpResponseBase:
    """The lines that were not loaded and why, as CSV; never what they say."""
    found = _load(request, fips, quarter, kind, version)
    quality = LoadQuality.objects.filter(load_id=found.load_id).first()
    if quality is None:
        raise Http404
    return csv_file(f"rejects_{kind}_{fips}_{quarter}_{version}.csv", reject_words.csv_rows(quality))


def compare_loads(request: HttpRequest) -> HttpResponse:
    """Two loads of a state beside each other: every figure, the difference, and what is unusual about it."""
    seen = visibility.seen_by(person_of(request))
    form = ComparisonForm(request.GET, seen)
    context: dict[str, Any] = {"form": form, "compared": None}
    if form.is_valid() and form.both:
        context["compared"] = comparison.compare(*form.both)
    return render(request, "holdings/compare.html", context)


def _load(request: HttpRequest, fips: str, quarter: int, kind: str, version: int) -> Holding:
    """The load the address names; 404 where there is none, or none that the person may see yet."""
    cell = {"state": fips, "quarter": quarter, "kind": kind, "version": version}
    found = visibility.seen_by(person_of(request)).filter(**cell).first()
    if found is None:
        raise Http404
    return found


def _context(request: HttpRequest, found: Holding, form: LookForm) -> dict[str, Any]:
    return load_page(found, person_of(request)) | {"form": form, "others": comparison.others(found, person_of(request))}
