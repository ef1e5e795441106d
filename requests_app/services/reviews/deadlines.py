"""The time a state has to review: reminders, more time, and what is told to BLS when it has passed.

The worker calls `follow` on every sweep; late, twice or from two workers changes nothing. What was reminded of stands
on the row, so a reminder that was missed is not made up for, and more time begins its own reminders.
"""

from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from requests_app import review_policies
from requests_app.business_days import add_business_days, business_days_between
from requests_app.hooks import tender
from requests_app.models import DataRequest, PartnerReview, Person, ReviewExtension
from requests_app.policies import Denied
from requests_app.selectors.reviews.waiting import open_reviews
from requests_app.services.event_log import events
from requests_app.services.life import notices
from requests_app.states import Role
from requests_app.templatetags.formats import day, due

REMINDERS = (5, 1, 0)  # business days before the deadline
MOST_DAYS = 30
ESCALATED_TO = (Role.PROGRAM_ANALYST, Role.APPROVING_OFFICIAL)
BATCH = 200


@tender("partner_reviews")
def follow() -> None:
    """Reminds the states whose deadline comes near, and tells BLS of those that have passed."""
    now = timezone.now()
    today = timezone.localdate(now)
    not_told = Q(escalated_for__isnull=True) | Q(escalated_for__lt=F("due_on"))
    for review in open_reviews().filter(not_told, due_on__lt=today)[:BATCH]:
        _escalate(review, today, now)
    for review in open_reviews().filter(due_on__range=(today, add_business_days(today, max(REMINDERS))))[:BATCH]:
        if is_due(review, today):
            _remind(review, today, now)


def reminder_of(due_on: date, today: date) -> int | None:
    """The reminder whose time has come: the smallest number of business days that is not smaller than what is left."""
    left = business_days_between(today, due_on)
    return min((days for days in REMINDERS if days >= left), default=None)


def is_due(review: PartnerReview, today: date) -> bool:
    """That reminder, or a later one, has not gone out."""
    days = reminder_of(review.due_on, today)
    return days is not None and (review.reminded_days is None or review.reminded_days > days)


@transaction.atomic
def _remind(review: PartnerReview, today: date, now: datetime) -> None:
    locked = _still_open(review)
    if locked is None or not is_due(locked, today):
        return
    locked.reminded_days = reminder_of(locked.due_on, today)
    locked.save(update_fields=["reminded_days"])
    words = f"Your state's answer about {locked.request.number} is due {due(locked.due_on, today)}."
    reviewers = notices.holders(Role.OUTPUT_REVIEWER).filter(agency=locked.agency)
    notices.tell_people(reviewers, words, now, path=f"/reviews/{locked.pk}/")
    _record("partner_review.remind", locked, None, now, due_on=locked.due_on)


@transaction.atomic
def _escalate(review: PartnerReview, today: date, now: datetime) -> None:
    locked = _still_open(review)
    if locked is None or locked.due_on >= today or locked.escalated_for == locked.due_on:
        return
    locked.escalated_for = locked.due_on
    locked.save(update_fields=["escalated_for"])
    words = (
        f"{locked.agency.state_name} has not answered about {locked.request.number}, due {day(locked.due_on)}. "
        "Give it more time, or record what its MOU says."
    )
    notices.tell_roles(words, ESCALATED_TO, now, path=care_path(locked))
    reviewers = notices.holders(Role.OUTPUT_REVIEWER).filter(agency=locked.agency)
    late = f"Your state's answer about {locked.request.number} is late. It was due {day(locked.due_on)}; BLS was told."
    notices.tell_people(reviewers, late, now, path=f"/reviews/{locked.pk}/")
    _record("partner_review.escalate", locked, None, now, due_on=locked.due_on)


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
    review.due_on, review.reminded_days = to_due, None
    review.save(update_fields=["due_on", "reminded_days"])
    words = f"BLS gave your state more time for {review.request.number}: the answer is due {day(to_due)}."
    reviewers = notices.holders(Role.OUTPUT_REVIEWER).filter(agency=review.agency)
    notices.tell_people(reviewers, words, now, path=f"/reviews/{review.pk}/")
    _record("partner_review.extend", review, actor, now, from_due=extension.from_due, to_due=to_due)
    return extension


def _still_open(review: PartnerReview) -> PartnerReview | None:
    locked = PartnerReview.objects.select_for_update(of=("self",), skip_locked=True)
    found = locked.select_related("agency", "request", "package").filter(pk=review.pk)
    return found.filter(verdict=PartnerReview.Verdict.OPEN).first()


def _record(kind: str, review: PartnerReview, actor: Person | None, now: datetime, **detail: object) -> None:
    """Each reminder, escalation and extension is told once, with the state and the day."""
    events.record(
        kind,
        actor=actor,
        request_number=review.request.number,
        subject=review.pk,
        detail={"state": review.agency.fips, **detail},
        at=now,
    )
