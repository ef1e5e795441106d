"""The Administrator's forms about agencies, contacts and statements; and what the list of partners is narrowed by."""

from typing import Any

from django import forms
from django.utils import timezone

from requests_app.fips import STATES
from requests_app.forms.days import DayField
from requests_app.forms.documents import PdfField
from requests_app.forms.text import PlainTextField
from requests_app.models import Agency, AgencyContact
from requests_app.selectors.holdings.partners import SHOWN
from requests_app.services.partners.partners import EARLIEST_YEAR


class PartnerFilter(forms.Form):
    """Which states the list shows."""

    show = forms.ChoiceField(label="Show", required=False, choices=list(SHOWN.items()))


class AgencyForm(forms.Form):
    """A state that has no agency here yet, and the agency's name."""

    use_required_attribute = False
    state = forms.ChoiceField(label="State", error_messages={"required": "Choose the state."})
    name = PlainTextField(
        label="Agency",
        max_length=160,
        required=True,
        help_text="As its MOU names it, for example “Maine Department of Labor, Center for Workforce Research”.",
        error_messages={"required": "Give the agency's name as the MOU has it."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        taken = set(Agency.objects.values_list("fips", flat=True))
        free = [(fips, name) for fips, _, name in STATES if fips not in taken]
        self.fields["state"].choices = [("", "Choose a state"), *free]  # type: ignore[attr-defined]


class ContactForm(forms.Form):
    """Whom BLS calls."""

    use_required_attribute = False
    purpose = forms.ChoiceField(
        label="What for?",
        choices=AgencyContact.Purpose.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what the contact is for."},
    )
    name = PlainTextField(
        label="Name or office", max_length=120, required=True, error_messages={"required": "Give a name or an office."}
    )
    email = forms.EmailField(
        label="Email",
        error_messages={"required": "Give an email address.", "invalid": "Write it like name@agency.gov."},
    )
    phone = PlainTextField(
        label="Telephone", max_length=40, required=True, error_messages={"required": "Give a telephone number."}
    )


class StatementForm(forms.Form):
    """A Statement of Assurance that was signed outside."""

    use_required_attribute = False
    year = forms.IntegerField(
        label="Year", min_value=EARLIEST_YEAR, error_messages={"required": "Give the year it is for."}
    )
    signed_by = PlainTextField(
        label="Signed by",
        max_length=160,
        required=True,
        help_text="Name and title. The person needs no account.",
        error_messages={"required": "Say who signed it."},
    )
    signed_on = DayField(label="Signed on", back=10, ahead=0)
    upload = PdfField(label="The signed statement")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"].initial = timezone.localdate().year
