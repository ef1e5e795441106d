"""Notices of separation: who leaves, or no longer needs access, with the last day; withdrawn if given by mistake."""

from datetime import date, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import dateformat, timezone

from requests_app.models import Person, Separation
from requests_app.people_policies import check_give_notice, check_withdraw_notice
from requests_app.policies import Denied
from requests_app.services.event_log import events
from requests_app.services.life import notices
from requests_app.services.life.workflow import Conflict
from requests_app.states import Role

# A notice may come late, but a day years back is a slip of the hand.
MOST_DAYS_BACK = 366


@transaction.atomic
def give_notice(person: Person, *, actor: Person, last_day: date, why: Separation.Why) -> Separation:
    """Access ends with the last day, by itself. Neither suspension nor a lapsed training stands in the way of this."""
    check_give_notice(actor, person)
    now = timezone.now()
    if last_day < timezone.localdate(now) - timedelta(days=MOST_DAYS_BACK):
        raise Denied("The last day lies more than a year back. Check the date.")
    Person.objects.select_for_update().get(pk=person.pk)
    if person.separations.filter(withdrawn_at__isnull=True).exists():
        raise Conflict(f"A notice for {person.name} stands already. Withdraw it before giving another.")
    notice = Separation.objects.create(
        person=person, last_day=last_day, why=why, notified_at=now, notified_by=actor
    )  # fmt: skip
    words = f"{person.name} of {person.agency.name} leaves. Last day: {dateformat.format(last_day, 'j F Y')}."
    notices.tell_roles(words, [Role.ADMINISTRATOR], now, path=reverse("person", args=[person.public_id]))
    detail = {"last_day": last_day, "why": why}
    events.record("person.give_notice", actor=actor, subject=f"person {person.pk}", detail=detail, at=now)
    return notice


@transaction.atomic
def withdraw_notice(notice: Separation, *, actor: Person) -> None:
    """The notice was a mistake: access comes back. The notice is kept, marked."""
    check_withdraw_notice(actor, notice.person)
    now = timezone.now()
    open_one = Separation.objects.filter(pk=notice.pk, withdrawn_at__isnull=True)
    if not open_one.update(withdrawn_at=now, withdrawn_by=actor):
        raise Conflict("This notice was withdrawn already.")
    subject = f"person {notice.person_id}"
    events.record("person.withdraw_notice", actor=actor, subject=subject, detail={"notice": notice.pk}, at=now)
