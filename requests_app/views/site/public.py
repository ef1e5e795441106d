"""Pages for everybody: what this is, how to ask, who takes part, how files look, and what is promised."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from requests_app.paperwork import pra_statement
from requests_app.selectors.holdings.holdings import partner_states

MICRO_COLUMNS = (
    ("Temporary ID", "Yours, as you sent it"),
    ("State FIPS Code", "The state whose record it is, two digits"),
    ("Unemployment Insurance Number (UIN)", "The employer's account with that state"),
    ("Reporting Unit Number (RUN)", "The employer's unit, five digits"),
    ("Employer Identification Number (EIN)", "Nine digits"),
    ("Reference Year", "Four digits"),
    ("Reference Quarter", "1 to 4"),
    ("Quarterly Wages", "Whole dollars"),
    ("Hours Reported", "Empty in most states"),
    ("Weeks worked", "Empty in most states"),
    ("Dominant NAICS code", "Of the employer's account in that state and quarter; 999999 where there is none"),
)
# The header is checked against a package's own by a test.
TABLE_EXAMPLE = (
    "quarter,area,industry,jobs,wages,disclosure_code",
    "20161,10000,44-45,50123,358214077,",
    "20161,10000,11,,,N",
    "20161,10000,21,0,0,",
)


def start(request: HttpRequest) -> HttpResponse:
    """What this is and for whom."""
    return render(request, "public/start.html")


def formats(request: HttpRequest) -> HttpResponse:
    """How a cohort file must look, and what comes back."""
    rows = [{"label": title, "cells": [words]} for title, words in MICRO_COLUMNS]
    context = {"micro_columns": ["Title", "What it holds"], "micro_rows": rows, "table_example": TABLE_EXAMPLE}
    return render(request, "public/formats.html", context)


def instructions(request: HttpRequest) -> HttpResponse:
    """Who may ask for what, for which purposes, and step by step how."""
    return render(request, "public/instructions.html", {"pra": pra_statement()})


def current_partners(request: HttpRequest) -> HttpResponse:
    """The states whose Memorandum of Understanding is in force today."""
    rows = [{"label": agency.state_name, "cells": [agency.name]} for agency in partner_states(timezone.localdate())]
    return render(request, "public/partners.html", {"rows": rows, "columns": ["State", "Agency"]})


def questions(request: HttpRequest) -> HttpResponse:
    """What people ask most often."""
    return render(request, "public/questions.html")


def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept about whom, and under which law."""
    return render(request, "public/privacy.html")


def accessibility(request: HttpRequest) -> HttpResponse:
    """What people can rely on, what falls short, and whom to tell."""
    return render(request, "public/accessibility.html")
