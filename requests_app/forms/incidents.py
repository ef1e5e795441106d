"""What is said when a breach is suspected, and when BLS lets a suspended request go on."""

from typing import Any, cast

from django import forms
from django.db.models import QuerySet

from requests_app.forms.text import PlainTextField
from requests_app.models import DataRequest

# The newest requests stand in the list; any other is reported from its own page.
OFFERED = 100


class IncidentForm(forms.Form):
    """Nothing is required: reporting at once matters more than reporting everything."""

    use_required_attribute = False
    request = forms.ModelChoiceField(
        label="Which request is it about?",
        queryset=DataRequest.objects.none(),
        to_field_name="number",
        required=False,
        empty_label="None, or I do not know",
        help_text="The request you name is suspended until BLS lifts that. If it is not listed here, report the "
        "incident from the request's own page.",
        error_messages={"invalid_choice": "Choose one of your requests, or the first line."},
    )
    what_is_known = PlainTextField(
        label="What is known so far (optional)",
        rows=5,
        help_text="What happened, when, and which data are concerned. Do not write any of the data here. The written "
        "report can follow within three days.",
    )

    def __init__(self, requests: QuerySet[DataRequest], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.ModelChoiceField, self.fields["request"])
        field.queryset = requests
        offered = [str(self.initial.get("request") or ""), *requests.values_list("number", flat=True)[:OFFERED]]
        numbers = dict.fromkeys(filter(None, offered))
        field.widget.choices = [("", str(field.empty_label)), *((number, number) for number in numbers)]


class LiftForm(forms.Form):
    """Why the request may go on."""

    use_required_attribute = False
    why = PlainTextField(
        label="Why may the request go on?",
        rows=4,
        required=True,
        help_text="The state reads this.",
        error_messages={"required": "Say why the request may go on."},
    )
