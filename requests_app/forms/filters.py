"""What lists are narrowed by; an empty filter shows everything."""

from django import forms

from requests_app.selectors.history import WORDS
from requests_app.states import Kind, State


class RequestFilter(forms.Form):
    """Requests by number or title, state and kind."""

    q = forms.CharField(label="Number or title", required=False, max_length=100)
    state = forms.ChoiceField(
        label="Where it stands",
        required=False,
        choices=[("", "Anywhere"), *((state.value, state.label) for state in State)],
    )
    kind = forms.ChoiceField(
        label="Package type", required=False, choices=[("", "All types"), *((kind.value, kind.label) for kind in Kind)]
    )


class EventFilter(forms.Form):
    """Events by request and kind."""

    request = forms.CharField(label="Request number", required=False, max_length=14)
    kind = forms.ChoiceField(
        label="Kind",
        required=False,
        choices=[("", "All kinds"), *sorted((kind, f"{words} ({kind})") for kind, words in WORDS.items())],
    )
