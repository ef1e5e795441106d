"""Pages for everybody: what this is, and how a cohort file must look."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """What this is and for whom."""
    return render(request, "public/start.html")


@require_safe
def formats(request: HttpRequest) -> HttpResponse:
    """How a cohort file must look."""
    return render(request, "public/formats.html")
