"""What the Administrator and coordinators say about people: accounts, roles, notices, the pre-release list."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.validators import EmailValidator
from django.utils import timezone

from requests_app.forms.documents import PdfField
from requests_app.forms.text import PlainTextField
from requests_app.models import Agency, Person, Separation
from requests_app.models.people import Employment
from requests_app.selectors.people.people import LAPSING, MISSING
from requests_app.states import BLS_ROLES, STATE_ROLES, Role

EMPTY_DATE = ("Year", "Month", "Day")


def date_field(label: str, *, years: range, required: bool = True, help_text: str = "") -> forms.DateField:
    """A day as three fields, one of the given years."""
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        widget=forms.SelectDateWidget(years=years, empty_label=EMPTY_DATE),
        error_messages={"required": "Give the day.", "invalid": "Give a day of the calendar."},
    )


def coming_years() -> range:
    """From last year to ten years on."""
    year = timezone.localdate().year
    return range(year - 1, year + 11)


class AboutPerson(forms.Form):
    """A form about one person; `person` is who."""

    use_required_attribute = False

    def __init__(self, person: Person, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        self.prepare()

    def prepare(self) -> None:
        """Fills in what depends on the person."""


class ConfirmForm(AboutPerson):
    """Nothing to fill in: the page says what will happen."""


class ReasonForm(AboutPerson):
    """A reason, kept with the event."""

    reason = PlainTextField(label="Reason", rows=3, required=True, error_messages={"required": "Say why."})


class InviteForm(forms.Form):
    """A new account."""

    use_required_attribute = False
    name = PlainTextField(
        label="Name", max_length=120, required=True, error_messages={"required": "Give the person's name."}
    )
    email = forms.EmailField(
        label="E-mail address",
        help_text="The person signs in with it. The link to set a password goes there.",
        error_messages={"required": "Give the e-mail address."},
        validators=[EmailValidator("Give an address like name@agency.gov.")],
    )
    agency = forms.ModelChoiceField(
        label="Agency",
        queryset=Agency.objects.order_by("state_name"),
        empty_label="Choose an agency",
        error_messages={"required": "Choose the agency."},
    )
    title = PlainTextField(label="Title (optional)", max_length=120, help_text="The person's position at the agency.")
    employment = forms.ChoiceField(
        label="Kind of employment",
        choices=Employment.choices,
        widget=forms.RadioSelect,
        initial=Employment.EMPLOYEE,
        help_text="The request instructions let no assignee or detailee see wage records.",
    )


class EmploymentForm(AboutPerson):
    """The kind of employment."""

    employment = forms.ChoiceField(
        label="Kind of employment",
        choices=Employment.choices,
        widget=forms.RadioSelect,
        help_text="The request instructions let no assignee or detailee see wage records.",
    )

    def prepare(self) -> None:
        """Starts from what it is."""
        self.fields["employment"].initial = self.person.employment


class GiveRoleForm(AboutPerson):
    """A role of the person's side, with its dates."""

    role = forms.ChoiceField(
        label="Role", widget=forms.RadioSelect, error_messages={"required": "Choose the role."}
    )  # fmt: skip
    starts_on = forms.DateField()
    ends_on = forms.DateField()

    def prepare(self) -> None:
        """State roles at states, BLS roles at BLS; from today on."""
        roles = BLS_ROLES if self.person.agency.is_bls else STATE_ROLES
        self.fields["role"].choices = [(role.value, role.label) for role in Role if role in roles]  # type: ignore[attr-defined]
        self.fields["starts_on"] = date_field("First day", years=coming_years())
        self.fields["starts_on"].initial = timezone.localdate()
        self.fields["ends_on"] = date_field(
            "Last day (optional)", years=coming_years(), required=False, help_text="Empty: until it is ended."
        )


AT_ONCE, ON_A_DAY = "now", "day"


class EndRoleForm(AboutPerson):
    """At once, or with the end of a day."""

    when = forms.ChoiceField(
        label="When does it end?",
        choices=[(AT_ONCE, "At once"), (ON_A_DAY, "At the end of the day below")],
        widget=forms.RadioSelect,
        initial=AT_ONCE,
    )
    ends_on = forms.DateField()

    def prepare(self) -> None:
        """The day is asked for where it does not end at once."""
        self.fields["ends_on"] = date_field("Last day", years=coming_years(), required=False)

    def clean(self) -> dict[str, Any]:
        """At once is yesterday: today no longer counts."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("when") == AT_ONCE:
            cleaned["ends_on"] = timezone.localdate() - timedelta(days=1)
        elif not cleaned.get("ends_on") and "ends_on" not in self.errors:
            self.add_error("ends_on", "Give the last day.")
        return cleaned


class EndAgreementForm(AboutPerson):
    """The last day of an agreement."""

    ends_on = forms.DateField()

    def prepare(self) -> None:
        """Today or later."""
        self.fields["ends_on"] = date_field("Last day", years=coming_years())


class NoticeForm(AboutPerson):
    """Who leaves, when and why."""

    last_day = forms.DateField()
    why = forms.ChoiceField(
        label="What changes?",
        choices=Separation.Why.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what changes."},
    )

    def prepare(self) -> None:
        """The last day of access."""
        self.fields["last_day"] = date_field(
            "Last day", years=coming_years(), help_text="Access ends with this day, by itself."
        )


class TrainingForm(AboutPerson):
    """When the training was completed, and its evidence."""

    completed_on = forms.DateField()
    evidence = PdfField(label="Certificate or other evidence")

    def prepare(self) -> None:
        """A day of the past year."""
        year = timezone.localdate().year
        self.fields["completed_on"] = date_field(
            "Day of completion",
            years=range(year, year - 2, -1),
            help_text="The training counts until its first anniversary.",
        )


class PreReleaseForm(AboutPerson):
    """A line of the pre-release list; adding one certifies the agency's others."""

    listed_from = forms.DateField()
    listed_until = forms.DateField()
    others_are_needed = forms.BooleanField(
        label="I have looked at the agency's other lines on the list, and each of them is still needed.",
        required=False,
    )

    def prepare(self) -> None:
        """From today on."""
        self.fields["listed_from"] = date_field("First day", years=coming_years())
        self.fields["listed_from"].initial = timezone.localdate()
        self.fields["listed_until"] = date_field("Last day (optional)", years=coming_years(), required=False)


class PeopleFilter(forms.Form):
    """People by name or address, agency, role, and what is missing or lapses soon."""

    q = forms.CharField(label="Name or e-mail", required=False, max_length=100)
    agency = forms.ModelChoiceField(
        label="Agency",
        queryset=Agency.objects.order_by("state_name"),
        required=False,
        empty_label="All agencies",
        to_field_name="postal",
    )
    role = forms.ChoiceField(
        label="Role",
        required=False,
        choices=[("", "All roles"), *((role.value, role.label) for role in Role if role is not Role.SYSTEM)],
    )
    missing = forms.ChoiceField(
        label="What stops them",
        required=False,
        choices=[("", "Anybody"), *MISSING.items(), (LAPSING, "Something lapses within 60 days")],
    )

    def __init__(self, viewer: Person, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not viewer.agency.is_bls:
            del self.fields["agency"]
            roles = [("", "All roles"), *((role.value, role.label) for role in Role if role in STATE_ROLES)]
            self.fields["role"].choices = roles  # type: ignore[attr-defined]
