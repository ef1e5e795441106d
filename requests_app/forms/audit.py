"""What the Auditor asks the log and the records for; an empty question asks for everything."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from requests_app.forms.filters import words_field
from requests_app.models import Agency
from requests_app.selectors.audit.history import WORDS
from requests_app.states import State

OUTCOMES = (("", "Any outcome"), ("done", "Done"), ("refused", "Refused"), ("failed", "Failed"))
PROCESSES = (
    ("", "Any process"),
    ("web", "Web: people's own clicks"),
    ("worker", "Worker"),
    ("scheduler", "Scheduler"),
    ("loader", "Loader, run by hand"),
    ("owner", "Owner, run by hand"),
)


def day_field(label: str, **more: Any) -> forms.DateField:
    """A day, by the browser's own control where it has one."""
    return forms.DateField(label=label, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **more)


class NumberField(forms.CharField):
    """A request's number, however it was typed."""

    def clean(self, value: Any) -> str:
        """Upper case, without spaces."""
        return str(super().clean(value)).strip().upper()


class Period(forms.Form):
    """From a day to a day, both included."""

    since = day_field("From", required=False)
    until = day_field("To", required=False)

    def clean(self) -> dict[str, Any]:
        """The period must not end before it begins."""
        wanted: dict[str, Any] = super().clean() or {}
        since, until = wanted.get("since"), wanted.get("until")
        if since and until and until < since:
            self.add_error("until", "Choose a last day that is not before the first.")
        return wanted


class EventFilter(Period):
    """Events by time, kind, outcome, who, request, subject and process."""

    kind = forms.ChoiceField(label="What", required=False)
    outcome = forms.ChoiceField(label="Outcome", required=False, choices=OUTCOMES)
    actor = forms.CharField(label="Who: name or account number", required=False, max_length=120)
    request = NumberField(label="Request number", required=False, max_length=14)
    subject = forms.CharField(label="Subject, as the log has it", required=False, max_length=80)
    process = forms.ChoiceField(label="Recorded by", required=False, choices=PROCESSES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = sorted((words, kind) for kind, words in WORDS.items())
        self.fields["kind"].choices = [  # type: ignore[attr-defined]
            ("", "Everything"), *((kind, f"{words} ({kind})") for words, kind in kinds),
        ]  # fmt: skip


class DisclosureFilter(Period):
    """Openings and deliveries by the state whose data it was, request and person."""

    state = forms.ChoiceField(label="State whose data it holds", required=False)
    request = NumberField(label="Request number", required=False, max_length=14)
    actor = forms.CharField(label="Who: name or account number", required=False, max_length=120)
    outcome = forms.ChoiceField(label="Outcome", required=False, choices=OUTCOMES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        states = Agency.objects.filter(fips__isnull=False).order_by("state_name").values_list("fips", "state_name")
        self.fields["state"].choices = [("", "Any state"), *states]  # type: ignore[attr-defined]


class AccessQuestion(forms.Form):
    """A day, and a request or a person."""

    day = day_field("On the day")
    request = NumberField(label="Request number", required=False, max_length=14)
    person = forms.CharField(label="Or a person: name, email or account number", required=False, max_length=120)

    def clean_day(self) -> date:
        """Nobody knows yet who will have access."""
        day: date = self.cleaned_data["day"]
        if day > timezone.localdate():
            raise forms.ValidationError("Choose today or an earlier day.")
        return day

    def clean(self) -> dict[str, Any]:
        """One of the two."""
        wanted: dict[str, Any] = super().clean() or {}
        if bool(wanted.get("request")) == bool(wanted.get("person")) and not self.errors:
            self.add_error("request", "Give a request number, or a person: one of the two.")
        return wanted


class RecordFilter(forms.Form):
    """Records by number or title, and state."""

    q = words_field()
    state = forms.ChoiceField(
        label="Where it stands",
        required=False,
        choices=[("", "Anywhere"), *((state.value, state.label) for state in State if state is not State.DRAFT)],
    )
