"""Accounts: made by BLS, disabled and enabled again, with the kind of employment the person has."""

from django.db import transaction
from django.utils import timezone

from requests_app.models import Agency, Person
from requests_app.models.people import Employment
from requests_app.people_policies import check_invite, check_manage
from requests_app.policies import Denied
from requests_app.services.event_log import events
from requests_app.services.people.memberships import project


def subject_of(person: Person) -> str:
    """How events name a person: a number that stays when the name changes."""
    return f"person {person.pk}"


@transaction.atomic
def invite(
    email: str,
    name: str,
    agency: Agency,
    *,
    actor: Person | None,
    title: str = "",
    employment: str = Employment.EMPLOYEE,
) -> Person:
    """A new account without a password; the person sets one from the link (services/people/invitations.py).

    `actor` None is the system: the first Administrator, and the demonstration's people.
    """
    if actor:
        check_invite(actor)
    if Person.objects.filter(email__iexact=email).exists():
        raise Denied(f"{email} has an account already. Find it in the list of people.")
    person = Person.objects.create_user(email, name=name, agency=agency, title=title, employment=employment)
    detail = {"agency": agency.postal, "employment": person.employment}
    events.record("person.invite", actor=actor, subject=subject_of(person), detail=detail)
    return person


@transaction.atomic
def change_employment(person: Person, employment: Employment, *, actor: Person) -> None:
    """The kind of employment decides whether the instructions let a person see confidential data."""
    check_manage(actor, person)
    locked = Person.objects.select_for_update().get(pk=person.pk)
    detail = {"from": locked.employment, "to": employment}
    locked.employment = employment
    locked.save(update_fields=["employment"])
    events.record("person.change_employment", actor=actor, subject=subject_of(person), detail=detail)


@transaction.atomic
def disable(person: Person, *, actor: Person, reason: str) -> None:
    """The account is closed at once, open sessions too; everything the person did stays."""
    check_manage(actor, person)
    _set_active(person, active=False)
    events.record("person.disable", actor=actor, subject=subject_of(person), detail={"reason": reason})


@transaction.atomic
def enable(person: Person, *, actor: Person, reason: str) -> None:
    """The account is open again, with the password it had; its idle days count from now."""
    check_manage(actor, person)
    _set_active(person, active=True)
    events.record("person.enable", actor=actor, subject=subject_of(person), detail={"reason": reason})


def _set_active(person: Person, *, active: bool) -> None:
    locked = Person.objects.select_for_update().get(pk=person.pk)
    if locked.is_active == active:
        raise Denied(f"{person.name}'s account is {'open' if active else 'disabled'} already.")
    locked.is_active = active
    if active:
        locked.enabled_at = timezone.now()
    locked.save(update_fields=["is_active", "enabled_at"])
    project(locked)
