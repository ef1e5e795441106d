"""Dated roles: given, ended, looked at every year; and guardian's permissions, which only mirror them."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.contrib.auth.models import Permission
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from requests_app.models import AgencyUserObjectPermission, Membership, Person, Recertification
from requests_app.people_policies import check_dates, check_manage
from requests_app.policies import Denied
from requests_app.separation import conflicts
from requests_app.services.event_log import events
from requests_app.standing import in_force
from requests_app.states import BLS_ROLES, STATE_ROLES, Role

AGENCY_PERMISSION = {Role.COORDINATOR: "see_requests", Role.OUTPUT_REVIEWER: "review_outputs"}


@transaction.atomic
def give_role(
    person: Person, role: Role, *, actor: Person | None, starts_on: date, ends_on: date | None = None
) -> Membership:
    """A dated role at the person's own agency: state roles at states, BLS roles at BLS; never one's own.

    Refused where separation of duty stands against it on any day of the period. `actor` None is the system.
    """
    if actor:
        check_manage(actor, person)
    check_dates(starts_on, ends_on)
    if role not in (BLS_ROLES if person.agency.is_bls else STATE_ROLES):
        raise Denied(f"{role.label} is not a role at {person.agency.name}.")
    Person.objects.select_for_update().get(pk=person.pk)  # two roles given at once see each other
    _check_against_others(person, role, starts_on, ends_on)
    now = timezone.now()
    membership = Membership.objects.create(
        person=person, role=role, starts_on=starts_on, ends_on=ends_on, granted_at=now, granted_by=actor
    )
    project(person)
    detail = {"role": role, "starts_on": starts_on, "ends_on": ends_on}
    events.record("person.give_role", actor=actor, subject=f"person {person.pk}", detail=detail, at=now)
    return membership


def _check_against_others(person: Person, role: Role, starts_on: date, ends_on: date | None) -> None:
    same_days = Q(ends_on__isnull=True) | Q(ends_on__gte=starts_on)
    if ends_on:
        same_days &= Q(starts_on__lte=ends_on)
    held = set(map(Role, person.memberships.filter(same_days).values_list("role", flat=True)))
    problems = conflicts(role, held)
    if role in held:
        problems.append(f"{person.name} holds the role {role.label} in that time already.")
    if problems:
        raise Denied(*problems)


@transaction.atomic
def end_role(membership: Membership, *, actor: Person, ends_on: date) -> None:
    """The role ends with the day `ends_on`; yesterday ends it at once. Who held it until when is kept."""
    person = membership.person
    check_manage(actor, person)
    locked = Membership.objects.select_for_update().get(pk=membership.pk)
    today = timezone.localdate()
    if ends_on < today - timedelta(days=1):
        raise Denied("A role ends today, later, or at once; not on a day that has passed.")
    if locked.ends_on and locked.ends_on < today:
        raise Denied("This role has ended already.")
    now = timezone.now()
    locked.ends_on = max(ends_on, locked.starts_on - timedelta(days=1))
    if locked.ended_at is None:
        locked.ended_at, locked.ended_by = now, actor
    locked.save(update_fields=["ends_on", "ended_at", "ended_by"])
    project(person)
    detail = {"role": locked.role, "ends_on": locked.ends_on}
    events.record("person.end_role", actor=actor, subject=f"person {person.pk}", detail=detail, at=now)


@transaction.atomic
def recertify(memberships: Iterable[Membership], *, actor: Person) -> int:
    """Each was looked at and is still needed, for another year; never one's own. How many were certified."""
    found, now = list(memberships), timezone.now()
    for membership in found:
        check_manage(actor, membership.person)
    Recertification.objects.bulk_create(
        Recertification(membership=membership, certified_at=now, certified_by=actor) for membership in found
    )
    ids = [membership.pk for membership in found]
    if found:
        events.record("membership.recertify", actor=actor, detail={"memberships": ids}, at=now)
    return len(found)


def project(person: Person | None = None) -> None:
    """guardian's permissions on agencies become what the memberships of today say, of everybody or of one person."""
    held, shown = Membership.objects.all(), AgencyUserObjectPermission.objects.all()
    if person:
        held, shown = held.filter(person=person), shown.filter(user=person)
    wanted = _wanted(held.filter(person__is_active=True))
    found = {
        tuple(row[1:]): row[0] for row in shown.values_list("pk", "user", "content_object", "permission__codename")
    }
    if gone := [key for row, key in found.items() if row not in wanted]:
        AgencyUserObjectPermission.objects.filter(pk__in=gone).delete()
    if missing := wanted - set(found):
        keys = dict(
            Permission.objects.filter(content_type__app_label="requests_app", content_type__model="agency").values_list(
                "codename", "pk"
            )
        )
        AgencyUserObjectPermission.objects.bulk_create(
            (
                AgencyUserObjectPermission(user_id=user, content_object_id=agency, permission_id=keys[codename])
                for user, agency, codename in missing
            ),
            ignore_conflicts=True,
        )


def _wanted(held: QuerySet[Membership]) -> set[tuple[int, int, str]]:
    today = in_force(timezone.localdate(), "starts_on", "ends_on")
    rows = held.filter(today, role__in=AGENCY_PERMISSION).values_list("person", "person__agency", "role")
    return {(person, agency, AGENCY_PERMISSION[Role(role)]) for person, agency, role in rows}
