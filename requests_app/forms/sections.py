"""The form's sections as Django forms: nothing is required while drafting, only impossible values are refused.

Each form turns its saved answers into initial values and what was typed back into the JSON that `form.read` reads.
"""

import secrets
from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from requests_app.form import ACTIVITIES, CERTIFICATIONS
from requests_app.forms.text import PlainTextField
from requests_app.models import DataRequest, Destruction
from requests_app.states import Kind

YES_NO = [("yes", "Yes"), ("no", "No")]
YEARS_AHEAD = 15
TURNS = 1_000_000  # saves of one page, more than anybody makes
ABOUT_THE_PAGE = frozenset({"seen_version", "page", "turn"})


class SectionForm(forms.Form):
    """One section. `saved` are its answers as they stand; `seen_version` and `page` find two people saving over each
    other, `turn` a page's own earlier save that arrives late (services.life.requests.save_section)."""

    use_required_attribute = False
    lead = ""
    seen_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    page = forms.CharField(widget=forms.HiddenInput, max_length=32, required=False)
    turn = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=TURNS, required=False)

    def __init__(
        self, data_request: DataRequest, saved: Mapping[str, Any], version: int, data: Any = None, **rest: Any
    ) -> None:
        self.data_request = data_request
        self.saved = saved
        about_the_page = {"seen_version": version, "page": secrets.token_hex(16), "turn": 0}
        super().__init__(data, initial={**about_the_page, **self.initial_from(saved)}, **rest)
        self.prepare()

    def prepare(self) -> None:
        """Fills in choices that depend on the request."""

    def initial_from(self, saved: Mapping[str, Any]) -> dict[str, Any]:
        """The fields' first values."""
        return dict(saved)

    def answers(self) -> dict[str, Any]:
        """The section's JSON; what was left empty is kept as empty."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ABOUT_THE_PAGE}


class ProjectForm(SectionForm):
    """What the project is called."""

    title = PlainTextField(
        label="Project title", max_length=200, help_text="It stands on lists, letters and the package."
    )


class PurposeForm(SectionForm):
    """What the project is for."""

    activity = forms.ChoiceField(
        label="Permitted statistical activity",
        help_text="Wage records may be used for one of these three only.",
        choices=list(ACTIVITIES.items()),
        widget=forms.RadioSelect,
        required=False,
    )
    questions = PlainTextField(label="What do you want to find out?", rows=4)
    need = PlainTextField(
        label="Why are wage records needed?", rows=4, help_text="Say what other sources cannot tell you."
    )
    results_use = PlainTextField(label="How will the results be used and published?", rows=4)


class PackageForm(SectionForm):
    """Three questions whose answers choose the package type."""

    lead = "Three questions find the package type. It decides which sections the form has."
    sends_people = forms.ChoiceField(
        label="Will you send a list of people?",
        help_text="A cohort file holds Social Security numbers of the people you ask about. You send it later, "
        "once BLS has approved the request.",
        choices=[("no", "No, I ask about industries and places"), ("yes", "Yes, I ask about people on a list")],
        widget=forms.RadioSelect,
        required=False,
    )
    comes_back = forms.ChoiceField(
        label="If you send a list: what do you need back?",
        choices=[("tables", "Tables"), ("records", "Individual records under my own temporary IDs")],
        widget=forms.RadioSelect,
        required=False,
    )
    can_protect = forms.ChoiceField(
        label="If you need records: can your agency protect and destroy them?",
        help_text="They must be kept as Section II.F of your MOU says, and destroyed by the date you agree to.",
        choices=YES_NO,
        widget=forms.RadioSelect,
        required=False,
    )

    def initial_from(self, saved: Mapping[str, Any]) -> dict[str, Any]:
        """A kind saved without its questions answers them."""
        return {**ANSWERS_OF_KIND.get(saved.get("kind", ""), {}), **saved}

    def clean(self) -> dict[str, Any]:
        """Records without a place to keep them are impossible, and a submitted request keeps having a type."""
        cleaned: dict[str, Any] = super().clean() or {}
        if kind_from(cleaned) is None and cleaned.get("can_protect") == "no" and cleaned.get("comes_back") == "records":
            self.add_error(
                "can_protect", "Without that, BLS cannot send records. Choose tables, or make the arrangements first."
            )
        elif kind_from(cleaned) is None and self.data_request.state != "draft":
            self.add_error(None, "Answer all questions that apply: a returned request keeps having a package type.")
        return cleaned

    def answers(self) -> dict[str, Any]:
        """The answers and the kind they lead to, empty while that is open."""
        return {**super().answers(), "kind": str(kind_from(self.cleaned_data) or "")}


ANSWERS_OF_KIND = {
    Kind.MACRO.value: {"sends_people": "no"},
    Kind.MICRO_TO_MACRO.value: {"sends_people": "yes", "comes_back": "tables"},
    Kind.MICRO.value: {"sends_people": "yes", "comes_back": "records", "can_protect": "yes"},
}


def kind_from(answers: Mapping[str, Any]) -> Kind | None:
    """The package type the three answers lead to; None while they leave it open."""
    if answers.get("sends_people") == "no":
        return Kind.MACRO
    if answers.get("sends_people") != "yes":
        return None
    if answers.get("comes_back") == "tables":
        return Kind.MICRO_TO_MACRO
    return Kind.MICRO if answers.get("comes_back") == "records" and answers.get("can_protect") == "yes" else None


class LinkageForm(SectionForm):
    """What else the micro data will be put together with: such data become confidential too."""

    lead = "Data that you link with these records are confidential too, and must be destroyed with them."
    links = forms.ChoiceField(
        label="Will you link the records with other data?",
        choices=YES_NO,
        widget=forms.RadioSelect,
        required=False,
    )
    linked_data = PlainTextField(
        label="If yes: with which data?", rows=4, help_text="Each data set, whose it is, and by what it is linked."
    )


class OutputsForm(SectionForm):
    """What will be made from the package."""

    outputs_planned = PlainTextField(
        label="Which outputs do you plan?",
        rows=4,
        help_text="Tables, reports or charts, and for whom. Outputs made from micro data are reviewed before they "
        "leave your agency.",
    )


class SecurityForm(SectionForm):
    """Where the data are kept."""

    kept_where = PlainTextField(
        label="Where will the data be kept?",
        rows=4,
        help_text="System, place and who has access, as Section II.F of your MOU asks.",
    )


class DispositionForm(SectionForm):
    """Until when micro data are kept, and how they are destroyed."""

    destruction_on = forms.DateField(label="Destroy the data by", required=False)
    destruction_method = forms.ChoiceField(
        label="How will the data be destroyed?",
        help_text="The methods of NIST SP 800-88.",
        choices=Destruction.Method.choices,
        widget=forms.RadioSelect,
        required=False,
    )

    def prepare(self) -> None:
        """Years to come, and what each method means."""
        today = timezone.localdate()
        self.fields["destruction_on"].widget = forms.SelectDateWidget(
            years=range(today.year, today.year + YEARS_AHEAD), empty_label=("Year", "Month", "Day")
        )
        self.fields["destruction_method"].option_hints = METHOD_HINTS  # type: ignore[attr-defined]

    def answers(self) -> dict[str, Any]:
        """The date as ISO text."""
        given = super().answers()
        day: date | None = given["destruction_on"]
        return {**given, "destruction_on": day.isoformat() if day else ""}


METHOD_HINTS = {
    Destruction.Method.CLEAR: "Overwritten by ordinary commands, so that simple tools cannot recover them.",
    Destruction.Method.PURGE: "Made unrecoverable even in a laboratory, for instance by erasing the encryption key.",
    Destruction.Method.DESTROY: "The medium itself is shredded, melted or burned.",
    Destruction.Method.RETURN: "Every copy goes back to BLS.",
}


class CertifyForm(SectionForm):
    """What the coordinator certifies."""

    certifications = forms.MultipleChoiceField(
        label="I certify",
        choices=list(CERTIFICATIONS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
