"""The time a state has to review a package or an output: reminders, more time, and what BLS is told when it has passed.

Reminders are milestones (services/life/milestones.py): each is told once, however often one looks. They count from the
moment the deadline was set, so that more time has reminders of its own.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import TypeVar

from django.db import transaction
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils import timezone

from requests_app import review_policies
from requests_app.business_days import add_business_days
from requests_app.models import Agency, DataRequest, OutputReview, PartnerReview, Person, ReviewExtension
from requests_app.output_states import OutputState
from requests_app.policies import Denied
from requests_app.selectors.reviews.waiting import open_reviews
from requests_app.services.event_log import events
from requests_app.services.life import notices
from requests_app.services.life.milestones import Reached, clock, told
from requests_app.states import Role
from requests_app.targets import first_in_time
from requests_app.templatetags.formats import day

REMINDERS = (5, 1, 0)  # business days before the deadline
MOST_DAYS = 30
ESCALATED_TO = (Role.PROGRAM_ANALYST, Role.APPROVING_OFFICIAL)
PACKAGES, OUTPUTS = "partner_review", "output_review"
Review = TypeVar("Review", PartnerReview, OutputReview)


@clock(PACKAGES)
def of_packages(today: date) -> Iterator[Reached]:
    """States' reviews of packages."""
    for occasion, on, review in _reached(PACKAGES, open_reviews(), "due_since", today):
        number, pages = review.request.number, (f"/reviews/{review.pk}/", care_path(review))
        yield from _told(PACKAGES, occasion, on, review, review.due_since, f"about {number}", number, pages)


@clock(OUTPUTS)
def of_outputs(today: date) -> Iterator[Reached]:
    """States' reviews of outputs that an agency made from micro data."""
    found = OutputReview.objects.filter(
        verdict="", output__state=OutputState.PARTNER_REVIEW, files_sha256=F("output__files_sha256"),
        output__request__suspended_reason="",
    ).select_related("agency", "output__request").order_by("due_on")  # fmt: skip
    for occasion, on, review in _reached(OUTPUTS, found, "asked_at", today):
        number = review.output.request.number
        pages = (f"/output-reviews/{review.pk}/", reverse("output", args=[number, review.output_id]))
        about = f"about an output of {number}"
        yield from _told(OUTPUTS, occasion, on, review, review.asked_at, about, number, pages)


def _reached(clock_name: str, reviews: QuerySet[Review], since: str, today: date) -> Iterator[tuple[str, date, Review]]:
    """Each reminder, and the passing of the deadline, that has come after the deadline was set, and is not told."""
    for days in REMINDERS:
        occasion = f"{days} days"
        until = add_business_days(today, days) if days else today
        near = reviews.filter(~told(clock_name, occasion, since), due_on__lte=until)
        for review in near:
            on = first_in_time(days, review.due_on)
            if timezone.localdate(getattr(review, since)) < on <= today:
                yield occasion, on, review
    for review in reviews.filter(~told(clock_name, "passed", since), due_on__lt=today):
        yield "passed", review.due_on + timedelta(days=1), review


def _told(
    clock_name: str, occasion: str, on: date, review: PartnerReview | OutputReview, since: datetime, about: str,
    number: str, pages: tuple[str, str],
) -> Iterator[Reached]:  # fmt: skip
    """What the state's reviewers are told; once the deadline has passed, and then BLS too, on its own page."""
    agency, due_on, pk = review.agency, review.due_on, review.pk
    detail = {"state": agency.fips, "due_on": due_on}
    if occasion != "passed":
        words = f"Your state's answer {about} is due {day(due_on)}."
        yield Reached(clock_name, pk, occasion, since, on, number, words, pages[0], lambda: _reviewers(agency),
                      _log_reminder, detail)  # fmt: skip
        return
    late = f"Your state's answer {about} is late. It was due {day(due_on)}; BLS was told."
    yield Reached(clock_name, pk, "late", since, on, number, late, pages[0], lambda: _reviewers(agency),
                  _log_reminder, detail)  # fmt: skip
    words = (
        f"{agency.state_name} has not answered {about}, due {day(due_on)}. "
        "Give it more time, or record what its MOU says."
    )
    yield Reached(clock_name, pk, "passed", since, on, number, words, pages[1], _desk, _log_escalation, detail)


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


def _reviewers(agency: Agency) -> list[Person]:
    return list(notices.holders(Role.OUTPUT_REVIEWER).filter(agency=agency))


def _desk() -> list[Person]:
    return [person for role in ESCALATED_TO for person in notices.holders(role)]


def care_path(review: PartnerReview) -> str:
    """The page on which BLS looks after a review."""
    return f"/requests/{review.request.number}/reviews/{review.pk}/"


@transaction.atomic
def extend(review: PartnerReview, *, actor: Person, to_due: date, reason: str) -> ReviewExtension:
    """BLS gives one state more time, with a reason the state reads. `Denied` with what stands in the way."""
    DataRequest.objects.select_for_update().get(pk=review.request_id)
    locked = PartnerReview.objects.select_for_update(of=("self",)).select_related("agency", "package", "request")
    review, now = locked.get(pk=review.pk), timezone.now()
    today = timezone.localdate(now)
    review_policies.check_care_for_review(actor, review)
    if not max(review.due_on, today) < to_due <= add_business_days(max(review.due_on, today), MOST_DAYS):
        raise Denied(
            f"The new deadline lies after {day(max(review.due_on, today))}, by at most {MOST_DAYS} business days."
        )
    if not reason.strip():
        raise Denied("Say why the state gets more time.")
    extension = ReviewExtension.objects.create(
        review=review, from_due=review.due_on, to_due=to_due, reason=reason.strip(), extended_at=now, extended_by=actor
    )
    review.due_on, review.due_since = to_due, now
    review.save(update_fields=["due_on", "due_since"])
    words = f"BLS gave your state more time for {review.request.number}: the answer is due {day(to_due)}."
    reviewers = notices.holders(Role.OUTPUT_REVIEWER).filter(agency=review.agency)
    notices.tell_people(reviewers, words, now, path=f"/reviews/{review.pk}/")
    detail = {"state": review.agency.fips, "from_due": extension.from_due, "to_due": to_due}
    events.record(
        "partner_review.extend",
        actor=actor,
        request_number=review.request.number,
        subject=review.pk,
        detail=detail,
        at=now,
    )
    return extension
