"""The Administrator's forms about Section II.G: who is named, who stands in, who takes over."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from requests_app.forms.days import DayField
from requests_app.forms.text import PlainTextField
from requests_app.models import Agency, MouCoordinator, Person
from requests_app.services.partners.section_ii_g import StandIn


class PersonField(forms.ModelChoiceField):
    """A person, known by the public id, told apart by name, title and address."""

    def __init__(self, **rest: Any) -> None:
        super().__init__(queryset=Person.objects.none(), to_field_name="public_id", **rest)

    def label_from_instance(self, obj: Person) -> str:
        """Name, title, address."""
        return ", ".join(filter(None, (obj.name, obj.title, obj.email)))


def _people_of(agency: Agency) -> QuerySet[Person]:
    return Person.objects.filter(agency=agency, is_active=True)


class StandInForm(forms.Form):
    """Who follows the coordinator, and a contact where neither answers."""

    use_required_attribute = False
    successor = PersonField(
        label="Successor",
        required=False,
        empty_label="Nobody yet",
        help_text="Another person of the agency, who takes over when this one leaves.",
    )
    fallback_name = PlainTextField(
        label="Fallback contact: name or office",
        max_length=120,
        help_text="Whom BLS calls where neither answers. Needs no account.",
    )
    fallback_email = forms.EmailField(
        label="Fallback contact: email", required=False, error_messages={"invalid": "Write it like name@agency.gov."}
    )
    fallback_phone = PlainTextField(label="Fallback contact: telephone", max_length=40)

    def __init__(self, agency: Agency, *args: Any, but: Person | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = _people_of(agency).exclude(pk=but.pk if but else None)
        self.fields["successor"].queryset = others  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any] | None:
        """An address or a number belongs to somebody."""
        said = super().clean() or self.cleaned_data
        reached_by = said.get("fallback_email") or said.get("fallback_phone")
        if reached_by and not said.get("fallback_name") and "fallback_name" not in self.errors:
            self.add_error("fallback_name", "Say whose address or number this is: a name or an office.")
        return said

    def stand_in(self) -> StandIn:
        """As the services take it."""
        return StandIn(**{name: self.cleaned_data[name] for name in StandIn.__dataclass_fields__})


def initial_stand_in(line: MouCoordinator) -> dict[str, Any]:
    """The first values of the form, from the line as it is."""
    kept = {name: getattr(line, name) for name in StandIn.__dataclass_fields__}
    return kept | {"successor": line.successor.public_id if line.successor else None}


class CoordinatorForm(StandInForm):
    """A person to name, with dates."""

    person = PersonField(
        label="Person",
        empty_label="Choose a person",
        help_text="People of this agency. Invite the person first where the name is missing.",
        error_messages={"required": "Choose the person."},
    )
    listed_from = DayField(label="Listed from", back=15, ahead=5)
    listed_until = DayField(
        label="Listed until",
        required=False,
        help_text="Leave empty: as long as the MOU, and those that follow it.",
        back=15,
        ahead=20,
    )
    field_order = ("person", "listed_from", "listed_until")

    def __init__(self, agency: Agency, *args: Any, **kwargs: Any) -> None:
        super().__init__(agency, *args, **kwargs)
        self.fields["person"].queryset = _people_of(agency)  # type: ignore[attr-defined]


class EndLineForm(forms.Form):
    """The last day on the list."""

    use_required_attribute = False
    last_day = DayField(label="Last day on the list", help_text="Yesterday takes the name off at once.", ahead=20)


class HandOverForm(forms.Form):
    """Who takes over: one of those who are listed today."""

    use_required_attribute = False
    to_person = PersonField(
        label="Who takes over?",
        empty_label="Choose a person",
        help_text="People listed in Section II.G today.",
        error_messages={"required": "Choose who takes over."},
    )

    def __init__(self, listed: QuerySet[Person], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to_person"].queryset = listed  # type: ignore[attr-defined]
        if not listed.exists():
            words = "Nobody else is listed in Section II.G today. Name a coordinator first, then hand over."
            self.fields["to_person"].help_text = words
