"""What is said of an incident: at once, in the written report, as evidence, at its end; and when a request goes on."""

from typing import Any, cast

from django import forms
from django.db.models import QuerySet

from requests_app.forms.days import DayField
from requests_app.forms.documents import PdfField
from requests_app.forms.text import PlainTextField
from requests_app.models import Agency, DataRequest, Incident, IncidentEntry

# The newest requests stand in the list; any other is reported from its own page.
OFFERED = 100


class IncidentForm(forms.Form):
    """Nothing is required: reporting at once matters more than reporting everything."""

    use_required_attribute = False
    kind = forms.ChoiceField(
        label="What is it?",
        choices=Incident.Kind.choices,
        initial=Incident.Kind.BREACH,
        widget=forms.RadioSelect,
        required=False,
    )
    request = forms.ModelChoiceField(
        label="Which request is it about?",
        queryset=DataRequest.objects.none(),
        to_field_name="number",
        required=False,
        empty_label="None, or I do not know",
        help_text="The request you name is suspended until BLS lifts that. If it is not listed here, report the "
        "incident from the request's own page.",
        error_messages={"invalid_choice": "Choose one of your requests, or the first line."},
    )
    what_is_known = PlainTextField(
        label="What is known so far (optional)",
        rows=5,
        help_text="What happened, when, and which data are concerned. Do not write any of the data here. The written "
        "report can follow within three days.",
    )

    def __init__(self, requests: QuerySet[DataRequest], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.ModelChoiceField, self.fields["request"])
        field.queryset = requests
        offered = [str(self.initial.get("request") or ""), *requests.values_list("number", flat=True)[:OFFERED]]
        numbers = dict.fromkeys(filter(None, offered))
        field.widget.choices = [("", str(field.empty_label)), *((number, number) for number in numbers)]


class LiftForm(forms.Form):
    """Why the request may go on."""

    use_required_attribute = False
    why = PlainTextField(
        label="Why may the request go on?",
        rows=4,
        required=True,
        help_text="The state reads this.",
        error_messages={"required": "Say why the request may go on."},
    )


REPORT = {
    "happened": ("What happened, and how?", "In the order of time, with times where they are known."),
    "discovered": ("When and by whom was it discovered?", ""),
    "data": ("Which data are concerned?", "Packages, files, data sets and periods. Do not write any of the data here."),
    "people": ("How many people and employers are concerned, and who may have seen the data?", ""),
    "contained": ("What was done to contain it?", ""),
    "corrected": ("What is done so that it does not happen again?", "Who does it, and by when."),
    "contact": ("Whom can BLS ask?", "Name, title, telephone and email."),
}


class ReportForm(forms.Form):
    """The written report: every question needs an answer, which may be that it is not known yet."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (label, hint) in REPORT.items():
            self.fields[name] = PlainTextField(
                label=label,
                rows=3,
                required=True,
                help_text=hint,
                error_messages={"required": f"Answer “{label}”; say so where it is not known yet."},
            )


class EntryForm(forms.Form):
    """One line of the timeline, with a paper where there is one."""

    use_required_attribute = False
    kind = forms.ChoiceField(label="What is it?", widget=forms.RadioSelect, error_messages={"required": "Choose one."})
    happened_on = DayField(label="On which day?", back=1, ahead=0, required=False)
    text = PlainTextField(
        label="What is there to say?",
        rows=4,
        required=True,
        help_text="Do not write any of the data here.",
        error_messages={"required": "Write what there is to say."},
    )
    paper = PdfField(label="A paper (optional)", required=False)

    def __init__(self, *args: Any, of_bls: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = IncidentEntry.Kind
        offered = [kinds.NOTE, kinds.EVIDENCE, kinds.CORRECTION] + ([kinds.INSPECTION] if of_bls else [])
        self.fields["kind"].choices = [(kind.value, kind.label) for kind in offered]  # type: ignore[attr-defined]


class TellStatesForm(forms.Form):
    """Which states are told that an incident concerns their records."""

    use_required_attribute = False
    agencies = forms.ModelMultipleChoiceField(
        label="Which states are told?",
        queryset=Agency.objects.filter(fips__isnull=False).order_by("state_name"),
        to_field_name="postal",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose the states that are told."},
    )
    text = PlainTextField(label="What are they told?", rows=3, help_text="It stands in the timeline, which they read.")


class CloseForm(forms.Form):
    """What came of an incident."""

    use_required_attribute = False
    outcome = PlainTextField(
        label="What came of it?",
        rows=4,
        required=True,
        help_text="The agency it happened at and the states concerned read this.",
        error_messages={"required": "Say what came of it."},
    )
