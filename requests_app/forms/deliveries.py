"""What a Release Officer says when a package is taken back."""

from django import forms

from requests_app.forms.text import PlainTextField


class RecallForm(forms.Form):
    """The reason, which the state reads."""

    use_required_attribute = False
    reason = PlainTextField(
        label="Why is the package taken back?",
        rows=4,
        required=True,
        help_text="The coordinator and the agents read this. Name no confidential figure.",
        error_messages={"required": "Say why the package is taken back."},
    )
