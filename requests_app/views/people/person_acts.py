"""What can be done about a person, each on a page of its own: what will happen, what is asked, one button.

One literal table; the person's page draws its buttons from it, so it can be read who is offered what. The rules
themselves are in people_policies.py, and the services ask them again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Model
from django.utils import timezone

from requests_app import people_policies as may
from requests_app.agreements.validity import UNDER_WAY, AgreementStanding, standing_on
from requests_app.forms import accounts as ask
from requests_app.models import AgentAgreement, Membership, Person, PreReleaseListing, Separation, Training
from requests_app.models.people import Employment
from requests_app.services.people import (
    agreements,
    invitations,
    memberships,
    people,
    pre_release,
    separations,
    trainings,
)
from requests_app.standing import on_pre_release_list
from requests_app.states import Role

Said = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Act:
    """One thing to do about a person, or about one of their records (`record`).

    `roles` says to whom it is offered (where it is about an Administrator, an Approving Official stands in), `applies`
    when; `check` says who may. `take` does it; it answers False where a mail could not be sent.
    """

    name: str
    label: str
    what_happens: str
    done: str
    roles: frozenset[Role]
    check: Callable[[Person, Any], None]
    take: Callable[[Any, Person, Said], object]
    applies: Callable[[Any], bool]
    form: type[ask.AboutPerson] = ask.ConfirmForm
    record: type[Model] | None = None
    fresh: bool = False
    style: str = ""

    @property
    def uploads(self) -> bool:
        """The form takes a file."""
        return any(field.widget.needs_multipart_form for field in self.form.base_fields.values())


def _stands(*standings: AgreementStanding) -> Callable[[AgentAgreement], bool]:
    return lambda agreement: standing_on(agreement, timezone.localdate()) in standings


def _has(*standings: AgreementStanding) -> Callable[[Person], bool]:
    """One of the person's agreements stands so."""
    return lambda person: any(_stands(*standings)(agreement) for agreement in person.agreements.all())


def _is_over(last_day: date | None) -> bool:
    return last_day is not None and last_day < timezone.localdate()


def _is_active(person: Person) -> bool:
    return person.is_active


def _always(_person: Person) -> bool:
    return True


def _check_owner(actor: Person, record: Any) -> None:
    may.check_manage(actor, record.person)


ADMINISTRATION = frozenset({Role.ADMINISTRATOR})
WITH_COORDINATORS = ADMINISTRATION | {Role.COORDINATOR}
OF_ACCOUNTS: tuple[Act, ...] = (
    Act(
        name="send-link",
        label="Send a new link",
        what_happens="The password and every open session of {name} end now. {name} gets a mail with a link to set a "
        "new password, good for seven days.",
        done="A new link is on its way.",
        roles=ADMINISTRATION,
        check=may.check_manage,
        applies=_is_active,
        take=lambda person, actor, said: invitations.send_link(person, actor=actor),
    ),
    Act(
        name="reset-factor",
        label="Reset the second factor",
        what_happens="Every second factor of {name} is removed, and the password and open sessions end with it. Make "
        "sure first that it is {name} who asks. {name} gets a link to set a new password, and then sets up a second "
        "factor.",
        done="The second factor is removed, and a new link is on its way.",
        roles=ADMINISTRATION,
        check=may.check_manage,
        applies=_is_active,
        take=lambda person, actor, said: invitations.reset_second_factor(person, actor=actor),
        fresh=True,
        style="secondary",
    ),
    Act(
        name="employment",
        label="Change the kind of employment",
        what_happens="The request instructions say by their kind of employment who may see wage records.",
        done="The kind of employment is changed.",
        roles=ADMINISTRATION,
        check=may.check_manage,
        applies=_always,
        take=lambda person, actor, said: people.change_employment(person, Employment(said["employment"]), actor=actor),
        form=ask.EmploymentForm,
    ),
    Act(
        name="disable",
        label="Disable the account",
        what_happens="{name} is signed out now and cannot sign in until the account is enabled again. Everything "
        "{name} did stays.",
        done="The account is disabled.",
        roles=ADMINISTRATION,
        check=may.check_manage,
        applies=_is_active,
        take=lambda person, actor, said: people.disable(person, actor=actor, reason=said["reason"]),
        form=ask.ReasonForm,
        style="secondary",
    ),
    Act(
        name="enable",
        label="Enable the account",
        what_happens="{name} can sign in again, with the password and second factor as they were.",
        done="The account is enabled.",
        roles=ADMINISTRATION,
        check=may.check_manage,
        applies=lambda person: not person.is_active,
        take=lambda person, actor, said: people.enable(person, actor=actor, reason=said["reason"]),
        form=ask.ReasonForm,
    ),
)
OF_ROLES: tuple[Act, ...] = (
    Act(
        name="give-role",
        label="Give a role",
        what_happens="{name} holds the role from the first to the last day, both included.",
        done="The role is given.",
        roles=ADMINISTRATION,
        check=may.check_manage,
        applies=_is_active,
        take=lambda person, actor, said: memberships.give_role(
            person, Role(said["role"]), actor=actor, starts_on=said["starts_on"], ends_on=said["ends_on"]
        ),
        form=ask.GiveRoleForm,
    ),
    Act(
        name="end-role",
        label="End the role",
        what_happens="{name} loses what this role opens. That {name} held it stays on record.",
        done="The role ends.",
        roles=ADMINISTRATION,
        check=_check_owner,
        applies=lambda held: not _is_over(held.ends_on),
        take=lambda held, actor, said: memberships.end_role(held, actor=actor, ends_on=said["ends_on"]),
        form=ask.EndRoleForm,
        record=Membership,
        style="secondary",
    ),
)
OF_AGREEMENTS: tuple[Act, ...] = (
    Act(
        name="nominate",
        label="Nominate for an agreement",
        what_happens="BLS is asked to let {name} see confidential information. BLS signs first, then {name} reads what "
        "the law asks and signs, then BLS files the agreement. From that day it counts.",
        done="{name} is nominated.",
        roles=WITH_COORDINATORS,
        check=may.check_nominate,
        applies=lambda person: person.is_active and not _has(*UNDER_WAY)(person),
        take=lambda person, actor, said: agreements.nominate(person, actor=actor),
    ),
    Act(
        name="sign-for-bls",
        label="Sign for BLS",
        what_happens="You designate {name}, for BLS, as a person who may be given confidential information under the "
        "text below.",
        done="The agreement is signed for BLS. It is now with {name}.",
        roles=frozenset({Role.APPROVING_OFFICIAL}),
        check=may.check_sign_for_bls,
        applies=_stands(AgreementStanding.NOMINATED),
        take=lambda agreement, actor, said: agreements.sign_for_bls(agreement, actor=actor),
        record=AgentAgreement,
        fresh=True,
    ),
    Act(
        name="file",
        label="File the agreement",
        what_happens="The agreement of {name} is in force from now on.",
        done="The agreement is filed.",
        roles=ADMINISTRATION,
        check=may.check_file,
        applies=_stands(AgreementStanding.FOR_FILING),
        take=lambda agreement, actor, said: agreements.file(agreement, actor=actor),
        record=AgentAgreement,
    ),
    Act(
        name="end-agreement",
        label="Set the last day",
        what_happens="The agreement of {name} ends by itself with the day you give. The duties it names go on.",
        done="The last day is set.",
        roles=ADMINISTRATION,
        check=may.check_file,
        applies=_stands(AgreementStanding.IN_FORCE),
        take=lambda agreement, actor, said: agreements.end(agreement, actor=actor, ends_on=said["ends_on"]),
        form=ask.EndAgreementForm,
        record=AgentAgreement,
    ),
    Act(
        name="revoke",
        label="Revoke the agreement",
        what_happens="{name} loses access to confidential information at once and without notice. Requests on which "
        "{name} is coordinator or agent are suspended until BLS lifts that. This cannot be undone; a new agreement can "
        "follow.",
        done="The agreement is revoked.",
        roles=ADMINISTRATION | {Role.APPROVING_OFFICIAL},
        check=may.check_revoke,
        applies=_has(AgreementStanding.IN_FORCE, *UNDER_WAY),
        take=lambda person, actor, said: agreements.revoke(person, actor=actor, reason=said["reason"]),
        form=ask.ReasonForm,
        fresh=True,
        style="secondary",
    ),
)
OF_TRAINING: tuple[Act, ...] = (
    Act(
        name="record-training",
        label="Record a training",
        what_happens="The training counts from now on, until its first anniversary.",
        done="The training is recorded.",
        roles=ADMINISTRATION,
        check=may.check_record_training,
        applies=_always,
        take=lambda person, actor, said: trainings.record(
            person, actor=actor, completed_on=said["completed_on"], evidence=said["evidence"]
        ),
        form=ask.TrainingForm,
    ),
    Act(
        name="accept-training",
        label="Accept the training",
        what_happens="You have looked at the evidence: {name} completed the training on the day given. It counts until "
        "its first anniversary.",
        done="The training is accepted.",
        roles=frozenset({Role.ADMINISTRATOR, Role.PROGRAM_ANALYST}),
        check=may.check_accept_training,
        applies=lambda training: training.accepted_at is None,
        take=lambda training, actor, said: trainings.accept(training, actor=actor),
        record=Training,
    ),
)
OF_LEAVING: tuple[Act, ...] = (
    Act(
        name="give-notice",
        label="Give notice of leaving",
        what_happens="The access of {name} ends with the last day, by itself. The duties of the agreement go on.",
        done="BLS has the notice.",
        roles=WITH_COORDINATORS,
        check=may.check_give_notice,
        applies=lambda person: not person.separations.filter(withdrawn_at__isnull=True).exists(),
        take=lambda person, actor, said: separations.give_notice(
            person, actor=actor, last_day=said["last_day"], why=Separation.Why(said["why"])
        ),
        form=ask.NoticeForm,
    ),
    Act(
        name="withdraw-notice",
        label="Withdraw the notice",
        what_happens="The notice was a mistake: {name} stays, and access with it. The notice stays on record, marked.",
        done="The notice is withdrawn.",
        roles=WITH_COORDINATORS,
        check=lambda actor, notice: may.check_withdraw_notice(actor, notice.person),
        applies=lambda notice: notice.withdrawn_at is None,
        take=lambda notice, actor, said: separations.withdraw_notice(notice, actor=actor),
        record=Separation,
    ),
)
OF_PRE_RELEASE: tuple[Act, ...] = (
    Act(
        name="list-pre-release",
        label="Put on the pre-release list",
        what_happens="{name} may use and see quarters before their official release. The list is certified every year, "
        "and the agency's other lines with each addition.",
        done="{name} is on the pre-release list.",
        roles=ADMINISTRATION,
        check=may.check_manage,
        applies=lambda person: not on_pre_release_list(person, timezone.localdate()),
        take=lambda person, actor, said: pre_release.add(person, actor=actor, **said),
        form=ask.PreReleaseForm,
    ),
    Act(
        name="end-pre-release",
        label="Take off the pre-release list",
        what_happens="{name} no longer uses or sees quarters before their official release, from now on.",
        done="{name} is off the pre-release list.",
        roles=ADMINISTRATION,
        check=_check_owner,
        applies=lambda line: not _is_over(line.listed_until),
        take=lambda line, actor, said: pre_release.end(line, actor=actor),
        record=PreReleaseListing,
    ),
)
ACTS = {
    act.name: act for acts in (OF_ACCOUNTS, OF_ROLES, OF_AGREEMENTS, OF_TRAINING, OF_LEAVING, OF_PRE_RELEASE)
    for act in acts
}  # fmt: skip
