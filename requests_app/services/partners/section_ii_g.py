"""Section II.G of an MOU: the dated list of named coordinators, who follows each, whom BLS calls if nobody answers.

A person is listed on a day when a line of the MOU in force on that day holds it. Where MOUs follow one another a person
has a line in each, and what is said of the person is said in every line that still counts.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from requests_app import policies, standing
from requests_app.models import Agency, DataRequest, Mou, MouCoordinator, Person
from requests_app.policies import Denied
from requests_app.selectors.holdings.partners import about, open_requests_of
from requests_app.services.event_log import events
from requests_app.services.life import notices
from requests_app.services.partners.partners import lock
from requests_app.services.people import memberships
from requests_app.states import Role
from requests_app.templatetags.formats import day

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class StandIn:
    """Who follows the coordinator (another person of the agency), and a contact where neither answers."""

    successor: Person | None = None
    fallback_name: str = ""
    fallback_email: str = ""
    fallback_phone: str = ""

    def problems(self, person: Person) -> list[str]:
        """What cannot stand beside this person."""
        if self.successor is None:
            return []
        if self.successor.pk == person.pk:
            return [f"{person.name} cannot be their own successor."]
        if self.successor.agency_id != person.agency_id:
            return [f"{self.successor.name} is not of {person.agency.name}."]
        return []


@transaction.atomic
def add_coordinator(
    agency: Agency,
    person: Person,
    *,
    actor: Person,
    listed_from: date,
    listed_until: date | None = None,
    stand_in: StandIn | None = None,
) -> list[MouCoordinator]:
    """Names a person of the agency in the MOU of that day and in those that follow it; gives the role where missing."""
    policies.check_keep_partners(actor)
    locked, now, beside = lock(agency), timezone.now(), stand_in or StandIn()
    mous = _mous_from(locked, listed_from, listed_until)
    if problems := _problems(locked, person, listed_from, listed_until, mous) + beside.problems(person):
        raise Denied(*problems)
    lines = MouCoordinator.objects.bulk_create(
        MouCoordinator(
            mou=mou,
            person=person,
            listed_from=max(listed_from, mou.effective_on),
            listed_until=listed_until,
            successor=beside.successor,
            fallback_name=beside.fallback_name,
            fallback_email=beside.fallback_email,
            fallback_phone=beside.fallback_phone,
            added_at=now,
            added_by=actor,
        )
        for mou in mous
    )
    first_day = max(listed_from, timezone.localdate(now))
    if listed_until is None or listed_until >= first_day:
        _give_role_where_missing(person, first_day, actor)
    until = f" until {day(listed_until)}" if listed_until else ""
    detail = {
        "person": person.pk,
        "successor": beside.successor.pk if beside.successor else None,
        "words": f"{person.name}, from {day(listed_from)}{until}.",
    }
    events.record("section_ii_g.add", actor=actor, subject=about(locked), detail=detail, at=now)
    return lines


def _mous_from(agency: Agency, listed_from: date, listed_until: date | None) -> list[Mou]:
    """The MOUs whose days lie in the period."""
    found = agency.mous.filter(ends_on__gte=F("effective_on")).filter(ends_on__gte=listed_from)
    if listed_until:
        found = found.filter(effective_on__lte=listed_until)
    return list(found.order_by("effective_on"))


def _problems(
    agency: Agency, person: Person, listed_from: date, listed_until: date | None, mous: list[Mou]
) -> list[str]:
    problems = []
    if person.agency_id != agency.pk:
        problems.append(f"{person.name} is not of {agency.name}.")
    if not person.is_active:
        problems.append(f"{person.name}'s account is not active; enable it first.")
    if listed_until and listed_until < listed_from:
        problems.append("The last day lies on or after the first.")
    elif not mous:
        problems.append(f"{agency.name} has no MOU on {day(listed_from)} or later; record it first.")
    held = Q(listed_until__isnull=True) | Q(listed_until__gte=listed_from) & Q(listed_until__gte=F("listed_from"))
    if listed_until:
        held &= Q(listed_from__lte=listed_until)
    if MouCoordinator.objects.filter(held, mou__in=mous, person=person).exists():
        problems.append(f"{person.name} is listed on some of these days already. End that line first.")
    return problems


def _give_role_where_missing(person: Person, first_day: date, actor: Person) -> None:
    """Whoever is listed holds the role from that day on, or until it was to begin anyway."""
    held = person.memberships.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=first_day), role=Role.COORDINATOR)
    if held.filter(starts_on__lte=first_day).exists():
        return
    later = held.order_by("starts_on").values_list("starts_on", flat=True).first()
    ends_on = later - ONE_DAY if later else None
    memberships.give_role(person, Role.COORDINATOR, actor=actor, starts_on=first_day, ends_on=ends_on)


def _that_count(agency: Agency, person: Person, after: date) -> QuerySet[MouCoordinator]:
    """The person's lines in the agency's MOUs that hold after that day."""
    still = Q(listed_until__isnull=True) | Q(listed_until__gt=after) & Q(listed_until__gte=F("listed_from"))
    return MouCoordinator.objects.filter(still, mou__agency=agency, mou__ends_on__gt=after, person=person)


@transaction.atomic
def change_stand_in(line: MouCoordinator, stand_in: StandIn, *, actor: Person) -> None:
    """Another successor or fallback contact, in every line of the person that still counts."""
    policies.check_keep_partners(actor)
    locked, now = lock(line.mou.agency), timezone.now()
    if problems := stand_in.problems(line.person):
        raise Denied(*problems)
    lines = _that_count(locked, line.person, timezone.localdate(now) - ONE_DAY)
    if not lines.update(**stand_in.__dict__):
        raise Denied(f"{line.person.name}'s line in Section II.G has ended.")
    successor = stand_in.successor
    words = f"{line.person.name}: successor {successor.name if successor else 'none'}, "
    words += f"fallback {stand_in.fallback_name or 'none'}."
    detail = {"person": line.person_id, "successor": successor.pk if successor else None, "words": words}
    events.record("section_ii_g.change", actor=actor, subject=about(locked), detail=detail, at=now)


@transaction.atomic
def end_coordinator(line: MouCoordinator, *, actor: Person, last_day: date) -> list[DataRequest]:
    """The person's last day on the list; yesterday takes them off at once.

    Answers with the open requests they coordinate: somebody must take those over.
    """
    policies.check_keep_partners(actor)
    locked, now = lock(line.mou.agency), timezone.now()
    if last_day < timezone.localdate(now) - ONE_DAY:
        raise Denied("Days that have passed stay as they were: the last day is yesterday or later.")
    lines = list(_that_count(locked, line.person, last_day).select_for_update(of=("self",)))
    if not lines:
        raise Denied(f"{line.person.name} is not listed after {day(last_day)}.")
    for one in lines:
        one.listed_until = max(last_day, one.listed_from - ONE_DAY)
        if one.ended_at is None:
            one.ended_at, one.ended_by = now, actor
        one.save(update_fields=["listed_until", "ended_at", "ended_by"])
    detail = {"person": line.person_id, "words": f"{line.person.name}, last day {day(last_day)}."}
    events.record("section_ii_g.end", actor=actor, subject=about(locked), detail=detail, at=now)
    return list(open_requests_of(line.person))


@transaction.atomic
def hand_over(agency: Agency, from_person: Person, to_person: Person, *, actor: Person) -> list[DataRequest]:
    """Every open request that one person coordinates is coordinated by another, who is listed today."""
    policies.check_keep_partners(actor)
    locked, now = lock(agency), timezone.now()
    if to_person.agency_id != locked.pk or not standing.is_listed(to_person, timezone.localdate(now)):
        raise Denied(f"{to_person.name} is not listed in Section II.G today. Add the name first.")
    if to_person.pk == from_person.pk:
        raise Denied(f"{to_person.name} coordinates these requests already.")
    moved = list(open_requests_of(from_person).filter(agency=locked).select_for_update(of=("self",)))
    if not moved:
        raise Denied(f"{from_person.name} coordinates no open request.")
    for request in moved:
        request.coordinator = to_person
        request.save(update_fields=["coordinator"])
        words = f"{request.number} is now coordinated by {to_person.name}, no longer by {from_person.name}."
        notices.tell_about(request, words, (Role.COORDINATOR,), now)
    for request in moved:
        events.record(
            "request.hand_over",
            actor=actor,
            request_number=request.number,
            subject=about(locked),
            detail={"from": from_person.pk, "to": to_person.pk, "words": f"{from_person.name} to {to_person.name}."},
            at=now,
        )
    return moved


def carry_over(old: Mou, new: Mou, *, actor: Person, now: datetime, listed_on: date) -> None:
    """Who is, or will be, listed on `listed_on` in one MOU is listed in the next; called under the agency's lock."""
    still = Q(listed_until__isnull=True) | Q(listed_until__gte=max(listed_on, new.effective_on))
    MouCoordinator.objects.bulk_create(
        MouCoordinator(
            mou=new,
            person=line.person,
            listed_from=max(line.listed_from, new.effective_on),
            listed_until=line.listed_until,
            successor=line.successor,
            fallback_name=line.fallback_name,
            fallback_email=line.fallback_email,
            fallback_phone=line.fallback_phone,
            added_at=now,
            added_by=actor,
            ended_at=line.ended_at,
            ended_by=line.ended_by,
        )
        for line in old.coordinators.filter(still).exclude(listed_until__lt=F("listed_from")).order_by("listed_from")
    )
