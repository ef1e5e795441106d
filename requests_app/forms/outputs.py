"""What is said of an output made from micro data, its files, and the answers to it."""

from django import forms

from requests_app.forms.text import PlainTextField
from requests_app.models import PartnerReview


class OutputForm(forms.Form):
    """What it is, and who is to get it."""

    use_required_attribute = False
    title = PlainTextField(label="Title", max_length=200, required=True, error_messages={"required": "Give a title."})
    description = PlainTextField(
        label="What is it, and how was it made?",
        rows=4,
        required=True,
        help_text="Population, periods, and what each table or figure shows.",
        error_messages={"required": "Say what it is."},
    )
    shared_with = PlainTextField(
        label="With whom is it to be shared?",
        rows=2,
        required=True,
        help_text="For instance the legislature, or the public.",
        error_messages={"required": "Say with whom it is to be shared."},
    )


class OutputFileForm(forms.Form):
    """One file; what it is is told by its content."""

    use_required_attribute = False
    file = forms.FileField(
        label="File",
        help_text="CSV or XLSX up to 10 MB; PDF, PNG or JPEG up to 2 MB. Only what is to leave, no working files.",
        error_messages={"required": "Choose the file.", "empty": "The file is empty."},
    )


class OutputStepForm(forms.Form):
    """A reason, and the files that were looked at."""

    use_required_attribute = False
    reason = PlainTextField(label="Reason", rows=3)
    files_sha256 = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)


class OutputAnswerForm(forms.Form):
    """No objection, or an objection with its reason."""

    use_required_attribute = False
    files_sha256 = forms.CharField(widget=forms.HiddenInput, max_length=64)
    verdict = forms.ChoiceField(
        label="Your state's answer",
        choices=[
            (PartnerReview.Verdict.NO_OBJECTION.value, "No objection"),
            (PartnerReview.Verdict.OBJECTION.value, "Objection"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose an answer."},
    )
    reason = PlainTextField(
        label="Reason", rows=4, help_text="Needed for an objection. The requesting state does not see it."
    )

    def clean(self) -> dict[str, object]:
        """An objection says why."""
        data: dict[str, object] = super().clean() or {}
        if data.get("verdict") == PartnerReview.Verdict.OBJECTION and not str(data.get("reason", "")).strip():
            self.add_error("reason", "Say what you object to, so that BLS can resolve it.")
        return data
