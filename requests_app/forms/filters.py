"""What lists are narrowed by; an empty filter shows everything."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from requests_app.models import Agency, DataRequest, Person
from requests_app.selectors.bls_review.queue import Which, late_requests, states_for
from requests_app.selectors.life.search import search
from requests_app.states import Kind, State
from requests_app.targets import DEFAULT_DAYS


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

    late = forms.BooleanField(label="Late only", required=False)

    def narrow(self, found: QuerySet[DataRequest]) -> QuerySet[DataRequest]:
        """Those of `found` that are asked for; all of them where the question cannot be read."""
        if not self.is_valid():
            return found
        wanted = self.cleaned_data
        if words := wanted["q"].strip():
            found = search(found, words)
        if wanted.get("late"):
            found = found.filter(late_requests(list(DEFAULT_DAYS), timezone.localdate()))
        return found.filter(**{name: wanted[name] for name in ("state", "kind") if wanted[name]})


class BlsRequestFilter(RequestFilter):
    """BLS also asks by the requesting state."""

    agency = forms.ChoiceField(label="Requesting state", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        states = Agency.objects.exclude(fips=None).order_by("state_name").values_list("postal", "state_name")
        self.fields["agency"].choices = [("", "All states"), *states]  # type: ignore[attr-defined]

    def narrow(self, found: QuerySet[DataRequest]) -> QuerySet[DataRequest]:
        """Those of `found` that are asked for, of one state where it is chosen."""
        found = super().narrow(found)
        postal = self.cleaned_data.get("agency") if self.is_valid() else ""
        return found.filter(agency__postal=postal) if postal else found


def filter_for(person: Person, asked: Mapping[str, Any]) -> RequestFilter:
    """The filter of the list of requests as this person has it."""
    return BlsRequestFilter(asked) if person.agency.is_bls else RequestFilter(asked)


class QueueFilter(RequestFilter):
    """The queue's lines by number or title, where they stand, package type, and whose they are."""

    which = forms.ChoiceField(
        label="Whose",
        required=False,
        choices=[
            (Which.ALL, "Everybody's"),
            (Which.MINE, "Mine"),
            (Which.UNCLAIMED, "Nobody's yet"),
            (Which.LATE, "Late"),
            (Which.AWAY, "Of somebody who is away"),
        ],
    )

    def __init__(self, person: Person, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        states = [(state.value, state.label) for state in states_for(person)]
        del self.fields["late"]
        self.fields["state"].choices = [("", "Anywhere"), *states]  # type: ignore[attr-defined]


class SaveViewForm(forms.Form):
    """A name for the list as it is narrowed now."""

    name = forms.CharField(label="Name of this view", max_length=60)
    query = forms.CharField(widget=forms.HiddenInput, max_length=300, required=False)
