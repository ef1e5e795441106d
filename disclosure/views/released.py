"""The tables as they are, or would be, released, with their charts."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from disclosure.core.package.zip_file import spreadsheet_safe
from disclosure.forms import ChartForm
from disclosure.selectors.charts import charts, choices, chosen
from disclosure.selectors.shown_tables import laid_out, opened_tables
from disclosure.selectors.windows import lines_of, window
from disclosure.views.frame import package_of
from requests_app.views.people.access import person_of, seen_request
from requests_app.views.sign_in.second_factor import fresh_second_factor
from requests_app.views.site.csv_files import csv_file


@fresh_second_factor()
def tables(http: HttpRequest, number: str) -> HttpResponseBase:
    """The tables as they are, or would be, released, a window of rows at a time; charts are of the whole."""
    request = seen_request(http, number)
    package = package_of(request)
    opened = opened_tables(package, person_of(http), "view tables")
    asked = {key: str(value) for key, value in http.GET.items()}
    page, shown = window(lines_of(laid_out(opened, {})), asked.pop("page", 1))
    context = {
        "data_request": request,
        "package": package,
        "page": page,
        "query": f"{urlencode(asked)}&" if asked else "",
        "tables": shown,
        "drawn": [_drawn(number, place, table, asked) for place, table in enumerate(opened)],
    }
    return render(http, "disclosure/tables.html", context)


def _drawn(number: str, place: int, table: dict[str, Any], asked: Mapping[str, str]) -> dict[str, Any]:
    """The charts of one table with what was chosen, and where each chart's numbers are."""
    choice = chosen(table, asked)
    query = urlencode({"table": place, **asdict(choice)})
    found = [(one, f"{reverse('chart_data', args=[number, one.kind])}?{query}") for one in charts(table, choice)]
    return {"form": ChartForm(choices(table), initial=asdict(choice)), "charts": found, "title": table["title"]}


@fresh_second_factor(back="tables")
def chart_data(http: HttpRequest, number: str, chart: str) -> HttpResponseBase:
    """The numbers of one chart, as the table beside it has them."""
    request = seen_request(http, number)
    package = package_of(request)
    opened = opened_tables(package, person_of(http), "download chart")
    place = http.GET.get("table", "0")
    if place not in map(str, range(len(opened))):
        raise Http404
    table = opened[int(place)]
    found = charts(table, chosen(table, {key: str(value) for key, value in http.GET.items()}))
    drawn = next((one for one in found if one.kind == chart), None)
    if drawn is None:
        raise Http404
    header = [column["label"] for column in drawn.columns]
    lines = ([spreadsheet_safe("" if cell is None else str(cell)) for cell in row] for row in [header, *drawn.rows])
    return csv_file(f"{number}-{chart}.csv", lines)
