"""What disclosure shows on a request's pages: where its review stands, the tables, the forecasts."""

from typing import Any

from django.urls import reverse

from disclosure.models import Analysis
from disclosure.selectors import published_words
from disclosure.selectors.design_words import in_words
from disclosure.selectors.designer import designer, presets
from disclosure.selectors.published_forecast import published_forecast
from disclosure.selectors.refusals import newest_refusal, refusals_of
from disclosure.services.designs import suggestion_for
from requests_app import form
from requests_app.guards import reviews_of
from requests_app.hooks import PageSection, page_section
from requests_app.models import DataRequest, Person
from requests_app.policies import (
    FORECAST_READERS,
    can_open_package,
    can_see_forecast,
    can_work_disclosure,
    newest_package,
)
from requests_app.request_rows import sign_offs_of
from requests_app.review_policies import ANSWERS_QUESTIONS
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
        "sign_offs": sign_offs_of(package) if is_bls else [],
        "reviews": reviews_of(request) if is_bls else [],
        "may_care": bool(roles_of(person) & ANSWERS_QUESTIONS),
        "workbench_url": reverse("workbench", args=[request.number]) if can_work_disclosure(person, request) else "",
        "is_awaited": request.status is State.DISCLOSURE_REVIEW and not sign_offs_of(package),
        "tables_url": reverse("tables", args=[request.number]) if may_see else "",
    }


def presets_context(request: DataRequest, _person: Person) -> dict[str, Any] | None:
    """For the state, above the Tables section: questions to start from."""
    saved = request.sections.filter(name="tables").first()
    return presets(request, saved.version if saved else 0, is_empty=not (saved and saved.data.get("design")))


def designer_context(request: DataRequest, _person: Person) -> dict[str, Any] | None:
    """For the state, beside the Tables section: the saved table as it will look, its forecast and what it costs."""
    return designer(request, form.read(request).design)


def published_forecast_context(request: DataRequest, _person: Person) -> dict[str, Any] | None:
    """For the state, before it signs: what published QCEW tells of the table."""
    found = published_forecast(request)
    if found is None:
        return None
    return {"forecast": found, "request_number": request.number} | published_words.context(found)


def exact_forecast_context(request: DataRequest, person: Person) -> dict[str, Any] | None:
    """For BLS while it reviews: whether the exact forecast is made, and the way to it."""
    if not can_see_forecast(person, request):
        return None
    newest = request.analyses.filter(kind=Analysis.Kind.FORECAST).select_related("job").last()
    return {"analysis": newest, "forecast_url": reverse("forecast", args=[request.number])}


def refusal_context(request: DataRequest, person: Person) -> dict[str, Any] | None:
    """For who decides at BLS, while a build stands refused: which cells, which earlier releases, what can be done."""
    if request.status is not State.FAILED or not roles_of(person) & FORECAST_READERS:
        return None
    found = newest_refusal(request)
    return None if found is None else {"refusal": found, "is_open": True}


def earlier_refusals_context(request: DataRequest, person: Person) -> dict[str, Any] | None:
    """For analysts in the workbench: earlier builds of the request that were refused."""
    found = refusals_of(request) if can_work_disclosure(person, request) else []
    return {"refusals": found} if found else None


def suggestion_context(request: DataRequest, person: Person) -> dict[str, Any] | None:
    """For the requesting agency: the coarser design BLS suggests, while it can be accepted."""
    suggested = suggestion_for(request) if person.agency_id == request.agency_id else None
    return None if suggested is None else {"words": in_words(suggested.changes)}


page_section(PageSection("disclosure", "disclosure/section.html", disclosure_context))
page_section(PageSection("history_refusal", "disclosure/refusal.html", refusal_context))
page_section(
    PageSection("earlier_refusals", "disclosure/earlier_refusals.html", earlier_refusals_context, page="disclosure")
)
page_section(PageSection("suggested_design", "disclosure/suggested_design.html", suggestion_context))
page_section(PageSection("presets", "disclosure/presets.html", presets_context, page="tables"))
page_section(PageSection("designer", "disclosure/designer.html", designer_context, page="tables"))
page_section(
    PageSection("published_forecast", "disclosure/published_forecast.html", published_forecast_context, page="check")
)
page_section(PageSection("exact_forecast", "disclosure/exact_forecast.html", exact_forecast_context, page="review"))
