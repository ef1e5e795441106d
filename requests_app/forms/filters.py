"""What lists are narrowed by; an empty filter shows everything."""

from django import forms

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
