"""Destruction that is overdue, as the home pages at BLS show it until it is confirmed."""

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from requests_app.models import Destruction
from requests_app.selectors.life.turns import named
from requests_app.selectors.people.people_work import PeopleWork
from requests_app.states import Role, State
from requests_app.templatetags.formats import day

SHOWN_TO = frozenset({Role.PROGRAM_ANALYST, Role.APPROVING_OFFICIAL})
AT_MOST = 50


def overdue() -> QuerySet[Destruction]:
    """Duties whose day has passed without a confirmation, of data that an agency holds; the oldest first."""
    found = Destruction.objects.filter(
        confirmed_at__isnull=True,
        due_on__lt=timezone.localdate(),
        request__state__in=[State.IN_USE, State.DESTRUCTION_DUE],
    )
    return found.select_related("request__agency", "package", "held").order_by("due_on", "pk")


def overdue_work(roles: frozenset[Role]) -> list[PeopleWork]:
    """A line for each, late by nature."""
    if not roles & SHOWN_TO:
        return []
    return [
        PeopleWork(
            f"{duty.request.agency.state_name} has not confirmed the destruction of {duty.subject}, due "
            f"{day(duty.due_on)}: {named(duty.request)}",
            duty.due_since,
            reverse("held_data", args=[duty.request.number]),
            "Open",
            due=duty.due_on,
            late=True,
        )
        for duty in overdue()[:AT_MOST]
    ]
