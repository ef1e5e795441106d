"""The day by which micro data are destroyed: reminders, the end of use, and what is overdue.

The worker calls `follow` on every sweep; late, twice or from two workers changes nothing: each row remembers what was
told. A reminder that was missed is not made up for; while a duty is overdue it is told once a week, to BLS too.
"""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from requests_app.hooks import tender
from requests_app.models import DataRequest, Destruction
from requests_app.policies import Denied
from requests_app.services.event_log import events
from requests_app.services.life import notices, workflow
from requests_app.services.life.workflow import Conflict
from requests_app.states import Role, State
from requests_app.templatetags.formats import count_of, day

REMINDERS = (60, 30, 7, 0)
WEEK = timedelta(days=7)
HELD_IN = (State.RELEASED, State.IN_USE, State.DESTRUCTION_DUE)
TOLD_AT_BLS = (Role.PROGRAM_ANALYST, Role.APPROVING_OFFICIAL)
BATCH = 200


@tender("destruction_days")
def follow() -> None:
    """Reminds, ends the use of data whose day has come, and tells weekly of what is overdue."""
    now = timezone.now()
    today = timezone.localdate(now)
    near = waiting().filter(due_on__range=(today, today + timedelta(days=max(REMINDERS))))
    for duty in near[:BATCH]:
        if is_due(duty, today):
            _remind(duty.pk, today, now)
    not_told = Q(overdue_told_on__isnull=True) | Q(overdue_told_on__lte=today - WEEK)
    for duty in waiting().filter(not_told, due_on__lt=today)[:BATCH]:
        _tell_overdue(duty.pk, today, now)
    for request in DataRequest.objects.filter(state=State.IN_USE, pk__in=_come(today).values("request"))[:BATCH]:
        _end_use(request)


def waiting() -> QuerySet[Destruction]:
    """Duties that are not confirmed, of data that an agency holds."""
    held = Destruction.objects.filter(confirmed_at__isnull=True, request__state__in=HELD_IN)
    return held.select_related("request", "package", "held").order_by("due_on", "pk")


def _come(today: date) -> QuerySet[Destruction]:
    return waiting().filter(package__isnull=False, due_on__lte=today)


def reminder_of(due_on: date, today: date) -> int | None:
    """The reminder whose time has come: the smallest number of days that is not smaller than what is left."""
    left = (due_on - today).days
    return min((days for days in REMINDERS if days >= left >= 0), default=None)


def is_due(duty: Destruction, today: date) -> bool:
    """That reminder, or a later one, has not gone out."""
    days = reminder_of(duty.due_on, today)
    return days is not None and (duty.reminded_days is None or duty.reminded_days > days)


@transaction.atomic
def _remind(duty_id: int, today: date, now: datetime) -> None:
    duty = _locked(duty_id)
    if duty is None or not is_due(duty, today):
        return
    duty.reminded_days = reminder_of(duty.due_on, today)
    duty.save(update_fields=["reminded_days"])
    left = (duty.due_on - today).days
    when = f"in {count_of(left, 'day')}, on {day(duty.due_on)}" if left else "today"
    _tell(duty, f"{duty.request.number}: destroy {duty.subject} {when}, and confirm it.", [Role.COORDINATOR], now)
    _record("destruction.remind", duty, now, days_left=left)


@transaction.atomic
def _tell_overdue(duty_id: int, today: date, now: datetime) -> None:
    duty = _locked(duty_id)
    if duty is None or duty.due_on >= today or (duty.overdue_told_on and duty.overdue_told_on > today - WEEK):
        return
    duty.overdue_told_on = today
    duty.save(update_fields=["overdue_told_on"])
    words = f"{duty.request.number}: the destruction of {duty.subject} was due {day(duty.due_on)} and is not confirmed."
    _tell(duty, words, [Role.COORDINATOR, *TOLD_AT_BLS], now)
    _record("destruction.overdue", duty, now, due_on=duty.due_on)


def _end_use(request: DataRequest) -> None:
    """The day has come: the package cannot be opened any more."""
    try:
        workflow.transition(request, "finish_use", actor=None)
    except (Conflict, Denied):
        return  # somebody ended it meanwhile


def _locked(duty_id: int) -> Destruction | None:
    rows = Destruction.objects.select_for_update(of=("self",), skip_locked=True)
    found = rows.select_related("request__agency", "package", "held").filter(pk=duty_id, confirmed_at__isnull=True)
    return found.first()


def _tell(duty: Destruction, words: str, roles: list[Role], now: datetime) -> None:
    notices.tell_about(duty.request, words, roles, now)


def _record(kind: str, duty: Destruction, now: datetime, **detail: object) -> None:
    """Each reminder, and each week a duty is overdue, is told once."""
    subject = duty.package_id or duty.held_id or ""
    events.record(
        kind, actor=None, request_number=duty.request.number, subject=subject, detail=dict(detail), at=now
    )  # fmt: skip
