"""Forms of cohort files: sending one, and what becomes of wrong lines."""

from django import forms

from matching.cohorts.uploads import SealedUpload
from matching.models.cohorts import CohortPolicy


class CohortFileForm(forms.Form):
    """One file; by the time the form sees it, it is ciphertext."""

    file = forms.FileField(
        label="Cohort file",
        help_text="It is encrypted while it is sent. Nobody can open it; only the match reads it.",
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        error_messages={
            "required": "Choose the CSV file to send.",
            "empty": "The file is empty. Choose the CSV file to send.",
        },
    )

    def sealed(self) -> SealedUpload:
        """The uploaded ciphertext of a valid form."""
        upload: SealedUpload = self.cleaned_data["file"]
        return upload


class CohortPolicyForm(forms.Form):
    """What BLS sets for the files of one request."""

    policy = forms.ChoiceField(
        label="When some lines of a cohort file are wrong",
        choices=CohortPolicy.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what becomes of wrong lines."},
    )
