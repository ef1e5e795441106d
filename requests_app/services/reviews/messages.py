"""Questions of a reviewing state to BLS, and the answers: they move nothing, and no other state reads them."""

from django.db import transaction
from django.utils import timezone

from requests_app.models import Person, ReviewMessage
from requests_app.policies import Denied
from requests_app.review_policies import ANSWERS_QUESTIONS, Review, check_ask
from requests_app.services.event_log import events
from requests_app.services.life import notices
from requests_app.services.reviews.deadlines import care_path
from requests_app.states import Role


@transaction.atomic
def write(review: Review, *, actor: Person, text: str) -> ReviewMessage:
    """One side writes, the other is told that something waits to be read, never what."""
    check_ask(actor, review)
    if not text.strip():
        raise Denied("Write your question or answer.")
    now, number = timezone.now(), review.request.number
    message = ReviewMessage.objects.create(
        text=text.strip(), written_at=now, written_by=actor, **{review.COLUMN: review}
    )
    if actor.agency.is_bls:
        reviewers = notices.holders(Role.OUTPUT_REVIEWER).filter(agency=review.agency)
        notices.tell_people(reviewers, f"BLS wrote about your review of {number}.", now, path=review.page)
    else:
        words = f"{review.agency.state_name} asks about its review of {number}."
        notices.tell_roles(words, sorted(ANSWERS_QUESTIONS), now, path=care_path(review))
    events.record(
        f"{review.EVENTS}.message",
        actor=actor,
        request_number=number,
        subject=review.pk,
        detail={"state": review.agency.fips, "message": message.pk},
        at=now,
    )
    return message
