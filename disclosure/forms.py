"""Sign-off by an analyst, and a state's answer."""

from typing import Any

from django import forms

from requests_app.models import PartnerReview


class SignOffForm(forms.Form):
    """An analyst's signature under the bytes they looked at."""

    package_sha256 = forms.CharField(widget=forms.HiddenInput)
    notes = forms.CharField(
        label="Notes for BLS",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="States do not see them.",
    )


class PartnerAnswerForm(forms.Form):
    """No objection, or an objection to named cells or the whole."""

    package_sha256 = forms.CharField(widget=forms.HiddenInput)
    verdict = forms.ChoiceField(
        label="Your state's answer",
        choices=[
            (PartnerReview.Verdict.NO_OBJECTION.value, "No objection"),
            (PartnerReview.Verdict.OBJECTION.value, "Objection"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose an answer."},
    )
    cells = forms.MultipleChoiceField(
        label="Cells to withdraw",
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 8}),
        help_text="Only for an objection. Choose none to object to the whole output.",
    )
    reason = forms.CharField(
        label="Reason",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Needed for an objection: BLS resolves it with you. The requesting state does not see it.",
    )

    def __init__(self, *args: Any, keys: list[list[str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cells"].choices = [("|".join(key), " · ".join(key)) for key in keys]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """An objection says why."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("verdict") == PartnerReview.Verdict.OBJECTION and not data.get("reason", "").strip():
            self.add_error("reason", "Say what you object to, so that BLS can resolve it.")
        return data

    def cell_keys(self) -> list[list[str]]:
        """The chosen cells as keys."""
        return [value.split("|") for value in self.cleaned_data["cells"]]
