"""What lists are narrowed by; an empty filter shows everything."""

from django import forms
from django.db.models import QuerySet

from requests_app.models import DataRequest
from requests_app.selectors.life.search import search
from requests_app.states import Kind, State


def words_field() -> forms.CharField:
    """What `selectors.search` finds requests by."""
    return forms.CharField(
        label="Number or words of the title",
        required=False,
        max_length=100,
        help_text="A number such as WR-2026-000123, its beginning or its last six digits; or words, or their starts.",
    )


class RequestFilter(forms.Form):
    """Requests by number or title, state and kind."""

    q = words_field()
    state = forms.ChoiceField(
        label="Where it stands",
        required=False,
        choices=[("", "Anywhere"), *((state.value, state.label) for state in State)],
    )
    kind = forms.ChoiceField(
        label="Package type", required=False, choices=[("", "All types"), *((kind.value, kind.label) for kind in Kind)]
    )

    def narrow(self, found: QuerySet[DataRequest]) -> QuerySet[DataRequest]:
        """Those of `found` that are asked for; all of them where the question cannot be read."""
        if not self.is_valid():
            return found
        wanted = self.cleaned_data
        if words := wanted["q"].strip():
            found = search(found, words)
        return found.filter(**{name: wanted[name] for name in ("state", "kind") if wanted[name]})
