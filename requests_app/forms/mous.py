"""The Administrator's forms about MOUs: the terms, the last day, what was missing."""

from datetime import date
from typing import Any

from django import forms
from django.conf import settings

from requests_app.channels import CHANNELS
from requests_app.form import ACTIVITIES
from requests_app.forms.days import DayField
from requests_app.forms.documents import PdfField
from requests_app.forms.text import PlainTextField
from requests_app.models import Mou
from requests_app.models.partners import GatePlace
from requests_app.services.partners.mous import REVIEW_DAYS_AT_MOST, Terms

YEARS = {"back": 15, "ahead": 20}
ACTIVITY, CHANNEL, DAY_ATTESTED = "permitted_activities", "delivery_channels", "security_provisions_attested_on"


class MouForm(forms.Form):
    """An MOU's dates and terms, as the signed paper has them."""

    use_required_attribute = False
    effective_on = DayField(label="In force from", help_text="The first day on which it holds.", **YEARS)
    ends_on = DayField(label="In force until", help_text="The last day on which it holds.", **YEARS)
    permitted_activities = forms.MultipleChoiceField(
        label="Permitted activities",
        help_text="What this state's records may be used for. A request for anything else cannot be submitted.",
        choices=list(ACTIVITIES.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one activity."},
    )
    permits_wage_records = forms.BooleanField(label="Its wage records may be used", required=False, initial=True)
    permits_establishment_tables = forms.BooleanField(
        label="Its establishment (QCEW) records may be used for tables", required=False
    )
    gate_place = forms.ChoiceField(
        label="When does this state review output made with its records?",
        help_text="Where states differ, the strictest place holds.",
        choices=GatePlace.choices,
        widget=forms.RadioSelect,
        initial=GatePlace.BEFORE_RELEASE,
        error_messages={"required": "Choose when the state reviews."},
    )
    review_business_days = forms.IntegerField(
        label="Business days to review",
        min_value=1,
        max_value=REVIEW_DAYS_AT_MOST,
        initial=15,
        error_messages={"required": "Give the number of business days."},
    )
    consent_by_lapse = forms.BooleanField(
        label="A state that does not answer in time consents (BLS records it case by case)", required=False
    )
    delivery_channels = forms.MultipleChoiceField(
        label="How BLS may deliver to this agency",
        choices=list(CHANNELS.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one channel."},
    )
    security_provisions_attested_on = DayField(
        label="Section II.F security provisions attested on",
        help_text="Micro data are not released without it. Leave empty where the attestation is not there yet.",
        required=False,
        back=15,
        ahead=0,
    )
    upload = PdfField(label="Scan of the signed MOU", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        works = {*settings.DELIVERY_CHANNELS, *settings.MICRO_DELIVERY_CHANNELS}
        hints = {name: "Not connected to this site yet." for name in CHANNELS if name not in works}
        self.fields[CHANNEL].option_hints = hints  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any] | None:
        """The last day does not lie before the first."""
        said = super().clean() or self.cleaned_data
        start, end = said.get("effective_on"), said.get("ends_on")
        if start and end and end < start:
            self.add_error("ends_on", "The MOU ends on or after the day it starts.")
        return said

    def for_service(self) -> dict[str, Any]:
        """Dates, terms and scan, as the services take them."""
        said = dict(self.cleaned_data)
        days: dict[str, date] = {name: said.pop(name) for name in ("effective_on", "ends_on")}
        upload = said.pop("upload")
        said |= {ACTIVITY: tuple(said[ACTIVITY]), CHANNEL: tuple(said[CHANNEL])}
        return {"terms": Terms(**said), "upload": upload, **days}


def initial_terms(mou: Mou, **days: date) -> dict[str, Any]:
    """The first values of the form of an MOU that follows this one."""
    return Terms.of(mou).columns() | days


class EndMouForm(forms.Form):
    """The last day, and why."""

    use_required_attribute = False
    last_day = DayField(
        label="Last day in force", help_text="Yesterday stops everything at once.", back=1, ahead=YEARS["ahead"]
    )
    why = PlainTextField(
        label="Why does it end early?",
        rows=3,
        required=True,
        help_text="It stays in the agency's history.",
        error_messages={"required": "Say why the MOU ends early."},
    )


class CompleteMouForm(forms.Form):
    """What was not there when the MOU was recorded; only what is missing is asked for."""

    use_required_attribute = False
    attested_on = DayField(label="Section II.F security provisions attested on", required=False, back=15, ahead=0)
    upload = PdfField(label="Scan of the signed MOU", required=False)

    def __init__(self, mou: Mou, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if mou.security_provisions_attested_on:
            del self.fields["attested_on"]
        if mou.document_id:
            del self.fields["upload"]
