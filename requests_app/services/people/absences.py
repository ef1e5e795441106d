"""Who is away, and who stands in: the stand-in hears what they would hear, and gets no right of theirs."""

from datetime import date

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from requests_app.models import Absence, Person
from requests_app.models.notices import NoticeChoice, NoticeKind, Way
from requests_app.policies import Denied
from requests_app.services.event_log import events
from requests_app.services.life import notices
from requests_app.standing import roles_of
from requests_app.states import Role

LONGEST_DAYS = 366


@transaction.atomic
def announce(*, actor: Person, starts_on: date, ends_on: date, stand_in: Person | None) -> Absence:
    """The actor is away on these days, both included. `Denied` with everything that does not fit."""
    now = timezone.now()
    problems = []
    if ends_on < starts_on or ends_on < timezone.localdate(now):
        problems.append("The last day must not lie before the first, or in the past.")
    if (ends_on - starts_on).days > LONGEST_DAYS:
        problems.append("An absence is a year at most. Ask the Administrator about a longer one.")
    if stand_in and (stand_in == actor or stand_in.agency_id != actor.agency_id or not stand_in.is_active):
        problems.append("A stand-in is another active person of your agency.")
    elif stand_in and is_reviewer(actor) and not is_reviewer(stand_in):
        problems.append(f"Only an Output Reviewer of {actor.agency.state_name} can answer reviews in your place.")
    if problems:
        raise Denied(*problems)
    made = Absence.objects.create(
        person=actor, stand_in=stand_in, starts_on=starts_on, ends_on=ends_on, said_at=now
    )  # fmt: skip
    detail = {"starts_on": starts_on, "ends_on": ends_on, "stand_in": stand_in.pk if stand_in else None}
    events.record("absence.announce", actor=actor, subject=f"person {actor.pk}", detail=detail, at=now)
    return made


def possible_stand_ins(person: Person) -> QuerySet[Person]:
    """Who may stand in: active people of the same agency, for an Output Reviewer another of them."""
    colleagues = notices.holders(Role.OUTPUT_REVIEWER) if is_reviewer(person) else Person.objects.filter(is_active=True)
    return colleagues.filter(agency=person.agency_id).exclude(pk=person.pk).order_by("name")


def is_reviewer(person: Person) -> bool:
    """The person answers reviews for a state."""
    return Role.OUTPUT_REVIEWER in roles_of(person)


@transaction.atomic
def take_back(absence: Absence, *, actor: Person) -> None:
    """The actor is not away after all, or is back early."""
    now = timezone.now()
    if not Absence.objects.filter(pk=absence.pk, person=actor, taken_back_at__isnull=True).update(taken_back_at=now):
        raise Denied("This absence was taken back already.")
    events.record("absence.take_back", actor=actor, subject=f"person {actor.pk}", at=now)


@transaction.atomic
def choose_ways(ways: dict[str, str], *, actor: Person) -> None:
    """How the actor wants to hear of each kind of notice; alerts always come at once."""
    for kind, way in ways.items():
        if kind not in NoticeKind.values or kind == NoticeKind.ALERT or way not in Way.values:
            raise Denied("Choose one of the ways offered.")
        NoticeChoice.objects.update_or_create(person=actor, kind=kind, defaults={"way": way})
    events.record("notice.choose", actor=actor, subject=f"person {actor.pk}", detail=ways)
