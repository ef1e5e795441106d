"""The table design: source, rows and columns, levels, industries and measures."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms

from requests_app.forms.sections import SectionForm
from requests_app.states import Kind
from requests_app.wording import (
    AREA_LEVELS,
    DIMENSIONS,
    INDUSTRY_LEVELS,
    LAYOUTS,
    PERSON_DIMENSIONS,
    QCEW_DESIGN,
    SOURCES,
    MeasureWords,
    measures,
)

NAICS_CODE = re.compile(r"\d{2,6}|\d{2}-\d{2}")


class TablesForm(SectionForm):
    """A design that cannot be tabulated is refused; one that is not finished is saved."""

    lead = "Quarters always stand side by side; they are never added up."
    layout = forms.ChoiceField(
        label="Which layout has the table?",
        help_text="The layout of QCEW brings a file that programs for QCEW read; nothing below is asked then.",
        choices=list(LAYOUTS.items()),
        widget=forms.RadioSelect,
        required=False,
    )
    source = forms.ChoiceField(
        label="What is the table made from?", choices=list(SOURCES.items()), widget=forms.RadioSelect, required=False
    )
    dimensions = forms.MultipleChoiceField(
        label="Rows and columns",
        help_text="Each is crossed with the others and has a total.",
        choices=list(DIMENSIONS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    area_level = forms.ChoiceField(
        label="Areas by", choices=list(AREA_LEVELS.items()), widget=forms.RadioSelect, required=False
    )
    industry_level = forms.ChoiceField(
        label="Industries by", choices=list(INDUSTRY_LEVELS.items()), required=False, help_text="NAICS."
    )
    industries = forms.CharField(
        label="Only these industries",
        help_text="NAICS codes of 2 to 6 digits, separated by commas: 44, 45 or 44-45, 6216. Leave empty for all.",
        required=False,
        max_length=500,
    )
    measures = forms.MultipleChoiceField(label="Measures", widget=forms.CheckboxSelectMultiple, required=False)

    def prepare(self) -> None:
        """Tables about people are made from wage records; tables about places know no cohort."""
        of_people = self.data_request.kind == Kind.MICRO_TO_MACRO
        offered = [measure for measure in measures().values() if measure.of_people or not of_people]
        field = self.fields["measures"]
        field.choices = [(measure.name, measure.title) for measure in offered]  # type: ignore[attr-defined]
        field.option_hints = {  # type: ignore[attr-defined]
            measure.name: " ".join(filter(None, (measure.definition, self._made_from(measure)))) for measure in offered
        }
        if of_people:
            self._offer("layout", ["crossed"])
            self._offer("source", ["wage_records"])
        else:
            self._offer("dimensions", [name for name in DIMENSIONS if name not in PERSON_DIMENSIONS])

    def _made_from(self, measure: MeasureWords) -> str:
        """Where there is a choice: which source has the measure, and whether only people followed have it."""
        if self.data_request.kind == Kind.MICRO_TO_MACRO:
            return ""
        if not measure.of_universe:
            return "Of people followed only."
        if len(measure.sources) == len(SOURCES):
            return ""
        return f"From {SOURCES[measure.sources[0]].split(' (')[0].lower()} only."

    def _offer(self, field: str, names: list[str]) -> None:
        choices = self.fields[field].choices  # type: ignore[attr-defined]
        self.fields[field].choices = [pair for pair in choices if pair[0] in names]  # type: ignore[attr-defined]

    def initial_from(self, saved: Mapping[str, Any]) -> dict[str, Any]:
        """A new design starts with wage records by county and sector."""
        design = saved.get("design") or {"source": "wage_records", "area_level": "county", "industry_level": 2}
        return {
            "layout": "crossed",
            **design,
            "industry_level": str(design.get("industry_level", 2)),
            "industries": ", ".join(design.get("industries", [])),
        }

    def clean_industries(self) -> str:
        """Codes only; each that is none is named."""
        codes = re.split(r"[\s,;]+", self.cleaned_data["industries"].strip())
        wrong = [code for code in codes if code and not NAICS_CODE.fullmatch(code)]
        if wrong:
            raise forms.ValidationError(f"Not a NAICS code of 2 to 6 digits: {', '.join(wrong)}.")
        return ",".join(filter(None, codes))

    def clean(self) -> dict[str, Any]:
        """Names what contradicts itself."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("layout") == "qcew":
            return cleaned
        dimensions, source = set(cleaned.get("dimensions", ())), str(cleaned.get("source") or "")
        if {"state", "area"} <= dimensions:
            self.add_error("dimensions", "Choose state or area, not both: areas have the states as totals.")
        known = measures()
        foreign = [
            known[name].title
            for name in cleaned.get("measures", ())
            if source in SOURCES and source not in known[name].sources
        ]
        if foreign:
            self.add_error(
                "measures",
                f"{', '.join(foreign)}: not made from {SOURCES[source].split(' (')[0].lower()}. Take it out.",
            )
        return cleaned

    def answers(self) -> dict[str, Any]:
        """The design, or an empty one where neither rows nor measures were chosen."""
        given = super().answers()
        if given.pop("layout") == "qcew":
            return {"design": {"layout": "qcew", **QCEW_DESIGN}}
        if not given["dimensions"] and not given["measures"]:
            return {"design": {}}
        given["industries"] = given["industries"].split(",") if given["industries"] else []
        given["industry_level"] = int(given["industry_level"] or 2)
        given["area_level"] = given["area_level"] or "county"
        return {"design": given}
