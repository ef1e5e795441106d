"""The dated list of who may use and see a quarter before its official release; certified yearly and at each addition.

Source: the conditions for pre-release access in the cooperative agreement, 4.c and 4.f.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from requests_app.models import Person, PreReleaseListing
from requests_app.people_policies import check_dates, check_manage
from requests_app.policies import Denied
from requests_app.services.event_log import events
from requests_app.services.life.workflow import Conflict
from requests_app.standing import in_force


@transaction.atomic
def add(
    person: Person, *, actor: Person, listed_from: date, listed_until: date | None, others_are_needed: bool
) -> PreReleaseListing:
    """A new line. Whoever adds one has looked at the agency's other lines and certifies them with it."""
    check_manage(actor, person)
    check_dates(listed_from, listed_until)
    now = timezone.now()
    today = timezone.localdate(now)
    Person.objects.select_for_update().get(pk=person.pk)
    later = person.pre_release_listings.exclude(listed_until__lt=listed_from)
    if later.exists():
        raise Conflict(f"{person.name} stands on the list already.")
    others = [one for one in _lines_of_agency(person, today) if one.person_id != actor.pk]
    if others and not others_are_needed:
        raise Denied("Look at the agency's other lines first: the whole list is certified at each addition.")
    line = PreReleaseListing.objects.create(
        person=person,
        listed_from=listed_from,
        listed_until=listed_until,
        certified_on=today,
        added_at=now,
        added_by=actor,
    )
    _mark(others, today)
    detail = {"from": listed_from, "until": listed_until, "certified": [one.pk for one in others]}
    events.record("pre_release.add", actor=actor, subject=f"person {person.pk}", detail=detail, at=now)
    return line


def _lines_of_agency(person: Person, today: date) -> list[PreReleaseListing]:
    listed = PreReleaseListing.objects.filter(in_force(today, "listed_from", "listed_until"))
    return list(listed.filter(person__agency=person.agency).exclude(person=person))


@transaction.atomic
def certify(lines: Iterable[PreReleaseListing], *, actor: Person) -> int:
    """Each person named still needs to see data before release, for another year; never one's own line."""
    found, now = list(lines), timezone.now()
    for line in found:
        check_manage(actor, line.person)
    _mark(found, timezone.localdate(now))
    ids = [line.pk for line in found]
    if found:
        events.record("pre_release.certify", actor=actor, detail={"lines": ids}, at=now)
    return len(found)


def _mark(lines: Iterable[PreReleaseListing], today: date) -> None:
    PreReleaseListing.objects.filter(pk__in=[line.pk for line in lines]).update(certified_on=today)


@transaction.atomic
def end(line: PreReleaseListing, *, actor: Person) -> None:
    """The person no longer sees data before release, at once."""
    check_manage(actor, line.person)
    now = timezone.now()
    locked = PreReleaseListing.objects.select_for_update().get(pk=line.pk)
    today = timezone.localdate(now)
    if locked.listed_until and locked.listed_until < today:
        raise Conflict("This line has ended already.")
    locked.listed_until = today - timedelta(days=1)
    locked.save(update_fields=["listed_until"])
    subject = f"person {line.person_id}"
    events.record("pre_release.end", actor=actor, subject=subject, detail={"line": line.pk}, at=now)
