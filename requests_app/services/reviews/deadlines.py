"""The time a state has to review a package or an output: reminders, more time, and what BLS is told when it has passed.

Reminders are milestones (services/life/milestones.py): each is told once, however often one looks. They count from the
moment the deadline was set, so that more time has reminders of its own.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TypeVar

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from requests_app import review_policies
from requests_app.business_days import add_business_days
from requests_app.models import Agency, OutputReview, PartnerReview, Person, ReviewExtension
from requests_app.output_states import OutputState
from requests_app.policies import Denied
from requests_app.review_policies import Review
from requests_app.selectors.reviews.waiting import open_reviews
from requests_app.services.event_log import events
from requests_app.services.life import notices
from requests_app.services.life.milestones import Reached, clock, told
from requests_app.services.reviews.desks import able_reviewers
from requests_app.services.reviews.locking import lock
from requests_app.states import Role
from requests_app.targets import first_in_time
from requests_app.templatetags.formats import day

REMINDERS = (5, 1, 0)  # business days before the deadline
MOST_DAYS = 30
ESCALATED_TO = (Role.PROGRAM_ANALYST, Role.APPROVING_OFFICIAL)
PACKAGES, OUTPUTS, NOBODY = "partner_review", "output_review", "reviewers"
Kind = TypeVar("Kind", PartnerReview, OutputReview)


@clock(PACKAGES)
def of_packages(today: date) -> Iterator[Reached]:
    """States' reviews of packages."""
    for occasion, on, review in _reached(PACKAGES, open_reviews(), today):
        yield from _told(occasion, on, review, f"about {review.request.number}")


@clock(OUTPUTS)
def of_outputs(today: date) -> Iterator[Reached]:
    """States' reviews of outputs that an agency made from micro data."""
    for occasion, on, review in _reached(OUTPUTS, _open_reviews_of_outputs(), today):
        yield from _told(occasion, on, review, f"about an output of {review.request.number}")


@clock(NOBODY)
def without_reviewer(today: date) -> Iterator[Reached]:
    """Reviews that wait for a state in which nobody can answer: every Output Reviewer is away, stopped or gone."""
    untold = ~told(NOBODY, "nobody", "due_since")
    waiting: list[Review] = [*open_reviews().filter(untold), *_open_reviews_of_outputs().filter(untold)]
    able = {person.agency_id for person in able_reviewers({review.agency_id for review in waiting}, today)}
    for review in waiting:
        if review.agency_id not in able:
            words = f"Nobody in {review.agency.state_name} can answer about {review.request.number}: its Output "
            words += "Reviewers are away, or not cleared. Ask the agency to name one, or to renew what has lapsed."
            yield replace(_milestone(review, "nobody", today, words, at_bls=True), clock=NOBODY, log=_log_nobody)


def _open_reviews_of_outputs() -> QuerySet[OutputReview]:
    found = OutputReview.objects.filter(
        verdict="", output__state=OutputState.PARTNER_REVIEW, files_sha256=F("output__files_sha256"),
        output__request__suspended_reason="",
    )  # fmt: skip
    return found.select_related("agency", "output__request").order_by("due_on")


def _reached(clock_name: str, reviews: QuerySet[Kind], today: date) -> Iterator[tuple[str, date, Kind]]:
    """Each reminder, and the passing of the deadline, that has come after the deadline was set, and is not told."""
    for days in REMINDERS:
        occasion = f"{days} days"
        until = add_business_days(today, days) if days else today
        near = reviews.filter(~told(clock_name, occasion, "due_since"), due_on__lte=until)
        for review in near:
            on = first_in_time(days, review.due_on)
            if timezone.localdate(review.due_since) < on <= today:
                yield occasion, on, review
    for review in reviews.filter(~told(clock_name, "passed", "due_since"), due_on__lt=today):
        yield "passed", review.due_on + timedelta(days=1), review


def _told(occasion: str, on: date, review: Review, about: str) -> Iterator[Reached]:
    """What the state's reviewers are told; once the deadline has passed, and then BLS too, on its own page."""
    due = day(review.due_on)
    if occasion != "passed":
        yield _milestone(review, occasion, on, f"Your state's answer {about} is due {due}.", at_bls=False)
        return
    late = f"Your state's answer {about} is late. It was due {due}; BLS was told."
    yield _milestone(review, "late", on, late, at_bls=False)
    words = f"{review.agency.state_name} has not answered {about}, due {due}. "
    words += "Give it more time, or record what its MOU says."
    yield _milestone(review, "passed", on, words, at_bls=True)


def _milestone(review: Review, occasion: str, on: date, words: str, *, at_bls: bool) -> Reached:
    return Reached(
        review.EVENTS, review.pk, occasion, review.due_since, on, review.request.number, words,
        care_path(review) if at_bls else review.page,
        _desk if at_bls else lambda: _reviewers(review.agency),
        _log_escalation if at_bls else _log_reminder,
        {"state": review.agency.fips, "due_on": review.due_on},
    )  # fmt: skip


def _log_reminder(one: Reached, now: datetime) -> None:
    """Each reminder of a state's deadline is told once, to that state."""
    events.record(
        f"{one.clock}.remind", actor=None, request_number=one.number, subject=one.subject, detail=one.facts, at=now
    )


def _log_escalation(one: Reached, now: datetime) -> None:
    """A deadline that has passed is told to BLS once."""
    events.record(
        f"{one.clock}.escalate", actor=None, request_number=one.number, subject=one.subject, detail=one.facts, at=now
    )


def _log_nobody(one: Reached, now: datetime) -> None:
    """That nobody in a state can answer is told to BLS once for each deadline."""
    events.record(
        "reviewers.nobody", actor=None, request_number=one.number, subject=one.subject, detail=one.facts, at=now
    )


def _reviewers(agency: Agency) -> list[Person]:
    return list(notices.holders(Role.OUTPUT_REVIEWER).filter(agency=agency))


def _desk() -> list[Person]:
    return [person for role in ESCALATED_TO for person in notices.holders(role)]


def care_path(review: Review) -> str:
    """The page on which BLS looks after a review."""
    return f"/requests/{review.request.number}/reviews/{review.pk}/"


@transaction.atomic
def extend(review: Review, *, actor: Person, to_due: date, reason: str) -> ReviewExtension:
    """BLS gives one state more time, with a reason the state reads. `Denied` with what stands in the way."""
    review, now = lock(review), timezone.now()
    today = timezone.localdate(now)
    review_policies.check_care_for_review(actor, review)
    if not max(review.due_on, today) < to_due <= add_business_days(max(review.due_on, today), MOST_DAYS):
        raise Denied(
            f"The new deadline lies after {day(max(review.due_on, today))}, by at most {MOST_DAYS} business days."
        )
    if not reason.strip():
        raise Denied("Say why the state gets more time.")
    extension = ReviewExtension.objects.create(
        from_due=review.due_on, to_due=to_due, reason=reason.strip(), extended_at=now, extended_by=actor,
        **{review.COLUMN: review},
    )  # fmt: skip
    review.due_on, review.due_since = to_due, now
    review.save(update_fields=["due_on", "due_since"])
    words = f"BLS gave your state more time for {review.request.number}: the answer is due {day(to_due)}."
    reviewers = notices.holders(Role.OUTPUT_REVIEWER).filter(agency=review.agency)
    notices.tell_people(reviewers, words, now, path=review.page)
    detail = {"state": review.agency.fips, "from_due": extension.from_due, "to_due": to_due}
    events.record(
        f"{review.EVENTS}.extend",
        actor=actor,
        request_number=review.request.number,
        subject=review.pk,
        detail=detail,
        at=now,
    )
    return extension
