"""People and roles: accounts made by BLS, dated memberships, and guardian's projection of them."""

from datetime import date

from django.db import transaction
from django.utils import timezone
from guardian.shortcuts import assign_perm

from requests_app.models import Agency, Membership, Person
from requests_app.services import events
from requests_app.states import BLS_ROLES, STATE_ROLES, Role

AGENCY_PERMISSION = {Role.COORDINATOR: "see_requests", Role.OUTPUT_REVIEWER: "review_outputs"}


@transaction.atomic
def invite(email: str, name: str, agency: Agency, *, actor: Person | None, title: str = "") -> Person:
    """A new account without a password; the person sets one from the invitation."""
    person = Person.objects.create_user(email, name=name, agency=agency, title=title)
    events.record("person.invite", actor=actor, subject=f"person {person.pk}", detail={"agency": agency.postal})
    return person


@transaction.atomic
def give_role(
    person: Person, role: Role, *, actor: Person | None, starts_on: date, ends_on: date | None = None
) -> Membership:
    """A dated role at the person's own agency: state roles at states, BLS roles at BLS."""
    if role not in (BLS_ROLES if person.agency.is_bls else STATE_ROLES):
        raise ValueError(f"{role.label} is not a role at {person.agency.name}.")
    now = timezone.now()
    membership = Membership.objects.create(
        person=person, role=role, starts_on=starts_on, ends_on=ends_on, granted_at=now, granted_by=actor
    )
    if permission := AGENCY_PERMISSION.get(role):
        assign_perm(f"requests_app.{permission}", person, person.agency)
    events.record(
        "person.give_role",
        actor=actor,
        subject=f"person {person.pk}",
        detail={"role": role, "starts_on": starts_on, "ends_on": ends_on},
        at=now,
    )
    return membership
