"""Roles: given and ended by others, dated, never two that exclude each other, looked at every year."""

from datetime import date, timedelta
from itertools import product

import pytest
from django.utils import timezone

from requests_app.models import Agency, AgencyUserObjectPermission, Event, Membership, Person, Recertification
from requests_app.policies import Denied
from requests_app.selectors.people.people import to_certify
from requests_app.separation import conflicts
from requests_app.services.people import memberships, people
from requests_app.standing import roles_of
from requests_app.states import BLS_ROLES, STATE_ROLES, Role
from requests_app.tasks import follow_people
from tests import factories


def day(number: int) -> date:
    return timezone.localdate() + timedelta(days=number)


@pytest.fixture
def newcomer(people: dict[str, Person]) -> Person:
    """Somebody at BLS without a role."""
    return invited("new@bls.example", "Nina Costa", people["administrator"].agency)


def invited(email: str, name: str, agency: Agency) -> Person:
    return people.invite(email, name, agency, actor=None)


def test_role_counts_from_its_first_to_its_last_day(people: dict[str, Person], newcomer: Person) -> None:
    administrator = people["administrator"]
    memberships.give_role(newcomer, Role.AUDITOR, actor=administrator, starts_on=day(1), ends_on=day(2))
    assert [roles_of(newcomer, day(n)) for n in range(4)] == [set(), {Role.AUDITOR}, {Role.AUDITOR}, set()]
    given = newcomer.memberships.get()
    assert (given.granted_by, Event.objects.get(kind="person.give_role", actor_id=administrator.pk).detail["role"]) == (
        administrator,
        "auditor",
    )


def test_role_ended_at_once_is_gone_with_the_next_request_and_kept(people: dict[str, Person]) -> None:
    agent = people["agent"]
    held = agent.memberships.get()
    memberships.end_role(held, actor=people["administrator"], ends_on=day(-1))
    held.refresh_from_db()
    assert not roles_of(agent)
    assert (held.ended_by, held.ends_on) == (people["administrator"], day(-1))
    with pytest.raises(Denied, match="ended already"):
        memberships.end_role(held, actor=people["administrator"], ends_on=day(3))


def test_roles_that_exclude_each_other_are_refused(people: dict[str, Person], newcomer: Person) -> None:
    administrator = people["administrator"]
    for number, (first, second) in enumerate(product(sorted(BLS_ROLES), repeat=2)):
        begin = number * 20  # each pair in days of its own
        memberships.give_role(newcomer, first, actor=administrator, starts_on=day(begin), ends_on=day(begin + 9))
        memberships.give_role(newcomer, second, actor=administrator, starts_on=day(begin + 10), ends_on=day(begin + 12))
        if first != second and not conflicts(second, [first]):
            continue
        with pytest.raises(Denied, match=r"together|in that time already"):
            memberships.give_role(newcomer, second, actor=administrator, starts_on=day(begin), ends_on=day(begin))


def test_each_side_has_its_own_roles(people: dict[str, Person]) -> None:
    for number, role in enumerate(role for role in Role if role is not Role.SYSTEM):
        sides = {"BLS": role in BLS_ROLES, "RI": role in STATE_ROLES}
        for postal, fits in sides.items():
            person = invited(f"{postal}{number}@x.example", "Olga Reis", Agency.objects.get(postal=postal))
            if fits:
                memberships.give_role(person, role, actor=people["administrator"], starts_on=day(0))
                continue
            with pytest.raises(Denied, match="is not a role at"):
                memberships.give_role(person, role, actor=people["administrator"], starts_on=day(0))


def test_nobody_gives_or_ends_a_role_of_their_own(people: dict[str, Person]) -> None:
    administrator, official = people["administrator"], people["approving_official"]
    with pytest.raises(Denied, match="about yourself"):
        memberships.give_role(administrator, Role.AUDITOR, actor=administrator, starts_on=day(0))
    with pytest.raises(Denied, match="about yourself"):
        memberships.end_role(administrator.memberships.get(), actor=administrator, ends_on=day(0))
    memberships.give_role(administrator, Role.AUDITOR, actor=official, starts_on=day(0))
    with pytest.raises(Denied, match="Only the Administrator"):
        memberships.give_role(people["auditor"], Role.DATA_STEWARD, actor=official, starts_on=day(0))


@pytest.mark.parametrize("key", ["coordinator", "program_analyst", "auditor", "data_steward", "approving_official"])
def test_roles_are_the_administrators_to_give(key: str, people: dict[str, Person], newcomer: Person) -> None:
    with pytest.raises(Denied, match="Only the Administrator does this"):
        memberships.give_role(newcomer, Role.AUDITOR, actor=people[key], starts_on=day(0))


def truth() -> set[tuple[int, int, str]]:
    """What guardian should say, from the dated roles of active people."""
    return {
        (person.pk, person.agency_id, memberships.AGENCY_PERMISSION[role])
        for person in Person.objects.all()
        for role in roles_of(person) & set(memberships.AGENCY_PERMISSION)
    }


def shown() -> set[tuple[int, int, str]]:
    rows = AgencyUserObjectPermission.objects.values_list("user", "content_object", "permission__codename")
    return {(user, agency, codename) for user, agency, codename in rows}


def test_guardians_permissions_follow_the_dated_roles(people: dict[str, Person]) -> None:
    administrator, coordinator = people["administrator"], people["coordinator"]
    assert shown() == truth() != set()
    memberships.end_role(coordinator.memberships.get(), actor=administrator, ends_on=day(-1))
    assert shown() == truth()
    memberships.give_role(coordinator, Role.OUTPUT_REVIEWER, actor=administrator, starts_on=day(3))
    assert shown() == truth()
    # the days pass: one role begins, another ends, and nobody has done anything
    factories.lapse(Membership.objects.filter(person=coordinator, role=Role.OUTPUT_REVIEWER), starts_on=day(-1))
    factories.lapse(Membership.objects.filter(person=people["coordinator_de"]), ends_on=day(-1))
    assert shown() != truth()
    follow_people()
    assert shown() == truth()
    people_service_disable(people["output_reviewer"], administrator)
    assert shown() == truth()


def people_service_disable(person: Person, actor: Person) -> None:
    people.disable(person, actor=actor, reason="Not needed.")


def test_every_role_is_looked_at_within_a_year(people: dict[str, Person]) -> None:
    administrator, official = people["administrator"], people["approving_official"]
    assert not to_certify(administrator, day(0)).exists()
    factories.lapse(Membership.objects.all(), granted_at=timezone.now() - timedelta(days=366))
    due = list(to_certify(administrator, day(0)))
    assert {one.person for one in due} == set(people.values()) - {administrator}
    assert [one.person for one in to_certify(official, day(0))] == [administrator]
    assert memberships.recertify(due[:3], actor=administrator) == 3
    assert len(to_certify(administrator, day(0))) == len(due) - 3
    assert Recertification.objects.filter(certified_by=administrator).count() == 3
    with pytest.raises(Denied, match="about yourself"):
        memberships.recertify(administrator.memberships.all(), actor=administrator)
    assert memberships.recertify(administrator.memberships.all(), actor=official) == 1
