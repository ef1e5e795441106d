"""What analysts ask, filter and sign, and a state's answer."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from disclosure.core.rules.parameters import Parameters
from requests_app.forms.text import PlainTextField
from requests_app.models import PartnerReview

Key = tuple[str, ...]


class SignOffForm(forms.Form):
    """An analyst's signature under the bytes they looked at."""

    package_sha256 = forms.CharField(widget=forms.HiddenInput)
    notes = forms.CharField(
        label="Notes for BLS",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="States do not see them.",
    )


class RefuseForm(forms.Form):
    """Why an analyst does not sign these bytes."""

    use_required_attribute = False
    package_sha256 = forms.CharField(widget=forms.HiddenInput)
    reason = PlainTextField(
        label="Why must these tables not leave?",
        rows=3,
        required=True,
        help_text="BLS reads it, no state does. While it stands nobody can confirm these tables.",
        error_messages={"required": "Say why, so that the tables can be made anew."},
    )


class CellFilter(forms.Form):
    """Which cells of the table the analyst looks at."""

    state = forms.ChoiceField(
        label="State of the cell",
        required=False,
        choices=[
            ("", "Every cell"),
            ("withheld", "Withheld"),
            ("sensitive", "Withheld: sensitive"),
            ("protects_others", "Withheld: protects others"),
            ("published", "Published"),
        ],
    )
    rule = forms.ChoiceField(label="Reason", required=False)

    def __init__(self, *args: Any, rules: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rule"].choices = [("", "Any reason"), *rules.items()]  # type: ignore[attr-defined]

    def asked(self) -> dict[str, str]:
        """State and rule; nothing of what cannot be read."""
        self.is_valid()
        return {"state": self.cleaned_data.get("state", ""), "rule": self.cleaned_data.get("rule", "")}


class ChartForm(forms.Form):
    """What the charts of a table show; each question has the choices that the table has."""

    measure = forms.ChoiceField(label="Measure")
    quarter = forms.ChoiceField(label="Quarter", help_text="Of bars and maps.")
    by = forms.ChoiceField(label="Lines and bars by")

    def __init__(self, offered: Mapping[str, list[tuple[str, str]]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for name, pairs in offered.items():
            self.fields[name].required = False
            self.fields[name].choices = pairs  # type: ignore[attr-defined]
            if len(pairs) < 2:
                self.fields[name].widget = forms.HiddenInput()


PARAMETERS = {
    "min_enterprises": ("Fewest enterprises", "in a cell that is not sensitive"),
    "dominance_percent": ("Dominance, percent", "of the cell, from which the largest enterprise makes it sensitive"),
    "p_percent": ("p, percent", "of the largest, which the others must exceed"),
    "largest_count": ("n of (n, k)", "the largest enterprises counted together"),
    "largest_percent": ("k of (n, k), percent", "of the cell, from which they make it sensitive"),
    "coalition": ("Coalition", "enterprises that may pool what they know"),
    "min_persons": ("Fewest persons", "in a cell about persons"),
    "floor_percent": ("Floor, percent", "of the cell, the least protection on both sides"),
}


class WhatIfForm(forms.Form):
    """Other parameters; what is left empty stays as it is in force, which no page shows."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (label, hint) in PARAMETERS.items():
            self.fields[name] = forms.IntegerField(
                label=label, help_text=hint, required=False, min_value=1, max_value=1_000
            )

    def clean(self) -> dict[str, Any]:
        """At least one is another, and the rules can work with them."""
        data: dict[str, Any] = super().clean() or {}
        if not self.errors and not self.asked():
            raise forms.ValidationError("Give at least one parameter another value.")
        try:
            Parameters(**self.asked())
        except ValueError as wrong:
            raise forms.ValidationError(f"{str(wrong)[:1].upper()}{str(wrong)[1:]}.") from None
        return data

    def asked(self) -> dict[str, int]:
        """The parameters that are to be others."""
        return {name: value for name in PARAMETERS if (value := self.cleaned_data.get(name)) is not None}


class SuggestForm(forms.Form):
    """The coarser design that is suggested to the state: picked, never written, so that nothing found can slip in."""

    use_required_attribute = False
    design = forms.TypedChoiceField(
        label="Which design?",
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "Pick a design."},
    )

    def __init__(self, *args: Any, designs: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["design"].choices = list(enumerate(designs))  # type: ignore[attr-defined]


class RowsForm(forms.Form):
    """Which rows of the tables a reviewer looks at; it travels with the answer that is being written."""

    rows = forms.ChoiceField(
        label="Rows",
        required=False,
        choices=[("", "Every row"), ("own", "About your state"), ("changed", "Changed since your last answer")],
    )

    def asked(self) -> str:
        """The choice; every row where none can be read."""
        return str(self.cleaned_data.get("rows", "")) if self.is_valid() else ""


class PartnerAnswerForm(forms.Form):
    """No objection, or an objection to the cells marked in the table, or to the whole."""

    NO_OBJECTION, CELLS, WHOLE = "no_objection", "cells", "whole"

    package_sha256 = forms.CharField(widget=forms.HiddenInput)
    verdict = forms.ChoiceField(
        label="Your state's answer",
        choices=[
            (NO_OBJECTION, "No objection"),
            (CELLS, "Objection to the cells marked above"),
            (WHOLE, "Objection to the whole output"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose an answer."},
    )
    cells = forms.MultipleChoiceField(
        label="Cells",
        required=False,
        error_messages={"invalid_choice": "One of the cells is not published in this package; mark the cells again."},
    )
    reason = forms.CharField(
        label="Reason",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Needed for an objection: BLS resolves it with you. The requesting state does not see it.",
    )

    def __init__(self, *args: Any, keys: Mapping[str, Key], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._keys = keys
        self.fields["cells"].choices = [(number, number) for number in keys]  # type: ignore[attr-defined]
        self.fields["verdict"].option_hints = {  # type: ignore[attr-defined]
            self.NO_OBJECTION: "The output may be released as it stands here.",
            self.CELLS: "BLS withholds them and asks every state again.",
            self.WHOLE: "Nothing is released until BLS has resolved it with you.",
        }

    def clean(self) -> dict[str, Any]:
        """An objection says why; the marks and the answer agree."""
        data: dict[str, Any] = super().clean() or {}
        answer, marked = data.get("verdict"), len(data.get("cells", []))
        if answer in {self.CELLS, self.WHOLE} and not data.get("reason", "").strip():
            self.add_error("reason", "Say what you object to, so that BLS can resolve it.")
        if answer == self.CELLS and not marked and "cells" not in self.errors:
            self.add_error("verdict", "Mark in the tables the cells you object to, or choose another answer.")
        if answer in {self.NO_OBJECTION, self.WHOLE} and marked:
            words = "1 cell is" if marked == 1 else f"{marked} cells are"
            self.add_error("verdict", f"{words} marked in the tables. Object to them, or clear the marks.")
        return data

    def answer(self) -> PartnerReview.Verdict:
        """The verdict as it is kept."""
        agreed = self.cleaned_data["verdict"] == self.NO_OBJECTION
        return PartnerReview.Verdict.NO_OBJECTION if agreed else PartnerReview.Verdict.OBJECTION

    def cell_keys(self) -> list[list[str]]:
        """The marked cells as keys."""
        return [list(self._keys[number]) for number in self.cleaned_data["cells"]]

    def marked(self) -> set[str]:
        """The numbers of the cells that stand marked on the page."""
        return set(self["cells"].value() or [])
