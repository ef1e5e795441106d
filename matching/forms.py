"""The upload form of one cohort file."""

from django import forms

from matching.uploads import SealedUpload


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
