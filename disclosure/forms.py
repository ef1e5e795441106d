"""Sign-off by an analyst, and a state's answer."""

from collections.abc import Mapping
from typing import Any

from django import forms

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
