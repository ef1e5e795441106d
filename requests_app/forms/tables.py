"""The table design: source, people or all workers, rows and columns, levels, filters, time and measures."""

import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from django import forms
from django.forms.boundfield import BoundWidget

from requests_app import form
from requests_app.forms.scope import quarter_choices
from requests_app.forms.sections import SectionForm
from requests_app.forms.text import PlainTextField
from requests_app.selectors.holdings.holdings import quarters_held
from requests_app.states import Kind
from requests_app.wording import (
    AREA_LEVELS,
    DIMENSION_HINTS,
    DIMENSIONS,
    INDUSTRY_LEVELS,
    LAYOUTS,
    OWNERSHIPS,
    QCEW_DESIGN,
    SOURCES,
    TIMES,
    MeasureWords,
    design_contradictions,
    measures,
)

NAICS_CODE = re.compile(r"\d{2,6}|\d{2}-\d{2}")
MOST_QUARTERS_AFTER = 120  # thirty years
NOT_FOLLOWED = [("", "No: everybody with a job in the quarter, each quarter by itself")]


class TablesForm(SectionForm):
    """A design that cannot be tabulated is refused; one that is not finished is saved."""

    lead = "Quarters stand side by side, unless you pool them."
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
    followed_from = forms.ChoiceField(
        label="Do you follow people from one quarter on?",
        help_text="If you choose a quarter, the people who worked then in the industries and for the owners named "
        "below are found, and followed through every quarter of your request, wherever they work.",
        required=False,
    )
    dimensions = forms.MultipleChoiceField(
        label="Rows and columns",
        help_text="Each is crossed with the others and has a total. The more there are, the smaller the cells and "
        "the more of them are withheld.",
        choices=list(DIMENSIONS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    area_level = forms.ChoiceField(
        label="Areas by", choices=list(AREA_LEVELS.items()), widget=forms.RadioSelect, required=False
    )
    regions = PlainTextField(
        label="Your regions",
        help_text="One a line, its name and the FIPS codes of its counties: North: 44001, 44007. All other counties of "
        "the table stand together.",
        rows=4,
        max_length=20_000,
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
    ownerships = forms.MultipleChoiceField(
        label="Only these owners",
        help_text="Leave all empty for every owner. Federal employers report no wage records.",
        choices=list(OWNERSHIPS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    time = forms.ChoiceField(
        label="Which quarters stand side by side?",
        help_text="Counted from the reference quarter, people of different years can be compared: four quarters after "
        "is a year later for each of them. Pooled quarters withhold less: counts are the mean of the quarters, dollars "
        "and flows their sum.",
        choices=list(TIMES.items()),
        widget=forms.RadioSelect,
        required=False,
    )
    after = forms.CharField(
        label="Only these quarters after the reference quarter",
        help_text="Numbers of quarters, separated by commas: 2, 4 for the second and the fourth. Leave empty for all.",
        required=False,
        max_length=200,
    )
    prices = forms.CharField(
        label="Price index for constant dollars",
        help_text="To have dollars of one quarter throughout, write the index of each quarter, such as 20214=278.8, "
        "that quarter first. Leave empty for dollars as they were paid.",
        required=False,
        max_length=4000,
    )
    measures = forms.MultipleChoiceField(label="Measures", widget=forms.CheckboxSelectMultiple, required=False)

    @property
    def of_people(self) -> bool:
        """Whether the request sends named cohorts, so that every table is of people."""
        return bool(self.data_request.kind == Kind.MICRO_TO_MACRO)

    def prepare(self) -> None:
        """Tables of a request with cohorts are made from wage records; without cohorts people can be found."""
        offered = [measure for measure in measures().values() if measure.of_people or not self.of_people]
        field = self.fields["measures"]
        field.choices = [(measure.name, measure.title) for measure in offered]  # type: ignore[attr-defined]
        field.option_hints = {  # type: ignore[attr-defined]
            measure.name: " ".join(filter(None, (measure.definition, self._made_from(measure)))) for measure in offered
        }
        self.fields["dimensions"].option_hints = {} if self.of_people else DIMENSION_HINTS  # type: ignore[attr-defined]
        if self.of_people:
            self._offer("layout", ["crossed"])
            self._offer("source", ["wage_records"])
            self._offer("dimensions", [name for name in DIMENSIONS if name != "size"])
            self._offer("time", ["quarter", "since"])
            del self.fields["followed_from"]
        else:
            self._offer("dimensions", [name for name in DIMENSIONS if name != "cohort"])
            asked = form.read(self.data_request).quarters
            known = [*asked, *filter(None, [(self.saved.get("design") or {}).get("followed_from")])]
            quarters = quarter_choices({} if asked else quarters_held(), known)
            self.fields["followed_from"].choices = NOT_FOLLOWED + quarters  # type: ignore[attr-defined]

    def _made_from(self, measure: MeasureWords) -> str:
        """Where there is a choice: which source has the measure, and whether only people followed have it."""
        if self.of_people:
            return ""
        if not measure.of_universe:
            return "Of people followed only."
        if len(measure.sources) == len(SOURCES):
            return ""
        return f"From {SOURCES[measure.sources[0]].split(' (')[0].lower()} only."

    def _offer(self, field: str, names: list[str]) -> None:
        choices = self.fields[field].choices  # type: ignore[attr-defined]
        self.fields[field].choices = [pair for pair in choices if pair[0] in names]  # type: ignore[attr-defined]

    def measure_groups(self) -> Iterator[tuple[str, list[BoundWidget], int]]:
        """The measures' boxes by the catalogue's groups, and how many of each are ticked: for the page."""
        known = measures()
        for group, boxes in groupby(self["measures"].subwidgets, lambda box: known[str(box.data["value"])].group):
            found = list(boxes)
            yield group, found, sum(bool(box.data["selected"]) for box in found)

    def initial_from(self, saved: Mapping[str, Any]) -> dict[str, Any]:
        """A new design starts with wage records by county and sector."""
        design = saved.get("design") or {"source": "wage_records", "area_level": "county", "industry_level": 2}
        return {
            "layout": "crossed",
            "time": "quarter",
            **design,
            "industry_level": str(design.get("industry_level", 2)),
            "industries": ", ".join(design.get("industries", [])),
            "followed_from": str(design.get("followed_from") or ""),
            "after": ", ".join(map(str, design.get("after", []))),
            "regions": "\n".join(one.replace("=", ": ").replace(",", ", ") for one in design.get("regions", [])),
            "prices": ", ".join(design.get("prices", [])),
        }

    def clean_industries(self) -> str:
        """Codes only; each that is none is named."""
        codes = _listed(self.cleaned_data["industries"])
        wrong = [code for code in codes if not NAICS_CODE.fullmatch(code)]
        if wrong:
            raise forms.ValidationError(f"Not a NAICS code of 2 to 6 digits: {', '.join(wrong)}.")
        return ",".join(codes)

    def clean_after(self) -> str:
        """Numbers of quarters only."""
        numbers = _listed(self.cleaned_data["after"])
        if not all(one.isascii() and one.isdecimal() and int(one) <= MOST_QUARTERS_AFTER for one in numbers):
            raise forms.ValidationError(
                f"Write numbers of quarters from 0 to {MOST_QUARTERS_AFTER}, separated by commas, such as 2, 4."
            )
        return ",".join(map(str, sorted(set(map(int, numbers)))))

    def clean(self) -> dict[str, Any]:
        """Names what contradicts itself, each beside its question."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors:
            for entry, words in design_contradictions(self.answers()["design"], of_people=self.of_people):
                self.add_error(entry if entry in self.fields else None, words)
        return cleaned

    def answers(self) -> dict[str, Any]:
        """The design, or an empty one where neither rows nor measures were chosen."""
        given = super().answers()
        if given.pop("layout") == "qcew":
            return {"design": {"layout": "qcew", **QCEW_DESIGN}}
        if not given["dimensions"] and not given["measures"]:
            return {"design": {}}
        read = {
            "area_level": given["area_level"] or "county",
            "industry_level": int(given["industry_level"] or 2),
            "industries": _listed(given["industries"]),
            "time": given["time"] or "quarter",
            "after": [int(number) for number in _listed(given["after"])],
        }
        prices = _listed(given.pop("prices"))
        more = {"prices": prices} if prices else {}
        regions = _regions(given.pop("regions"))
        more |= {"regions": regions} if regions else {}
        followed = {} if self.of_people else {"followed_from": int(given["followed_from"] or 0)}
        return {"design": given | read | followed | more}


def _regions(text: str) -> list[str]:
    """The lines of the field as a design keeps them: North=44001,44007."""
    lines = [line.partition(":") for line in text.splitlines() if line.strip()]
    return [f"{name.strip()}={','.join(_listed(counties))}" for name, _, counties in lines]


def _listed(text: str) -> list[str]:
    """What stands between commas, semicolons or blanks."""
    return [part for part in re.split(r"[\s,;]+", text.strip()) if part]
