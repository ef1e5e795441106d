"""What is said about a review besides its answer: questions, more time, a lapse, consent in advance."""

from typing import Any

from django import forms
from django.utils import timezone

from requests_app.business_days import add_business_days
from requests_app.forms.days import DayField
from requests_app.forms.text import PlainTextField
from requests_app.models import PartnerReview, StandingConsent


class MessageForm(forms.Form):
    """A question to BLS, or its answer."""

    use_required_attribute = False
    text = PlainTextField(
        label="Write to the other side",
        rows=3,
        required=True,
        help_text="The reviewing state and BLS read it, nobody else. Name cells by their rows; do not copy figures.",
        error_messages={"required": "Write your question or answer."},
    )


class WhyForm(forms.Form):
    """A reason, and nothing else."""

    use_required_attribute = False
    why = PlainTextField(
        label="Why does your state no longer object?",
        rows=4,
        required=True,
        help_text="BLS reads it. Your objection stays readable beside it.",
        error_messages={"required": "Say why your state no longer objects."},
    )


class ExtendForm(forms.Form):
    """A later deadline, and why."""

    use_required_attribute = False
    to_due = DayField(label="New deadline", back=0, ahead=1)
    extend_reason = PlainTextField(
        label="Why does the state get more time?",
        rows=2,
        required=True,
        help_text="The reviewing state reads it.",
        error_messages={"required": "Say why the state gets more time."},
    )

    def __init__(self, review: PartnerReview, *args: Any, **kwargs: Any) -> None:
        later = add_business_days(max(review.due_on, timezone.localdate()), 5)
        super().__init__(*args, initial={"to_due": later}, **kwargs)


class LapseForm(forms.Form):
    """What was tried before a missed deadline is taken for consent."""

    use_required_attribute = False
    lapse_reason = PlainTextField(
        label="How was the state asked and reminded?",
        rows=2,
        required=True,
        help_text="It stands in the record and on the state's page.",
        error_messages={"required": "Say how the state was asked and reminded."},
    )


class ConsentForm(forms.Form):
    """Agreement in advance to one kind of output, until a day."""

    use_required_attribute = False
    covers = forms.ChoiceField(
        label="To which kind of output does your state agree in advance?",
        choices=StandingConsent.Covers.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the kind of output."},
    )
    ends_on = DayField(label="Last day", back=0, ahead=1, help_text="A year from now at the latest.")
