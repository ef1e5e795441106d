"""The states and quarters asked for: partners by name, quarters as they are held."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils import timezone

from requests_app.forms.sections import SectionForm
from requests_app.selectors.holdings.holdings import partner_states, quarters_held
from requests_app.templatetags import formats


class ScopeForm(SectionForm):
    """Choices are the partners of today; an answer saved earlier stays a choice, so that saving loses nothing."""

    states = forms.MultipleChoiceField(
        label="States whose records are searched",
        help_text="States whose MOU is in force today.",
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    quarters = forms.MultipleChoiceField(
        label="Quarters", widget=forms.CheckboxSelectMultiple, required=False, help_text="Quarters that BLS holds."
    )

    def prepare(self) -> None:
        """Names the states, and says for each what is held of it."""
        held = quarters_held()
        partners = {agency.fips or "": agency.state_name for agency in partner_states(timezone.localdate())}
        extra = {
            fips: f"State {fips} (no MOU in force)" for fips in self.saved.get("states", []) if fips not in partners
        }
        states, quarters = self.fields["states"], self.fields["quarters"]
        states.choices = list((partners | extra).items())  # type: ignore[attr-defined]
        states.option_hints = {fips: _held_words(held.get(fips, [])) for fips in partners}  # type: ignore[attr-defined]
        quarters.choices = quarter_choices(held, self.saved.get("quarters", []))  # type: ignore[attr-defined]
        quarters.option_hints = _states_by_quarter(held, partners)  # type: ignore[attr-defined]

    def initial_from(self, saved: Mapping[str, Any]) -> dict[str, Any]:
        """Quarters as the text that checkboxes send."""
        return {**saved, "quarters": [str(quarter) for quarter in saved.get("quarters", [])]}

    def answers(self) -> dict[str, Any]:
        """Quarters as numbers YYYYQ."""
        given = super().answers()
        return {"states": sorted(given["states"]), "quarters": sorted(int(quarter) for quarter in given["quarters"])}


def quarter_choices(held: Mapping[str, list[int]], saved: list[int]) -> list[tuple[str, str]]:
    """Every quarter held for some state or chosen before, in order, as form choices."""
    known = {quarter for quarters in held.values() for quarter in quarters} | {int(quarter) for quarter in saved}
    return [(str(quarter), formats.quarter(quarter)) for quarter in sorted(known)]


def _held_words(quarters: list[int]) -> str:
    return f"Held: {formats.quarters(quarters)}" if quarters else "No quarters are held yet"


def _states_by_quarter(held: Mapping[str, list[int]], partners: Mapping[str, str]) -> dict[str, str]:
    """Where only some partners' records are held for a quarter: which."""
    words = {}
    for quarter in {quarter for quarters in held.values() for quarter in quarters}:
        names = [name for fips, name in partners.items() if quarter in held.get(fips, [])]
        if len(names) < len(partners):
            words[str(quarter)] = f"Held for {', '.join(names) or 'none of the partners'}"
    return words
