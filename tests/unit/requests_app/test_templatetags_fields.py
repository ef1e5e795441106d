"""Form fields and table cells in USWDS markup, rendered through their components."""

from collections.abc import Mapping
from typing import Any

import pytest
from django import forms
from django.template.loader import render_to_string

from requests_app.templatetags import fields

COLUMNS = [{"label": "County"}, {"label": "Persons", "format": "count"}, {"label": "Wages", "format": "money"}]


class Sample(forms.Form):
    title = forms.CharField(help_text="As on the package.", widget=forms.TextInput(attrs={"placeholder": "x"}))
    kind = forms.ChoiceField(widget=forms.RadioSelect, choices=[("macro", "Macro"), ("micro", "Micro")])
    certified = forms.BooleanField()
    day = forms.DateField(widget=forms.SelectDateWidget(years=[2026]), required=False)
    note = forms.CharField(required=False)


def rendered(name: str, data: Mapping[str, str] | None = None, **extra: Any) -> str:
    form = Sample(data)
    if data is not None:
        form.is_valid()
    return render_to_string("components/field.html", {"field": form[name], **extra})


def test_text_field_names_its_hint_and_drops_the_placeholder() -> None:
    html = rendered("title")
    assert 'aria-describedby="id_title_helptext"' in html
    assert 'id="id_title_helptext"' in html
    assert 'class="usa-input"' in html
    assert "placeholder" not in html


def test_refused_field_names_hint_and_error() -> None:
    html = rendered("title", {})
    assert 'aria-describedby="id_title_helptext id_title_error"' in html
    assert 'id="id_title_error"' in html
    assert "usa-form-group--error" in html
    assert "usa-input--error" in html


def test_choices_are_a_fieldset_that_keeps_what_was_chosen() -> None:
    html = rendered("kind", {"kind": "micro"})
    assert "<fieldset" in html
    assert "<legend" in html
    assert html.count("checked") == 1
    assert html.index("checked") > html.index('value="micro"')


def test_choices_escape_what_was_sent() -> None:
    assert "<script>" not in rendered("title", {"title": "<script>"})


def test_checkbox_keeps_its_class_when_refused() -> None:
    assert 'class="usa-checkbox__input"' in rendered("certified", {})


def test_date_is_three_labelled_controls() -> None:
    html = rendered("day", {"day_year": "2026", "day_month": "8", "day_day": "14"})
    assert [html.count(f">{label}</label>") for label in ("Month", "Day", "Year")] == [1, 1, 1]
    assert html.count(" selected>") == 3


def test_required_mark_follows_the_field_or_the_page() -> None:
    assert "usa-hint--required" in rendered("title")
    assert "usa-hint--required" not in rendered("note")
    assert "usa-hint--required" in rendered("note", required=True)


def test_cells_tell_withheld_unavailable_and_zero_apart() -> None:
    row = list(fields.cells(["Kent County", "N", None], COLUMNS))
    zero = list(fields.cells(["N", 0, 0], COLUMNS))
    assert [cell.kind for cell in row] == ["text", "withheld", "unavailable"]
    assert [cell.kind for cell in zero] == ["text", "figure", "figure"]
    assert [cell.text for cell in zero] == ["N", "0", "$0"]


def test_cells_refuse_a_row_of_another_length() -> None:
    with pytest.raises(ValueError, match="longer"):
        list(fields.cells(["Kent County"], COLUMNS))


def test_data_table_says_withheld_in_words() -> None:
    html = render_to_string(
        "components/data_table.html", {"caption": "Persons", "columns": COLUMNS, "rows": [["Kent", "N", None]]}
    )
    assert '<abbr title="withheld">N</abbr>' in html
    assert "not available" in html
    assert '<th scope="row">Kent</th>' in html


def test_disabled_action_says_why_and_sends_nothing() -> None:
    html = render_to_string(
        "components/action_button.html", {"id": "approve", "label": "Approve", "url": "/x/", "reason": "Not you."}
    )
    assert "<form" not in html
    assert 'aria-describedby="approve-reason"' in html
    assert "Not you." in html


def test_inline_svg_leaves_the_declaration_out() -> None:
    assert fields.inline_svg('<?xml version="1.0"?>\n<svg><path/></svg>') == "<svg><path/></svg>"
