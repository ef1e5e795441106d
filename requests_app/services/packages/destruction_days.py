"""The day by which micro data are destroyed: reminders before it, the end of use, and what is overdue.

Reminders are milestones (services/life/milestones.py): each is told once, however often one looks. They count from the
moment the day was set, `due_since`, so that a day moved by an amendment has reminders of its own. While a duty is
overdue it is told once a week, to BLS too.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from django.db.models import CharField, Exists, OuterRef, QuerySet
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone

from requests_app.hooks import tender
from requests_app.models import DataRequest, Destruction, Milestone, Person
from requests_app.policies import Denied
from requests_app.services.event_log import events
from requests_app.services.life import notices, workflow
from requests_app.services.life.milestones import Reached, clock, told
from requests_app.services.life.workflow import Conflict
from requests_app.states import Role, State
from requests_app.templatetags.formats import day

REMINDERS = (60, 30, 7, 0)
WEEK = 7
HELD_IN = (State.RELEASED, State.IN_USE, State.DESTRUCTION_DUE)
TOLD_AT_BLS = (Role.PROGRAM_ANALYST, Role.APPROVING_OFFICIAL)
BATCH = 200
CLOCK = "destruction"
Log = Callable[[Reached, datetime], None]


@tender("end_of_use")
def end_use() -> None:
    """Ends the use of data whose day has come: the package cannot be opened any more."""
    today = timezone.localdate()
    for request in DataRequest.objects.filter(state=State.IN_USE, pk__in=_come(today).values("request"))[:BATCH]:
        _end_use(request)


@clock(CLOCK)
def reached(today: date) -> Iterator[Reached]:
    """The reminders before the day, and every week that has gone by after it."""
    for days in REMINDERS:
        near = waiting().filter(~told(CLOCK, _before(days), "due_since"), due_on__lte=today + timedelta(days=days))
        for duty in near:
            on = duty.due_on - timedelta(days=days)
            if on > timezone.localdate(duty.due_since):  # a reminder from before the day was set is not made up for
                yield _remind(duty, days, on)
    this_week = Milestone.objects.filter(
        clock=CLOCK,
        occasion__startswith="week",
        subject=Cast(OuterRef("pk"), CharField()),
        anchor=OuterRef("due_since"),
        reached_on__gt=today - timedelta(days=WEEK),
    )
    for duty in waiting().filter(~Exists(this_week), due_on__lt=today):
        weeks = (today - duty.due_on - timedelta(days=1)).days // WEEK
        yield from (_overdue(duty, week) for week in range(weeks + 1))


def _before(days: int) -> str:
    return f"{days} days"


def waiting() -> QuerySet[Destruction]:
    """Duties that are not confirmed, of data that an agency holds."""
    held = Destruction.objects.filter(confirmed_at__isnull=True, request__state__in=HELD_IN)
    return held.select_related("request", "package", "held").order_by("due_on", "pk")


def _come(today: date) -> QuerySet[Destruction]:
    return waiting().filter(package__isnull=False, due_on__lte=today)


def _remind(duty: Destruction, days: int, on: date) -> Reached:
    words = f"{duty.request.number}: destroy {duty.subject} by {day(duty.due_on)}, and confirm it."
    return _milestone(duty, _before(days), on, words, [Role.COORDINATOR], _log_reminder)


def _overdue(duty: Destruction, week: int) -> Reached:
    words = f"{duty.request.number}: the destruction of {duty.subject} was due {day(duty.due_on)} and is not confirmed."
    on = duty.due_on + timedelta(days=1 + WEEK * week)
    return _milestone(duty, f"week {week}", on, words, [Role.COORDINATOR, *TOLD_AT_BLS], _log_overdue)


def _log_reminder(one: Reached, now: datetime) -> None:
    """Each reminder of the day of destruction is told once."""
    events.record(
        "destruction.remind",
        actor=None,
        request_number=one.number,
        subject=one.detail["what"],
        detail=one.facts,
        at=now,
    )


def _log_overdue(one: Reached, now: datetime) -> None:
    """Each week a destruction is overdue is told once, to BLS too."""
    events.record(
        "destruction.overdue",
        actor=None,
        request_number=one.number,
        subject=one.detail["what"],
        detail=one.facts,
        at=now,
    )


def _milestone(duty: Destruction, occasion: str, on: date, words: str, roles: list[Role], log: Log) -> Reached:
    request = duty.request

    def people() -> list[Person]:
        return [person for role in roles for person in notices.audience(request, role)]

    return Reached(
        CLOCK, str(duty.pk), occasion, duty.due_since, on, request.number, words,
        reverse("request", args=[request.number]), people, log, {"what": duty.key, "due_on": duty.due_on},
    )  # fmt: skip


def _end_use(request: DataRequest) -> None:
    """The day has come: the package cannot be opened any more."""
    try:
        workflow.transition(request, "finish_use", actor=None)
    except (Conflict, Denied):
        return  # somebody ended it meanwhile
