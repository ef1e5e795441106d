"""Pages for everybody: what this is, and how a cohort file must look."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def start(request: HttpRequest) -> HttpResponse:
    """What this is and for whom."""
    return render(request, "public/start.html")


def formats(request: HttpRequest) -> HttpResponse:
    """How a cohort file must look."""
    return render(request, "public/formats.html")
