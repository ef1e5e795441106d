"""Notices: written with the change that causes them, never anything confidential. services/life/mailing.py sends them.

Each person hears of each kind in the way they chose; who is away has a stand-in who hears it too.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from requests_app.models import Absence, DataRequest, Notice, NoticeChoice, Person
from requests_app.models.notices import NoticeKind, Way
from requests_app.selectors.life.turns import awaited_roles, kind_of
from requests_app.standing import in_force
from requests_app.states import STATE_ROLES, Role, Transition
from requests_app.targets import next_daily_mail

TEXT_LENGTH = 300
# The instructions name the program mailbox for these: the completed form, and the confirmation of destruction.
COPIED_TO_MAILBOX = frozenset({"submit", "confirm_destruction"})


def tell(request: DataRequest, step: Transition, now: datetime) -> None:
    """Queues a notice to everyone the transition tells: the request's own people, or all who hold the BLS role."""
    text = f"{request.number}: {step.label}. It is now “{step.target.label}”."
    waited_for = awaited_roles(step.target, kind_of(request))
    workers = [person for role in step.tells if role in waited_for for person in audience(request, role)]
    others = [person for role in step.tells for person in audience(request, role) if person not in workers]
    _queue(workers, text, now, kind=NoticeKind.WORK, request=request)
    _queue(others, text, now, kind=NoticeKind.NEWS, request=request)
    if step.name in COPIED_TO_MAILBOX and settings.PROGRAM_MAILBOX:
        Notice.objects.create(
            to_mailbox=True, request=request, text=text, created_at=now, not_before=now, kind=NoticeKind.NEWS
        )


def tell_about(
    request: DataRequest, text: str, roles: Iterable[Role], now: datetime, *, kind: NoticeKind = NoticeKind.NEWS
) -> None:
    """Queues a notice about the request to everyone it concerns who holds one of the roles, once each."""
    _queue((person for role in roles for person in audience(request, role)), text, now, kind=kind, request=request)


def tell_roles(
    text: str, roles: Iterable[Role], now: datetime, *, path: str, kind: NoticeKind = NoticeKind.NEWS
) -> None:
    """Queues a notice about the page `path` to every holder of one of the (BLS) roles, once each."""
    _queue((person for role in roles for person in holders(role)), text, now, kind=kind, path=path)


def mark_read(notices: QuerySet[Notice]) -> None:
    """Those of them that were not read are read now; what was read before stays as it is."""
    notices.filter(read_at__isnull=True).update(read_at=timezone.now())


def tell_person(
    person: Person, text: str, now: datetime, *, path: str, kind: NoticeKind = NoticeKind.NEWS
) -> None:  # fmt: skip
    """Queues a notice about the page `path` to one person."""
    _queue([person], text, now, kind=kind, path=path)


def tell_people(
    people: Iterable[Person],
    text: str,
    now: datetime,
    *,
    path: str,
    kind: NoticeKind = NoticeKind.NEWS,
    is_mailed: bool = True,
) -> None:
    """Queues a notice about the page `path` to each of them once; on the site only where it is not mailed."""
    _queue(people, text, now, kind=kind, path=path, is_mailed=is_mailed)


def _queue(
    people: Iterable[Person], text: str, now: datetime, *, kind: NoticeKind, is_mailed: bool = True, **about: Any
) -> None:
    once = {person.pk: person for person in people}
    for away in _away(once, now):
        if away.stand_in:
            once.setdefault(away.stand_in.pk, away.stand_in)
    ways = {} if kind is NoticeKind.ALERT else _ways(once, kind)
    Notice.objects.bulk_create(
        Notice(
            person=person, text=text[:TEXT_LENGTH], kind=kind, created_at=now, **about,
            **_how(ways.get(pk, Way.AT_ONCE), is_mailed, now),
        )
        for pk, person in once.items()
    )  # fmt: skip


def _ways(people: Iterable[int], kind: NoticeKind) -> dict[int, str]:
    chosen = NoticeChoice.objects.filter(person__in=list(people), kind=kind)
    return dict(chosen.values_list("person", "way"))


def _away(people: Iterable[int], now: datetime) -> QuerySet[Absence]:
    today = in_force(timezone.localdate(now), "starts_on", "ends_on")
    away = Absence.objects.filter(today, person__in=list(people), taken_back_at__isnull=True, stand_in__is_active=True)
    return away.select_related("stand_in")


def _how(way: str, is_mailed: bool, now: datetime) -> dict[str, Any]:
    is_daily = way == Way.DAILY
    return {
        "is_mailed": is_mailed and way != Way.HERE,
        "is_daily": is_daily,
        "not_before": next_daily_mail(now) if is_daily else now,
    }


def holders(role: Role) -> QuerySet[Person]:
    """The active people who hold `role` today."""
    held = in_force(timezone.localdate(), "memberships__starts_on", "memberships__ends_on")
    return Person.objects.filter(held, is_active=True, memberships__role=role).distinct()


def audience(request: DataRequest, role: Role) -> QuerySet[Person]:
    """The active holders of `role` whom this request concerns."""
    held = holders(role)
    if role is Role.OUTPUT_REVIEWER:
        held = held.filter(agency__partner_reviews__request=request, agency__partner_reviews__verdict="")
    elif role in STATE_ROLES:
        held = held.filter(agency=request.agency)
    return held
