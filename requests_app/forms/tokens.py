"""What is asked before a token is made."""

from django import forms

from requests_app.forms.text import PlainTextField
from requests_app.services.sign_in.tokens import DEFAULT_DAYS, MAX_DAYS, Scope

DAYS = (30, DEFAULT_DAYS, 180, MAX_DAYS)


class TokenForm(forms.Form):
    """A name to know it by, what it may do, and how long it lasts."""

    use_required_attribute = False
    name = PlainTextField(
        label="What is the token for?",
        max_length=80,
        required=True,
        help_text="So that you know it again, for instance: nightly draft from our case system.",
        error_messages={"required": "Say what the token is for."},
    )
    scope = forms.ChoiceField(
        label="What may it do?",
        choices=[
            (Scope.READ.value, "Read what you see, and report an incident"),
            (Scope.DRAFT.value, "Also start and write drafts"),
            (Scope.UPLOAD.value, "Also send cohort files"),
            (Scope.REVIEW.value, "Also ask, answer, review, and take steps that need no second factor"),
        ],
        initial=Scope.READ.value,
        widget=forms.RadioSelect,
    )
    days = forms.TypedChoiceField(
        label="How long does it last?",
        coerce=int,
        choices=[(days, "One year, the longest" if days == MAX_DAYS else f"{days} days") for days in DAYS],
        initial=DEFAULT_DAYS,
    )
