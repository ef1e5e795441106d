"""The day by which micro data are destroyed: reminders, the end of use, what is overdue, and more time.

The worker calls `follow` on every sweep; late, twice or from two workers changes nothing: each row remembers what was
told. A reminder that was missed is not made up for; while a duty is overdue it is told once a week, to BLS too.
"""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from requests_app import policies
from requests_app.hooks import tender
from requests_app.models import DataRequest, Destruction, DestructionExtension, Person
from requests_app.policies import Denied
from requests_app.services.event_log import events
from requests_app.services.life import notices, workflow
from requests_app.services.life.workflow import Conflict
from requests_app.states import Role, State
from requests_app.templatetags.formats import count_of, day

REMINDERS = (60, 30, 7, 0)
WEEK = timedelta(days=7)
HELD_IN = (State.RELEASED, State.IN_USE, State.DESTRUCTION_DUE)
LONGEST = timedelta(days=5 * 366)
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


@transaction.atomic
def ask_extension(request: DataRequest, *, actor: Person, until: date, reason: str) -> DestructionExtension:
    """The coordinator asks for more time, with a reason; nothing changes until BLS has decided."""
    locked = DataRequest.objects.select_for_update().get(pk=request.pk)
    policies.check_ask_extension(actor, locked)
    duty = locked.destructions.filter(confirmed_at__isnull=True, package__isnull=False).order_by("due_on").first()
    if duty is None:
        raise Denied("No package of this request is to be destroyed.")
    if locked.destruction_extensions.filter(decided_at__isnull=True).exists():
        raise Denied("BLS has not decided yet about the time you asked for before.")
    if not duty.due_on < until <= duty.due_on + LONGEST:
        raise Denied(f"The new day lies after {day(duty.due_on)}, within five years.")
    if not reason.strip():
        raise Denied("Say why the data are needed for longer.")
    now = timezone.now()
    extension = DestructionExtension.objects.create(
        request=locked, from_due=duty.due_on, until=until, reason=reason.strip(), asked_at=now, asked_by=actor
    )
    words = f"{locked.number}: {locked.agency.state_name} asks to keep its data until {day(until)}."
    notices.tell_about(locked, words, [Role.APPROVING_OFFICIAL], now)
    detail = {"from": duty.due_on, "until": until, "reason": reason.strip()}
    events.record("destruction.ask_extension", actor=actor, request_number=locked.number, detail=detail, at=now)
    return extension


@transaction.atomic
def decide_extension(extension: DestructionExtension, *, actor: Person, granted: bool, why: str) -> None:
    """An Approving Official grants it, and every open duty moves to the new day; or refuses it. Both with a reason."""
    request = DataRequest.objects.select_for_update().get(pk=extension.request_id)
    policies.check_decide_extension(actor, request)
    if not why.strip():
        raise Denied("Say why.")
    now = timezone.now()
    open_one = DestructionExtension.objects.filter(pk=extension.pk, decided_at__isnull=True)
    if not open_one.update(granted=granted, decided_why=why.strip(), decided_at=now, decided_by=actor):
        raise Conflict("This was decided already.")
    if granted:
        duties = request.destructions.filter(confirmed_at__isnull=True, due_on__lt=extension.until)
        duties.update(due_on=extension.until, reminded_days=None, overdue_told_on=None)
        request.destruction_on_amended = extension.until
        request.save(update_fields=["destruction_on_amended"])
    words = f"granted: destroy the data by {day(extension.until)}" if granted else "refused; the day stays"
    notices.tell_about(request, f"{request.number}: the time you asked for is {words}.", [Role.COORDINATOR], now)
    detail = {"granted": granted, "until": extension.until, "reason": why.strip()}
    events.record("destruction.decide_extension", actor=actor, request_number=request.number, detail=detail, at=now)
