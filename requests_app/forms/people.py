"""Naming an agent on a request."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from requests_app.models import DataRequest, Person
from requests_app.standing import in_force
from requests_app.states import Role


class NameAgentForm(forms.Form):
    """One of the agency's own agents who is not named yet."""

    use_required_attribute = False
    person = forms.ModelChoiceField(
        label="Agent",
        queryset=Person.objects.none(),
        empty_label="Choose a person",
        help_text="Agents of your agency. BLS adds people and files their agreements.",
    )
    may_upload = forms.BooleanField(label="May upload cohort files", required=False)

    def __init__(self, data_request: DataRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = agents_to_name(data_request)  # type: ignore[attr-defined]


def agents_to_name(data_request: DataRequest) -> QuerySet[Person]:
    """The agency's agents of today who are not named on the request."""
    agents = Person.objects.filter(
        in_force(timezone.localdate(), "memberships__starts_on", "memberships__ends_on"),
        memberships__role=Role.AGENT,
        agency=data_request.agency,
        is_active=True,
    )
    named = data_request.agents.filter(removed_at__isnull=True).values("person")
    return agents.exclude(pk__in=named).distinct()
