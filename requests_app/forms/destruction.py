"""The coordinator's statement that one package's data were destroyed."""

from typing import Any

from django import forms
from django.utils import timezone

from requests_app.forms.sections import METHOD_HINTS
from requests_app.forms.text import PlainTextField
from requests_app.models import Destruction

YEARS_BACK = 3


class DestructionForm(forms.Form):
    """What, how many copies, backups, method and day, with an attestation; every answer is needed."""

    use_required_attribute = False
    what = PlainTextField(
        label="What was destroyed?",
        rows=3,
        required=True,
        help_text="The package, extracts and data sets linked with it, and where they were.",
        error_messages={"required": "Say what was destroyed."},
    )
    copies = forms.IntegerField(
        label="How many copies?",
        min_value=1,
        max_value=10_000,
        error_messages={"required": "Give the number of copies."},
    )
    backups = PlainTextField(
        label="What about backups?",
        rows=2,
        required=True,
        help_text="How and when they were destroyed, or that there were none.",
        error_messages={"required": "Say what became of backups, or that there were none."},
    )
    method = forms.ChoiceField(
        label="Method",
        help_text="NIST SP 800-88.",
        choices=Destruction.Method.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the method."},
    )
    technique = PlainTextField(
        label="How: technique and tool",
        rows=2,
        help_text="For instance the erasing program and its version, or the company that shredded the disks.",
    )
    verified = PlainTextField(
        label="How was it verified, and by whom?",
        rows=2,
        help_text="For instance: a second person read a sample back.",
    )
    destroyed_by = PlainTextField(
        label="Who did it?", max_length=160, help_text="Name and title, where it was somebody else than you."
    )
    destroyed_on = forms.DateField(label="Day of destruction", error_messages={"required": "Give the day."})
    attested = forms.BooleanField(
        label="I attest that no copy of these data is left with my agency or anyone we gave it to.",
        error_messages={"required": "Attest it, or destroy the copies that are left first."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["method"].option_hints = METHOD_HINTS  # type: ignore[attr-defined]
        year = timezone.localdate().year
        self.fields["destroyed_on"].widget = forms.SelectDateWidget(
            years=range(year, year - YEARS_BACK, -1), empty_label=("Year", "Month", "Day")
        )

    def clean_destroyed_on(self) -> Any:
        """Nothing is destroyed in the future."""
        day = self.cleaned_data["destroyed_on"]
        if day > timezone.localdate():
            raise forms.ValidationError("The day of destruction cannot lie in the future.")
        return day

    def statement(self) -> dict[str, Any]:
        """What the service keeps."""
        return {name: value for name, value in self.cleaned_data.items() if name != "attested"}
