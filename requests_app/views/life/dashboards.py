"""BLS's dashboards, and the times that are published."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from requests_app.selectors.life.dashboards import dashboards, published


def dashboard(request: HttpRequest) -> HttpResponse:
    """Flow, turnaround, the states' responses, destruction, and disclosure outcomes."""
    return render(request, "dashboards/dashboard.html", {"board": dashboards()})


def how_long(request: HttpRequest) -> HttpResponse:
    """For everybody: how long each step took in the last year."""
    chart, computed_at = published()
    return render(request, "dashboards/how_long.html", {"chart": chart, "computed_at": computed_at})
