"""Who may do what about people: accounts, roles, agreements, training, notices, the pre-release list.

The Administrator's work; nobody acts on their own (separation.TWO_PERSONS). Where it is about an Administrator, an
Approving Official may act as well: so three people at BLS, of whom one is Administrator, are enough.
"""

from datetime import date

from django.utils import timezone

from requests_app.agreements.validity import AgreementStanding, standing_on
from requests_app.models import AgentAgreement, Person, Training
from requests_app.policies import Denied, check_may_act
from requests_app.separation import TWO_PERSONS
from requests_app.standing import roles_of
from requests_app.states import Role

ENDED_STANDINGS = frozenset({AgreementStanding.ENDED, AgreementStanding.REVOKED})


def check_not_self(actor: Person, person: Person, rule: str) -> None:
    """Two persons: nobody does this about themself."""
    if actor.pk == person.pk:
        raise Denied(TWO_PERSONS[rule].refusal)


def roles_towards(actor: Person, person: Person) -> frozenset[Role]:
    """The actor's roles where it is about `person`: an Approving Official stands in where that is an Administrator."""
    roles = roles_of(actor)
    stands_in = Role.APPROVING_OFFICIAL in roles and Role.ADMINISTRATOR in roles_of(person)
    return roles | {Role.ADMINISTRATOR} if stands_in else roles


def check_invite(actor: Person) -> None:
    """Accounts are made by the Administrator."""
    if Role.ADMINISTRATOR not in roles_of(actor):
        raise Denied("Only the Administrator invites people.")


def check_manage(actor: Person, person: Person, rule: str = "own_account") -> None:
    """The Administrator manages people; an Administrator's own affairs also an Approving Official; nobody their own."""
    if Role.ADMINISTRATOR not in roles_towards(actor, person):
        raise Denied("Only the Administrator does this.")
    check_not_self(actor, person, rule)


def can_certify(actor: Person) -> bool:
    """True for the Administrator, and for an Approving Official, who certifies Administrators."""
    return bool(roles_of(actor) & {Role.ADMINISTRATOR, Role.APPROVING_OFFICIAL})


def is_own_coordinator(actor: Person, person: Person) -> bool:
    """The actor is a Project Coordinator of the person's state."""
    return Role.COORDINATOR in roles_of(actor) and actor.agency_id == person.agency_id


def check_nominate(actor: Person, person: Person) -> None:
    """A coordinator nominates people of their own agency; BLS's own people, and as a fallback anybody, the
    Administrator."""
    if is_own_coordinator(actor, person):
        check_not_self(actor, person, "own_agreement")
        check_may_act(actor)
        return
    check_manage(actor, person, "own_agreement")


def check_sign_for_bls(actor: Person, agreement: AgentAgreement) -> None:
    """BLS's designating official is an Approving Official, never the agent themself."""
    if Role.APPROVING_OFFICIAL not in roles_of(actor):
        raise Denied("Only an Approving Official signs agreements for BLS.")
    check_not_self(actor, agreement.person, "own_agreement")


def check_own_agreement(actor: Person, agreement: AgentAgreement) -> None:
    """Reading and signing are the agent's own."""
    if agreement.person_id != actor.pk:
        raise Denied("Only the person named in an agreement reads and signs it.")


def check_file(actor: Person, agreement: AgentAgreement) -> None:
    """The Administrator files a signed agreement, and sets its end."""
    check_manage(actor, agreement.person, "own_agreement")


def check_revoke(actor: Person, person: Person) -> None:
    """An Approving Official or the Administrator revokes, at once and without notice."""
    if not roles_of(actor) & {Role.APPROVING_OFFICIAL, Role.ADMINISTRATOR}:
        raise Denied("Only an Approving Official or the Administrator revokes an agreement.")
    check_not_self(actor, person, "own_agreement")
    today = timezone.localdate()
    if all(standing_on(one, today) in ENDED_STANDINGS for one in person.agreements.all()):
        raise Denied(f"{person.name} has no agreement to revoke.")


def check_record_training(actor: Person, person: Person) -> None:
    """The Administrator records a training with its evidence, never their own."""
    check_manage(actor, person, "own_training")


def check_accept_training(actor: Person, training: Training) -> None:
    """The Administrator or a Program Analyst accepts a training, never their own."""
    if not roles_of(actor) & {Role.ADMINISTRATOR, Role.PROGRAM_ANALYST}:
        raise Denied("Only the Administrator or a Program Analyst accepts a training.")
    check_not_self(actor, training.person, "own_training")


def check_give_notice(actor: Person, person: Person) -> None:
    """A coordinator of the agency, the Administrator, or the person themself says that somebody leaves."""
    if actor.pk != person.pk and not is_own_coordinator(actor, person):
        check_manage(actor, person)


def check_withdraw_notice(actor: Person, person: Person) -> None:
    """A notice given by mistake is withdrawn by a coordinator of the agency or the Administrator; never one's own."""
    check_not_self(actor, person, "own_account")
    if not is_own_coordinator(actor, person):
        check_manage(actor, person)


def check_dates(starts_on: date, ends_on: date | None) -> None:
    """A period does not end before it starts."""
    if ends_on and ends_on < starts_on:
        raise Denied("The last day lies before the first.")
