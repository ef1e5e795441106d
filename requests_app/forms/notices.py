"""How a person wants to hear of things, and when they are away."""

from collections.abc import Iterable
from typing import Any

from django import forms

from requests_app.forms.days import DayField
from requests_app.models import Person
from requests_app.models.notices import NoticeKind, Way


class WaysForm(forms.Form):
    """One way for each kind of notice that can be chosen."""

    use_required_attribute = False

    def __init__(self, chosen: dict[str, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in NoticeKind:
            if kind is not NoticeKind.ALERT:
                self.fields[kind.value] = forms.ChoiceField(
                    label=kind.label, choices=Way.choices, widget=forms.RadioSelect,
                    initial=chosen.get(kind.value, Way.AT_ONCE),
                    error_messages={"required": "Choose how you want to hear of it."},
                )  # fmt: skip


class AbsenceForm(forms.Form):
    """The days of an absence, and who stands in."""

    use_required_attribute = False
    starts_on = DayField(label="First day away")
    ends_on = DayField(label="Last day away")
    stand_in = forms.ChoiceField(
        label="Who stands in (optional)",
        required=False,
        help_text="They get the notices you get. They do not get your roles.",
    )

    def __init__(self, colleagues: Iterable[Person], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._colleagues = {one.public_id: one for one in colleagues}
        named = [(public_id, one.name) for public_id, one in self._colleagues.items()]
        self.fields["stand_in"].choices = [("", "Nobody"), *named]

    def said(self) -> dict[str, Any]:
        """The days, and the person chosen."""
        data = self.cleaned_data
        return {
            "starts_on": data["starts_on"],
            "ends_on": data["ends_on"],
            "stand_in": self._colleagues.get(data["stand_in"]),
        }
