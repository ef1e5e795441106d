"""The table designer: the Tables section filled in from a question or a better design, and the table as it would look.

Nothing is saved here; the page it answers is that of the section, whose own button saves.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string

from disclosure.core.tabulation.design import DesignError, TableDesign
from disclosure.presets import preset
from disclosure.selectors.design_words import in_words
from disclosure.selectors.designer import designer, presets
from disclosure.selectors.published_forecast import basis_of, forecast_of
from requests_app import form as the_form
from requests_app.forms.tables import TablesForm
from requests_app.models import DataRequest
from requests_app.states import AGGREGATED, Kind
from requests_app.views.form.section import editable, section_page

SECTION = "tables"
TYPED = "dimensions", "measures", "layout", "source"  # one of them at least is sent with every design


def design_table(http: HttpRequest, number: str) -> HttpResponse:
    """A POST shows a design without saving it: as typed, from a preset, or a better one that was offered."""
    request = editable(http, number)
    if http.method != "POST" or request.kind not in AGGREGATED:
        return redirect("form_section", number, SECTION)
    saved = request.sections.filter(name=SECTION).first()
    data, version = (saved.data, saved.version) if saved else ({}, 0)
    if chosen := preset(request.kind, http.POST.get("preset", "")):
        design = chosen.for_quarters(the_form.read(request).quarters)
        return _filled_in(http, request, version, design, f"Filled in: “{chosen.question}”.")
    bound = TablesForm(request, data, version, http.POST) if set(TYPED) & set(http.POST) else None
    design = data.get("design", {})
    if bound is not None:
        if not bound.is_valid():
            return _shown(http, request, bound, design, [str(one) for found in bound.errors.values() for one in found])
        design = bound.answers()["design"]
    if offered := _offered(request, design, http.POST.get("take", "")):
        return _filled_in(http, request, version, offered, f"Filled in: {http.POST['take'].lower()}.")
    return _shown(http, request, bound or TablesForm(request, data, version), design)


def _offered(request: DataRequest, design: dict[str, Any], words: str) -> dict[str, Any] | None:
    """The better design known by these words, worked out anew from the same form and published data; None elsewhere."""
    asked = the_form.read(request)
    try:
        read = TableDesign.from_dict(design, people=request.kind == Kind.MICRO_TO_MACRO)
    except DesignError:
        return None
    basis = basis_of(asked, read) if words else None
    found = forecast_of(asked, read, basis) if basis else None
    named = {in_words(one.design.changes): one.design.design for one in (found.better if found else ())}
    return named[words].as_dict() if words in named else None


def _filled_in(
    http: HttpRequest, request: DataRequest, version: int, design: dict[str, Any], notice: str
) -> HttpResponse:
    """The section with another design in it; saved over what the person saw, it is their decision."""
    seen = http.POST.get("seen_version", "")
    known = int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 9 else version
    return _shown(http, request, TablesForm(request, {"design": design}, known), design, notice=notice)


def _shown(
    http: HttpRequest,
    request: DataRequest,
    form: TablesForm,
    design: dict[str, Any],
    problems: list[str] | None = None,
    notice: str = "",
) -> HttpResponse:
    """The section's page; a design that cannot be is no failure of this address, so that the page can show it live."""
    parts = {
        "disclosure/presets.html": presets(request, int(form.initial["seen_version"]), is_empty=not design),
        "disclosure/designer.html": designer(request, design, problems or []),
    }
    added = [render_to_string(name, part | {"data_request": request}, request=http) for name, part in parts.items()]
    return section_page(http, request, SECTION, form, added=added, notice=f"{notice} Nothing is saved yet.".strip())
