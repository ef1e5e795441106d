"""What the calendar brings: told once each, whenever the sweep runs, late, twice, or from two workers at once.

A clock yields the milestones that its facts have reached by a day; what is told depends on those facts and the federal
calendar only, never on when the sweep ran. Several milestones of one thing that a late sweep finds together all stand
on the site, and only the newest is mailed.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone

from requests_app.bls_review_policies import PART_OF
from requests_app.business_days import add_business_days
from requests_app.models import Claim, DataRequest, Milestone, Person, Question
from requests_app.models.notices import NoticeKind
from requests_app.models.questions import Side
from requests_app.selectors.life.turns import awaited_roles, kind_of
from requests_app.services.event_log import events
from requests_app.services.life import notices
from requests_app.states import STATE_ROLES, Role, State
from requests_app.targets import DEFAULT_DAYS, Occasion, due_on, first_in_time, reached_if_before, reached_on
from requests_app.templatetags.formats import day

QUESTION_DAYS = {Occasion.SOON: 0, Occasion.LATE: 1, Occasion.ESCALATED: 5}  # business days past the day it is due
BATCH = 500  # of each state and occasion; the next sweep takes the next


@dataclass(frozen=True)
class Reached:
    """One milestone that was reached: what it is about, since when that counts, and who is told what."""

    clock: str
    subject: str
    occasion: Occasion
    anchor: datetime
    day: date
    number: str
    text: str
    path: str
    people: Callable[[], Iterable[Person]]

    @property
    def series(self) -> tuple[str, str, datetime]:
        """Milestones of one thing: only the newest of those found together is mailed."""
        return (self.clock, self.subject, self.anchor)


def follow(now: datetime) -> int:
    """Tells everything that was reached and not told yet; how many milestones that were."""
    today = timezone.localdate(now)
    found = sorted([*steps(today), *questions(today)], key=lambda one: (*one.series, one.day))
    told = 0
    for _, group in groupby(found, key=lambda one: one.series):
        *older, newest = group
        told += sum(_tell(one, now, is_mailed=False) for one in older) + _tell(newest, now, is_mailed=True)
    return told


@transaction.atomic
def _tell(one: Reached, now: datetime, *, is_mailed: bool) -> bool:
    """One row, one event and the notices, together or not at all."""
    _, is_new = Milestone.objects.get_or_create(
        clock=one.clock, subject=one.subject, occasion=one.occasion, anchor=one.anchor,
        defaults={"reached_on": one.day, "told_at": now},
    )  # fmt: skip
    if is_new:
        notices.tell_people(
            one.people(), one.text, now, path=one.path, kind=NoticeKind.REMINDER, is_mailed=is_mailed
        )  # fmt: skip
        detail = {"day": one.day, "words": one.text}
        events.record(f"time.{one.occasion}", actor=None, request_number=one.number, detail=detail, at=now)
    return is_new


def steps(today: date) -> Iterator[Reached]:
    """Requests that stand in a state near its target, past it, and a week of business days past it."""
    for state in DEFAULT_DAYS:
        for occasion in Occasion:
            before = reached_if_before(state, occasion, today)
            if before is not None:
                yield from (_step(request, occasion) for request in _untold(state, occasion, before))


def _untold(state: State, occasion: Occasion, before: datetime) -> Iterable[DataRequest]:
    told = Milestone.objects.filter(
        clock="step", subject=OuterRef("number"), occasion=occasion, anchor=OuterRef("state_since")
    )
    late = DataRequest.objects.filter(~Exists(told), state=state, state_since__lt=before, suspended_reason="")
    return late.select_related("agency").order_by("state_since")[:BATCH]


def _step(request: DataRequest, occasion: Occasion) -> Reached:
    state, since = request.status, request.state_since
    due = due_on(state, since)
    words = {
        Occasion.SOON: f"{request.number} should leave “{state.label}” by {day(due)}.",
        Occasion.LATE: f"{request.number} is late: it should have left “{state.label}” by {day(due)}.",
        Occasion.ESCALATED: f"{request.number} still stands in “{state.label}”; it should have left by {day(due)}.",
    }
    return Reached(
        "step",
        request.number,
        occasion,
        since,
        reached_on(state, occasion, since),
        request.number,
        words[occasion],
        reverse("request", args=[request.number]),
        lambda: _whom(request, occasion),
    )


def _whom(request: DataRequest, occasion: Occasion) -> list[Person]:
    """Who has the step; once it is escalated also the next desk: the Officials, or the Analysts for a state's step."""
    roles = awaited_roles(request.status, kind_of(request)) - {Role.SYSTEM}
    part = PART_OF.get(request.status)
    claim = request.claims.filter(role=part or "", ended_at__isnull=True).select_related("person").first()
    people = [claim.person] if claim else [one for role in sorted(roles) for one in notices.audience(request, role)]
    if occasion is Occasion.ESCALATED:
        next_desk = Role.PROGRAM_ANALYST if roles & STATE_ROLES else Role.APPROVING_OFFICIAL
        people += notices.holders(next_desk)
    return people


def questions(today: date) -> Iterator[Reached]:
    """Questions whose answer is due today, is late, and is late by a week of business days."""
    for occasion, days in QUESTION_DAYS.items():
        told = Milestone.objects.filter(
            clock="question", subject=OuterRef("pk"), occasion=occasion, anchor=OuterRef("waits_since")
        )
        before = first_in_time(days, today + timedelta(days=1))
        waiting = Question.objects.filter(
            ~Exists(told), settled_at__isnull=True, due_on__lt=before, request__suspended_reason=""
        )
        for question in waiting.select_related("request__agency", "asked_by").order_by("due_on")[:BATCH]:
            on = add_business_days(question.due_on, days) if days else question.due_on
            yield _question(question, occasion, on)


def _question(question: Question, occasion: Occasion, on: date) -> Reached:
    number, due = question.request.number, day(question.due_on)
    words = {
        Occasion.SOON: f"A question about {number} should be answered by {due}.",
        Occasion.LATE: f"A question about {number} is late: it should have been answered by {due}.",
        Occasion.ESCALATED: f"A question about {number} still waits for an answer, due {due}.",
    }
    return Reached(
        "question",
        question.pk,
        occasion,
        question.waits_since,
        on,
        number,
        words[occasion],
        reverse("question", args=[number, question.pk]),
        lambda: _whom_of_question(question, occasion),
    )


def _whom_of_question(question: Question, occasion: Occasion) -> list[Person]:
    if question.waits_for == Side.STATE:
        people = list(notices.audience(question.request, Role.COORDINATOR))
    else:
        claims = Claim.objects.filter(request=question.request, ended_at__isnull=True).select_related("person")
        people = [claim.person for claim in claims] or list(notices.holders(Role.PROGRAM_ANALYST))
    return [*people, question.asked_by] if occasion is Occasion.ESCALATED else people
