"""Asking the states whose records were searched about a package's exact bytes, each in its own time."""

from datetime import datetime

from django.conf import settings
from django.utils import timezone

from requests_app import guards, policies, standing
from requests_app.business_days import add_business_days
from requests_app.hooks import effect
from requests_app.models import Agency, DataRequest, Mou, Package, PartnerReview, Person, StandingConsent
from requests_app.services.event_log import events
from requests_app.services.life import notices, workflow
from requests_app.services.reviews.consents import consent_for
from requests_app.states import Role, State


@effect("send_to_partners", "ask_to_share")
def ask_partners(request: DataRequest, _actor: Person | None, now: datetime) -> None:
    """Every state searched, without the requesting one; who consented in advance to this kind has answered."""
    package = policies.newest_package(request)
    assert package is not None  # noqa: S101  the transition's guards saw it
    agencies = guards.partners_of(request, package)
    mous = standing.mous_of([str(agency.fips) for agency in agencies], timezone.localdate(now))
    for agency in agencies:
        _ask(package, agency, mous.get(str(agency.fips)), now)
    go_on_if_agreed(request)


def _ask(package: Package, agency: Agency, mou: Mou | None, now: datetime) -> None:
    days = mou.review_business_days if mou else settings.PARTNER_REVIEW_BUSINESS_DAYS
    consent = consent_for(package.request, agency, timezone.localdate(now))
    _review, made = PartnerReview.objects.get_or_create(
        package=package,
        agency=agency,
        defaults={
            "package_sha256": package.sha256,
            "due_on": add_business_days(timezone.localdate(now), days),
            "asked_at": now,
            "due_since": now,
            **_answer_of(consent, now),
        },
    )
    if made and consent:
        _tell_of_use(_review, consent, now)


def _answer_of(consent: StandingConsent | None, now: datetime) -> dict[str, object]:
    if consent is None:
        return {}
    return {"verdict": PartnerReview.Verdict.STANDING_CONSENT, "consent": consent, "answered_at": now}


def _tell_of_use(review: PartnerReview, consent: StandingConsent, now: datetime) -> None:
    """What went through under a standing consent is told to the state's reviewers, and is an event."""
    number = review.request.number
    text = f"{number} was let through under your state's consent in advance. It stands in your register of uses."
    reviewers = notices.holders(Role.OUTPUT_REVIEWER).filter(agency=review.agency)
    notices.tell_people(reviewers, text, now, path="/reviews/")
    detail = {"state": review.agency.fips, "verdict": review.verdict, "sha256": review.package_sha256, "cells": 0}
    events.record(
        "partner_review.answer",
        actor=None,
        request_number=number,
        subject=review.pk,
        detail=detail | {"consent": consent.pk},
        at=now,
    )


def go_on_if_agreed(request: DataRequest) -> None:
    """The last agreement moves the request on; in the transaction of that agreement."""
    if guards.all_partners_agreed(request, None):
        return
    step = "partners_agreed" if request.status is State.PARTNER_REVIEW else "clear_to_share"
    workflow.transition(request, step, actor=None)
