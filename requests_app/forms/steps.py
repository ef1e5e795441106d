"""What a person says when taking a step: a reason, conditions, a signature, an answer."""

from typing import Any

from django import forms

from requests_app.forms.text import PlainTextField
from requests_app.states import Transition

# What is decided about a package is decided about the bytes that were there when the page was loaded.
ABOUT_A_PACKAGE = {"send_to_partners", "clear_for_release", "redesign", "withdraw_cells", "refuse_release", "release"}


class StepForm(forms.Form):
    """The reason of a step, needed where the table says so; conditions where it is an approval; the package's hash."""

    use_required_attribute = False
    conditions = PlainTextField(
        label="Conditions",
        rows=4,
        help_text="What the state must keep to. They stand on the request's page. Leave empty where there are none.",
    )
    reason = PlainTextField(label="Reason", rows=5)
    package_sha256 = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)

    def __init__(self, step: Transition, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if step.name != "approve":
            del self.fields["conditions"]
        if step.name not in ABOUT_A_PACKAGE:
            del self.fields["package_sha256"]
        reason = self.fields["reason"]
        reason.required = step.needs_reason
        reason.error_messages["required"] = "Say why: this step needs a reason."
        reason.label = "Reason" if step.needs_reason else "Note (optional)"

    def facts(self) -> dict[str, Any]:
        """What the decision keeps besides its reason."""
        return {name: said for name in ("conditions", "package_sha256") if (said := self.cleaned_data.get(name))}


class SignForm(forms.Form):
    """The coordinator's typed name under the form as it was shown."""

    use_required_attribute = False
    signed_name = forms.CharField(label="Your name, typed", max_length=120)
    form_sha256 = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, name: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._name = name
        self.fields["signed_name"].help_text = f"Type {name}."
        self.fields["signed_name"].error_messages["required"] = f"Type your name, {name}, to sign."

    def clean_signed_name(self) -> str:
        """The signature is the signer's own name; case and spacing do not matter."""
        typed = " ".join(self.cleaned_data["signed_name"].split())
        if typed.casefold() != self._name.casefold():
            raise forms.ValidationError(f"The name differs from yours. Type {self._name}.")
        return typed


class ViabilityForm(forms.Form):
    """BLS's answer to the viability question."""

    use_required_attribute = False
    enough_data = forms.ChoiceField(
        label="Is there enough data to produce outputs that meet the disclosure requirements?",
        choices=[("yes", "Yes"), ("no", "No")],
        widget=forms.RadioSelect,
        error_messages={"required": "Answer yes or no."},
    )
    reason = PlainTextField(
        label="On what does the answer rest?",
        rows=3,
        required=True,
        error_messages={"required": "Say on what the answer rests."},
    )
