"""What an amendment asks for: only what the request does not have yet is offered."""

from typing import Any

from django import forms
from django.utils import timezone

from requests_app.form import read
from requests_app.forms.people import agents_to_name
from requests_app.forms.sections import YEARS_AHEAD
from requests_app.forms.text import PlainTextField
from requests_app.models import DataRequest
from requests_app.selectors.holdings.holdings import partner_states, quarters_held
from requests_app.states import Kind
from requests_app.templatetags import formats


class AmendmentForm(forms.Form):
    """Agents, quarters, states, a later day of destruction, and why."""

    use_required_attribute = False
    reason = PlainTextField(
        label="Why is this needed?", rows=4, required=True, error_messages={"required": "Say why this is needed."}
    )
    agents = forms.MultipleChoiceField(
        label="Agents to add", widget=forms.CheckboxSelectMultiple, required=False, help_text="Agents of your agency."
    )
    may_upload = forms.BooleanField(label="The agents added here may upload cohort files", required=False)
    quarters = forms.MultipleChoiceField(
        label="Quarters to add",
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="They become a request of their own, with its own files and package.",
    )
    states = forms.MultipleChoiceField(
        label="States to add",
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="They become a request of their own, for every quarter of this one.",
    )
    destruction_on = forms.DateField(label="Destroy the data by, instead of the day agreed on", required=False)

    def __init__(self, data_request: DataRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked, today = read(data_request), timezone.localdate()
        held = {quarter for state in asked.states for quarter in quarters_held().get(state, [])}
        offered = {
            "agents": [(person.public_id, person.name) for person in agents_to_name(data_request)],
            "quarters": [(str(q), formats.quarter(q)) for q in sorted(held - set(asked.quarters))],
            "states": [
                (agency.fips, agency.state_name) for agency in partner_states(today) if agency.fips not in asked.states
            ],
        }
        for name, choices in offered.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]
            if not choices:
                del self.fields[name]
        if "agents" not in self.fields or data_request.kind == Kind.MACRO:
            del self.fields["may_upload"]
        if data_request.kind != Kind.MICRO:
            del self.fields["destruction_on"]
            return
        self.fields["destruction_on"].widget = forms.SelectDateWidget(
            years=range(today.year, today.year + YEARS_AHEAD), empty_label=("Year", "Month", "Day")
        )

    def changes(self) -> dict[str, Any]:
        """What the amendment keeps: only what is to change."""
        given = self.cleaned_data
        day = given.get("destruction_on")
        names = dict(self.fields["agents"].choices) if "agents" in self.fields else {}  # type: ignore[attr-defined]
        upload = bool(given.get("may_upload"))
        found = {
            "agents": [{"person": key, "name": names[key], "may_upload": upload} for key in given.get("agents", [])],
            "quarters": sorted(map(int, given.get("quarters", []))),
            "states": sorted(given.get("states", [])),
            "destruction_on": day.isoformat() if day else "",
        }
        return {name: value for name, value in found.items() if value}


class MoveForm(forms.Form):
    """The reason of a move, where one is needed or may be given."""

    use_required_attribute = False
    reason = PlainTextField(label="Reason", rows=3)
