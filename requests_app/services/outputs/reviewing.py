"""The states whose records are in a micro request review what its agency made of them, each in its own time."""

from datetime import datetime

from django.conf import settings
from django.utils import timezone

from requests_app import guards, policies, standing
from requests_app.business_days import add_business_days
from requests_app.models import Output, OutputReview, PartnerReview, StandingConsent
from requests_app.services.event_log import events
from requests_app.services.life import notices
from requests_app.services.reviews.consents import consent_to
from requests_app.states import Role


def ask(output: Output, now: datetime) -> None:
    """Every state searched but the requesting one; who consented in advance has answered."""
    request, today = output.request, timezone.localdate(now)
    agencies = guards.partners_of(request, policies.newest_package(request))
    mous = standing.mous_of([str(agency.fips) for agency in agencies], today)
    for agency in agencies:
        mou = mous.get(str(agency.fips))
        days = mou.review_business_days if mou else settings.PARTNER_REVIEW_BUSINESS_DAYS
        consent = consent_to([StandingConsent.Covers.OUTPUT], agency, today)
        given = {"verdict": PartnerReview.Verdict.STANDING_CONSENT, "consent": consent, "answered_at": now}
        review, made = OutputReview.objects.get_or_create(
            output=output,
            files_sha256=output.files_sha256,
            agency=agency,
            defaults={
                "due_on": add_business_days(today, days),
                "asked_at": now,
                "due_since": now,
                **(given if consent else {}),
            },
        )
        said = "was let through under your state's consent in advance" if consent else "waits for your state's review"
        reviewers = notices.holders(Role.OUTPUT_REVIEWER).filter(agency=agency)
        words = f"An output of {request.agency.state_name} ({request.number}) {said}."
        notices.tell_people(reviewers, words, now, path=review.page)
        if made and consent:
            _record_use(review, consent, now)


def _record_use(review: OutputReview, consent: StandingConsent, now: datetime) -> None:
    """What went through under a standing consent is an answer of the state, and an event."""
    detail = {"state": review.agency.fips, "verdict": review.verdict, "sha256": review.sha256, "consent": consent.pk}
    events.record(
        "output_review.answer",
        actor=None,
        request_number=review.request.number,
        subject=review.pk,
        detail=detail,
        at=now,
    )


def of(output: Output) -> list[OutputReview]:
    """The reviews of the output's exact files."""
    return list(output.reviews.filter(files_sha256=output.files_sha256).select_related("agency", "answered_by"))
