"""The components gallery: each pattern of the pages once, with made-up content, for builders and reviewers."""

from datetime import UTC, date, datetime, timedelta

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

QUARTERS = [20161, 20162, 20163]


class SampleForm(forms.Form):
    """One field of each sort."""

    title = forms.CharField(label="Project title", help_text="As it will stand on the package.", max_length=200)
    purpose = forms.CharField(label="Research questions", widget=forms.Textarea(attrs={"rows": 4}))
    state = forms.ChoiceField(
        label="State", choices=[("", "Choose a state"), ("10", "Delaware"), ("44", "Rhode Island")]
    )
    kind = forms.ChoiceField(
        label="What do you need back?",
        widget=forms.RadioSelect,
        choices=[("macro", "Macro"), ("micro_to_macro", "Micro to macro"), ("micro", "Micro")],
    )
    quarters = forms.MultipleChoiceField(
        label="Quarters",
        help_text="Choose all you need.",
        widget=forms.CheckboxSelectMultiple,
        choices=[("20161", "2016 Q1"), ("20162", "2016 Q2")],
    )
    destroy_by = forms.DateField(
        label="Destruction date",
        widget=forms.SelectDateWidget(years=range(2026, 2031), empty_label=("Year", "Month", "Day")),
    )
    certified = forms.BooleanField(label="I certify that the records are used for statistical purposes only.")
    note = forms.CharField(label="Note", required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["kind"].option_hints = {  # type: ignore[attr-defined]
            "macro": "Tables about industries and places; you send no numbers of people.",
            "micro_to_macro": "Tables about the people you name.",
            "micro": "Individual records under your own temporary IDs.",
        }


def components(request: HttpRequest) -> HttpResponse:
    """Every component with examples; open to everybody, holds nothing real."""
    bound = SampleForm({"title": "Nurses who moved", "kind": "micro"}, prefix="refused")
    context = {
        "sample": SampleForm(prefix="sample"),
        "refused": bound,
        "due": date(2026, 8, 14),
        "today": date(2026, 8, 3),
        "page": Paginator(range(60), 20).page(2),
        **_lists(),
        **_tables(),
    }
    return render(request, "components.html", context)


def _lists() -> dict[str, object]:
    today = timezone.localdate()
    return {
        "statuses": ["draft", "in_review", "matching", "approved", "destruction_due", "refused"],
        "steps": [
            {"label": "Ask", "state": "complete"},
            {"label": "Review", "state": "complete"},
            {"label": "Cohort", "state": "current"},
            {"label": "Match and protect", "state": "upcoming"},
            {"label": "Release", "state": "upcoming"},
        ],
        "tasks": [
            {"label": "Purpose", "url": "#tasks", "status": "complete"},
            {"label": "Cohort definition", "url": "#tasks", "status": "in_progress", "words": "2 answers missing"},
            {"label": "Sign", "status": "not_started", "words": "Cannot start yet", "hint": "After all sections."},
        ],
        "work": [
            {
                "sentence": "Review the request of Maine “Nurses who moved”",
                "id": "WR-2026-000042",
                "due": today + timedelta(days=12),
                "url": "#work",
                "action": "Start review",
            },
            {
                "sentence": "Confirm the destruction of a package",
                "id": "WR-2026-000007",
                "due": today - timedelta(days=3),
                "url": "#work",
                "action": "Confirm",
                "late": True,
            },
        ],
        "summary": [
            {"key": "Project title", "value": "Nurses who moved", "url": "#summary"},
            {"key": "Quarters", "lines": ["2016 Q1", "2016 Q2"], "url": "#summary", "changed": "added 2016 Q2"},
            {"key": "Linkage to other data", "value": "", "url": "#summary", "action": "Add"},
        ],
        "events": [
            {"at": datetime(2026, 8, 3, 19, 5, tzinfo=UTC), "who": "Avery Cole, Program Analyst", "words": "Sent back"}
            | {"detail": "The reference quarter of the second cohort is missing."},
            {"at": datetime(2026, 7, 30, 14, 0, tzinfo=UTC), "who": "Dana Reyes, Rhode Island", "words": "Submitted"},
        ],
    }


def _tables() -> dict[str, object]:
    return {
        "quarters": QUARTERS,
        "files": [
            {
                "name": "Nursing graduates 2015",
                "cells": [
                    {"status": "accepted", "detail": "1,204 rows"},
                    {"status": "uploading", "done": 43, "total": 100, "detail": "43%"},
                    {"status": "missing", "url": "#files", "action": "Add file"},
                ],
            },
            {
                "name": "Nursing graduates 2016",
                "cells": [
                    {"status": "refused", "detail": "3 problems", "url": "#files", "action": "Read why"},
                    {"status": "missing", "url": "#files", "action": "Add file"},
                    {"status": "missing", "url": "#files", "action": "Add file"},
                ],
            },
        ],
        "list_columns": ["Request", "Status", "Title", "Sent"],
        "list_rows": [
            {
                "label": "WR-2026-000042",
                "url": "#list",
                "status": "in_review",
                "cells": ["Nurses who moved", "30 July 2026"],
            },
            {
                "label": "WR-2026-000007",
                "url": "#list",
                "status": "in_use",
                "cells": ["Retail workers", "2 March 2026"],
            },
        ],
        "groups": [{"label": "", "span": 2}, {"label": "2016 Q1", "span": 3}],
        "columns": [
            {"label": "County", "format": "text"},
            {"label": "Industry", "format": "text"},
            {"label": "Persons", "format": "count", "unit": "persons"},
            {"label": "Wages", "format": "money", "unit": "dollars"},
            {"label": "Share", "format": "percent", "unit": "of persons"},
        ],
        "rows": [
            ["Kent County", "Retail trade", 1204, 8412345, 0.431],
            ["Newport County", "Retail trade", "N", "N", "N"],
            ["Providence County", "Retail trade", 0, 0, 0],
            ["Washington County", "Retail trade", 388, None, 0.139],
        ],
        "job": {
            "label": "Matching",
            "words": "Matching 2016 Q2 against Delaware",
            "done": 412_000,
            "total": 955_000,
            "unit": "row",
            "left": "about 2 minutes",
            "state": "running",
        },
    }
