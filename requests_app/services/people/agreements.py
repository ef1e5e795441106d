"""Agent agreements (at BLS: the oath), each step a record: nominated, signed for BLS, read, signed, filed; revoked.

What it is worth on a day is in `agreements/validity.py`. Three people at BLS can do every step for each other: an
Administrator nominates and files, an Approving Official signs, and stands in where it is the Administrator's own.
"""

from datetime import date, datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from requests_app.agreements.texts import current_version, text_of
from requests_app.agreements.validity import UNDER_WAY, AgreementStanding, standing_on
from requests_app.models import AgentAgreement, Person, Suspension
from requests_app.people_policies import (
    ENDED_STANDINGS,
    check_file,
    check_nominate,
    check_own_agreement,
    check_revoke,
    check_sign_for_bls,
)
from requests_app.policies import Denied
from requests_app.selectors.people.people import requests_of
from requests_app.services.event_log import events
from requests_app.services.life import notices
from requests_app.services.life.workflow import Conflict
from requests_app.services.partners.suspensions import suspend
from requests_app.states import ENDED, Role

S = AgreementStanding


@transaction.atomic
def nominate(person: Person, *, actor: Person) -> AgentAgreement:
    """Asks BLS to make the person an agent, under the text that holds now. One at a time; a renewal may follow."""
    check_nominate(actor, person)
    Person.objects.select_for_update().get(pk=person.pk)
    now = timezone.now()
    today = timezone.localdate(now)
    if any(standing_on(one, today) in UNDER_WAY for one in person.agreements.all()):
        raise Conflict(f"{person.name} is nominated already; the agreement is under way.")
    text = text_of(current_version(person.agency))
    agreement = AgentAgreement.objects.create(
        person=person, text_version=text.version, text_sha256=text.sha256, nominated_at=now, nominated_by=actor
    )
    words = f"{person.name} of {person.agency.name} is nominated as an agent. Sign the agreement for BLS."
    notices.tell_roles(words, [Role.APPROVING_OFFICIAL], now, path=page_of(person))
    detail = {"person": person.pk, "text": text.version, "text_sha256": text.sha256}
    events.record("agreement.nominate", actor=actor, subject=subject_of(agreement), detail=detail, at=now)
    return agreement


@transaction.atomic
def sign_for_bls(agreement: AgentAgreement, *, actor: Person) -> None:
    """BLS's designating official designates the person; never themself."""
    locked = _locked(agreement, S.NOMINATED)
    check_sign_for_bls(actor, locked)
    now = timezone.now()
    locked.official_signed_at, locked.official_signed_by = now, actor
    locked.save(update_fields=["official_signed_at", "official_signed_by"])
    words = "BLS has signed your agreement. Read your duties, then sign it."
    notices.tell_person(locked.person, words, now, path=reverse("my_standing"))
    events.record("agreement.sign_for_bls", actor=actor, subject=subject_of(locked), detail=_whose(locked), at=now)


@transaction.atomic
def read_duties(agreement: AgentAgreement, *, actor: Person) -> None:
    """The person says that they have read what the law asks of them (CIPSEA)."""
    locked = _locked(agreement, S.FOR_READING)
    check_own_agreement(actor, locked)
    now = timezone.now()
    locked.cipsea_read_at = now
    locked.save(update_fields=["cipsea_read_at"])
    events.record("agreement.read_duties", actor=actor, subject=subject_of(locked), detail=_whose(locked), at=now)


@transaction.atomic
def sign(agreement: AgentAgreement, *, actor: Person, signed_name: str) -> None:
    """The person signs with their typed name under the text whose hash the record holds."""
    locked = _locked(agreement, S.FOR_SIGNATURE)
    check_own_agreement(actor, locked)
    if signed_name.casefold() != actor.name.casefold():
        raise Denied(f"The name differs from yours. Type {actor.name}.")
    now = timezone.now()
    locked.signed_at, locked.signed_name = now, signed_name
    locked.save(update_fields=["signed_at", "signed_name"])
    words = f"{actor.name} of {actor.agency.name} has signed an agreement. File it."
    notices.tell_roles(words, [Role.ADMINISTRATOR], now, path=page_of(actor))
    detail = _whose(locked) | {"text_sha256": locked.text_sha256}
    events.record("agreement.sign", actor=actor, subject=subject_of(locked), detail=detail, at=now)


@transaction.atomic
def file(agreement: AgentAgreement, *, actor: Person) -> None:
    """From here on the agreement is in force. Filed by an Administrator, whose own by another or an Approving Official.

    That is the simplest rule three people can keep: one Administrator who is an Approving Official too, and a second
    Approving Official, can put agreements in force for all three, each step of each by somebody else than its agent.
    """
    locked = _locked(agreement, S.FOR_FILING)
    check_file(actor, locked)
    now = timezone.now()
    locked.filed_at, locked.filed_by = now, actor
    locked.save(update_fields=["filed_at", "filed_by"])
    words = "Your agreement is filed and in force."
    notices.tell_person(locked.person, words, now, path=reverse("my_standing"))
    events.record("agreement.file", actor=actor, subject=subject_of(locked), detail=_whose(locked), at=now)


@transaction.atomic
def end(agreement: AgentAgreement, *, actor: Person, ends_on: date) -> None:
    """The agreement ends with the day `ends_on`, today or later. The duties it names go on."""
    rows = AgentAgreement.objects.select_for_update(of=("self",)).select_related("person__agency")
    locked = rows.get(pk=agreement.pk)
    check_file(actor, locked)
    now = timezone.now()
    today = timezone.localdate(now)
    if standing_on(locked, today) in ENDED_STANDINGS:
        raise Conflict("This agreement has ended already.")
    if ends_on < today:
        raise Denied("The last day cannot lie in the past. To end access at once, revoke the agreement.")
    locked.ends_on = ends_on
    locked.save(update_fields=["ends_on"])
    detail = _whose(locked) | {"ends_on": ends_on}
    events.record("agreement.end", actor=actor, subject=subject_of(locked), detail=detail, at=now)


@transaction.atomic
def revoke(person: Person, *, actor: Person, reason: str) -> None:
    """Every agreement of the person, in force or under way, ends now and without notice, with a reason.

    Access ends with the next request. Requests on which the person is coordinator or agent are suspended until BLS
    lifts that. What was signed is kept, and the duties go on.
    """
    check_revoke(actor, person)
    if not reason.strip():
        raise Denied("Say why the agreement is revoked.")
    now = timezone.now()
    today = timezone.localdate(now)
    mine = AgentAgreement.objects.select_for_update().filter(person=person, revoked_at__isnull=True)
    open_ones = [one for one in mine.order_by("nominated_at") if standing_on(one, today) not in ENDED_STANDINGS]
    if not open_ones:
        raise Conflict(f"{person.name}'s agreement was revoked already.")
    for agreement in open_ones:
        agreement.revoked_at, agreement.revoked_by, agreement.revoked_why = now, actor, reason.strip()
        agreement.save(update_fields=["revoked_at", "revoked_by", "revoked_why"])
    numbers = _suspend_requests(person, open_ones[0], actor, now)
    words = "Your agreement was revoked. Your duty to protect what you have seen goes on."
    notices.tell_person(person, words, now, path=reverse("my_standing"))
    detail = {"person": person.pk, "reason": reason.strip(), "suspended": numbers}
    detail["agreements"] = [one.pk for one in open_ones]
    events.record("agreement.revoke", actor=actor, subject=f"person {person.pk}", detail=detail, at=now)


def _suspend_requests(person: Person, agreement: AgentAgreement, actor: Person, now: datetime) -> list[str]:
    why = f"{person.name}'s agent agreement was revoked."
    # all of them locked before the first event: the chain's lock comes last
    found = list(requests_of(person).exclude(state__in=ENDED).select_for_update())
    for request in found:
        suspend(request, Suspension.Cause.AGREEMENT_REVOKED, why, actor=actor, now=now, agreement=agreement)
    return [request.number for request in found]


def _locked(agreement: AgentAgreement, expected: AgreementStanding) -> AgentAgreement:
    rows = AgentAgreement.objects.select_for_update(of=("self",)).select_related("person__agency")
    locked = rows.get(pk=agreement.pk)
    found = standing_on(locked, timezone.localdate())
    if found is not expected:
        raise Conflict(f"The agreement of {locked.person.name} stands at “{found.label}” now. Look at it again.")
    return locked


def _whose(agreement: AgentAgreement) -> dict[str, int]:
    return {"person": agreement.person_id}


def subject_of(agreement: AgentAgreement) -> str:
    """How events name an agreement."""
    return f"agreement {agreement.pk}"


def page_of(person: Person) -> str:
    """The page where the next step is taken."""
    return reverse("person", args=[person.public_id])
