"""What waits for somebody about people: agreements to sign and file, trainings to accept, roles to look at again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Min, Q
from django.urls import reverse

from requests_app.agreements.validity import AgreementStanding, with_standing
from requests_app.models import AgentAgreement, Person, Training
from requests_app.selectors.people.people import SEE_NO_DATA, SOON, YEAR, to_certify
from requests_app.standing import records_of, training_ends_on
from requests_app.states import Role
from requests_app.templatetags.formats import count_of

S = AgreementStanding
AT_MOST = 100


@dataclass(frozen=True)
class PeopleWork:
    """One line for the home page."""

    sentence: str
    since: datetime
    url: str
    action: str
    due: date | None = None
    late: bool = False


def people_work(person: Person, roles: frozenset[Role], now: datetime, today: date) -> list[PeopleWork]:
    """The person's lines, in a number of queries that does not grow with the people."""
    return [*_agreements(person, roles, today), *_training(person, roles, today), *_trainings(person, roles),
            *_certification(person, roles, now, today)]  # fmt: skip


def _training(person: Person, roles: frozenset[Role], today: date) -> Iterator[PeopleWork]:
    """The person's own training, where the year it counts is nearly over."""
    trained_on = records_of(person, today).trained_on
    if not roles - SEE_NO_DATA or trained_on is None or training_ends_on(trained_on) - today > SOON:
        return
    newest = person.trainings.order_by("-completed_on").first()
    ends_on = training_ends_on(newest.completed_on) if newest else None
    if newest and ends_on and newest.accepted_at and ends_on - today <= SOON:
        words = "Complete your confidentiality training again"
        yield PeopleWork(
            words, newest.accepted_at, reverse("submit_training"), "Submit it", due=ends_on, late=ends_on < today
        )


def _agreements(person: Person, roles: frozenset[Role], today: date) -> Iterator[PeopleWork]:
    """The person's own agreement, and those that wait for BLS: for the Approving Official's signature, for filing."""
    steps = {Role.APPROVING_OFFICIAL: (S.NOMINATED, "Sign {name}'s agreement for BLS", "Sign", "nominated_at"),
             Role.ADMINISTRATOR: (S.FOR_FILING, "File {name}'s agreement", "File", "signed_at")}  # fmt: skip
    of_others = {steps[role][0]: steps[role] for role in sorted(roles & set(steps))}
    unfiled: Any = with_standing(AgentAgreement.objects.filter(filed_at__isnull=True), today)
    own = Q(person=person, signed_at__isnull=True, standing__in=[S.FOR_READING, S.FOR_SIGNATURE])
    others = Q(revoked_at__isnull=True, standing__in=list(of_others)) & ~Q(person=person)
    for one in unfiled.filter(own | others).select_related("person").order_by("standing", "pk")[:AT_MOST]:
        if one.person == person:
            words = "Read your duties and sign your agreement"
            yield PeopleWork(words, one.official_signed_at, reverse("my_standing"), "Read and sign")
        else:
            _, words, action, since = of_others[one.standing]
            url = reverse("person", args=[one.person.public_id])
            yield PeopleWork(words.format(name=one.person.name), getattr(one, since), url, action)


def _trainings(person: Person, roles: frozenset[Role]) -> Iterator[PeopleWork]:
    """Evidence nobody has looked at."""
    if not roles & {Role.ADMINISTRATOR, Role.PROGRAM_ANALYST}:
        return
    waiting = Training.objects.filter(accepted_at__isnull=True).exclude(person=person).select_related("person")
    for one in waiting.order_by("submitted_at")[:50]:
        url = reverse("person", args=[one.person.public_id])
        yield PeopleWork(f"Look at {one.person.name}'s training", one.submitted_at, url, "Look at it")


def _certification(person: Person, roles: frozenset[Role], now: datetime, today: date) -> Iterator[PeopleWork]:
    """The roles nobody has looked at for a year, as one line with how many."""
    if not roles & {Role.ADMINISTRATOR, Role.APPROVING_OFFICIAL}:
        return
    due = to_certify(person, today).order_by().aggregate(roles=Count("pk"), longest=Min("looked_at"))
    if due["roles"]:
        words = f"Look at {count_of(due['roles'], 'role')} nobody has looked at for a year"
        yield PeopleWork(words, min(now, due["longest"] + YEAR), reverse("recertify"), "Certify", late=True)
