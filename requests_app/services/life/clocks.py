"""The clocks of a request's steps and of questions between BLS and the state: what is near, late, for the next desk."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from django.urls import reverse

from requests_app.bls_review_policies import PART_OF
from requests_app.business_days import add_business_days
from requests_app.models import Claim, DataRequest, Person, Question
from requests_app.models.questions import Side
from requests_app.selectors.life.turns import awaited_roles, kind_of
from requests_app.services.life import notices
from requests_app.services.life.milestones import Reached, clock, told
from requests_app.states import STATE_ROLES, Role, State
from requests_app.targets import DEFAULT_DAYS, Occasion, due_on, first_in_time, reached_if_before, reached_on
from requests_app.templatetags.formats import day

QUESTION_DAYS = {Occasion.SOON: 0, Occasion.LATE: 1, Occasion.ESCALATED: 5}  # business days past the day it is due
BATCH = 500  # of each state and occasion; the next sweep takes the next


@clock("step")
def steps(today: date) -> Iterator[Reached]:
    """Requests that stand in a state near its target, past it, and a week of business days past it."""
    for state in DEFAULT_DAYS:
        for occasion in Occasion:
            before = reached_if_before(state, occasion, today)
            if before is not None:
                yield from (_step(request, occasion) for request in _untold(state, occasion, before))


def _untold(state: State, occasion: Occasion, before: datetime) -> Iterable[DataRequest]:
    late = DataRequest.objects.filter(
        ~told("step", occasion, "state_since", "number"), state=state, state_since__lt=before, suspended_reason=""
    )
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


@clock("question")
def questions(today: date) -> Iterator[Reached]:
    """Questions whose answer is due today, is late, and is late by a week of business days."""
    for occasion, days in QUESTION_DAYS.items():
        before = first_in_time(days, today + timedelta(days=1))
        waiting = Question.objects.filter(
            ~told("question", occasion, "waits_since"),
            settled_at__isnull=True, due_on__lt=before, request__suspended_reason="",
        )  # fmt: skip
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
