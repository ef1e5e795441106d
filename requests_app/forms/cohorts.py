"""The cohort section: up to six named cohorts, where the list of people comes from, and by which authority."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms

from requests_app.forms.scope import quarter_choices
from requests_app.forms.sections import SectionForm
from requests_app.forms.text import PlainTextField
from requests_app.selectors.holdings.holdings import quarters_held

AT_MOST = 6
SHOWN_AT_LEAST = 2


class CohortsForm(SectionForm):
    """Each named cohort is a pair of fields; a pair left empty is no cohort."""

    lead = (
        "A cohort is a group of people, for instance a program and the year they finished it. Its name is a "
        "dimension of your tables, and you send one file for each cohort and quarter."
    )
    cohort_source = PlainTextField(
        label="Where does the list of people come from?", rows=3, help_text="The register or program, and its years."
    )
    authority = PlainTextField(
        label="Under which authority may the state send these Social Security numbers?",
        rows=3,
        help_text="The statute, regulation or agreement.",
    )
    expected_size = forms.IntegerField(
        label="About how many people?", min_value=1, max_value=50_000_000, required=False
    )

    def prepare(self) -> None:
        """Makes the pairs: those saved, at least two, one empty where there is room, and those that were typed."""
        cohorts = list(self.saved.get("cohorts", []))
        typed = [number for number in range(AT_MOST) if f"name_{number}" in self.data] if self.is_bound else []
        self.shown = min(AT_MOST, max(SHOWN_AT_LEAST, len(cohorts) + 1, *(number + 1 for number in typed), 0))
        quarters = [cohort["reference_quarter"] for cohort in cohorts if cohort["reference_quarter"]]
        choices = [("", "Choose a quarter"), *quarter_choices(quarters_held(), quarters)]
        for number in range(self.shown):
            cohort = cohorts[number] if number < len(cohorts) else {"name": "", "reference_quarter": ""}
            self.fields[f"name_{number}"] = PlainTextField(
                label="Name", max_length=60, initial=cohort["name"], help_text="As it will stand in the tables."
            )
            self.fields[f"quarter_{number}"] = forms.ChoiceField(
                label="Reference quarter",
                choices=choices,
                required=False,
                initial=str(cohort["reference_quarter"] or ""),
            )

    def initial_from(self, saved: Mapping[str, Any]) -> dict[str, Any]:
        """The pairs carry their own first values."""
        return {key: value for key, value in saved.items() if key != "cohorts"}

    def pairs(self) -> Iterator[tuple[int, Any, Any]]:
        """Number from one, name field, quarter field: for the page."""
        for number in range(self.shown):
            yield number + 1, self[f"name_{number}"], self[f"quarter_{number}"]

    def clean(self) -> dict[str, Any]:
        """Two cohorts of one name could not be told apart; a quarter without a name belongs to nobody."""
        cleaned: dict[str, Any] = super().clean() or {}
        names: set[str] = set()
        for number in range(self.shown):
            name = str(cleaned.get(f"name_{number}", "")).casefold()
            if name and name in names:
                self.add_error(f"name_{number}", "Another cohort has this name. Give each its own.")
            elif not name and cleaned.get(f"quarter_{number}") and f"name_{number}" not in self.errors:
                self.add_error(f"name_{number}", "Name the cohort of this reference quarter, or take the quarter out.")
            names.add(name)
        return cleaned

    def answers(self) -> dict[str, Any]:
        """The cohorts in order; a reference quarter not chosen yet is kept as 0."""
        given = self.cleaned_data
        named = [
            {"name": given[f"name_{number}"], "reference_quarter": int(given[f"quarter_{number}"] or 0)}
            for number in range(self.shown)
            if given[f"name_{number}"]
        ]
        rest = {name: given[name] for name in ("cohort_source", "authority", "expected_size")}
        return {"cohorts": named, **rest}
