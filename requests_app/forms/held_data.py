"""What an agency made of individual records."""

from typing import Any

from django import forms
from django.utils import timezone

from requests_app.forms.days import DayField
from requests_app.forms.text import PlainTextField
from requests_app.models import HeldData


class HeldDataForm(forms.Form):
    """A copy or a linked data set: it is as confidential as the package, and is destroyed with it."""

    use_required_attribute = False
    kind = forms.ChoiceField(
        label="What is it?",
        choices=HeldData.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what it is."},
    )
    name = PlainTextField(
        label="Its name",
        required=True,
        max_length=120,
        help_text="As your agency calls it, for instance the name of a file or table.",
        error_messages={"required": "Give it a name."},
    )
    linked_with = PlainTextField(label="With which data was it linked?", rows=2, help_text="Linked data sets only.")
    where = PlainTextField(
        label="Where is it kept, and who has access?",
        rows=2,
        required=True,
        error_messages={"required": "Say where it is kept."},
    )
    made_on = DayField(label="When was it made?", back=5, ahead=0)

    def clean(self) -> dict[str, Any]:
        """A linked data set says with what; nothing is made in the future."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("kind") == HeldData.Kind.LINKED and not data.get("linked_with", "").strip():
            self.add_error("linked_with", "Say with which data it was linked.")
        if data.get("made_on") and data["made_on"] > timezone.localdate():
            self.add_error("made_on", "The day on which it was made cannot lie in the future.")
        return data
