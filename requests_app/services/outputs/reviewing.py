"""The states whose records are in a micro request review what its agency made of them, each in its own time."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from requests_app import guards, output_policies, policies, standing
from requests_app.business_days import add_business_days
from requests_app.models import Output, OutputReview, PartnerReview, Person, StandingConsent
from requests_app.policies import Denied
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
        review, _ = OutputReview.objects.get_or_create(
            output=output,
            files_sha256=output.files_sha256,
            agency=agency,
            defaults={"due_on": add_business_days(today, days), "asked_at": now, **(given if consent else {})},
        )
        said = "was let through under your state's consent in advance" if consent else "waits for your state's review"
        reviewers = notices.holders(Role.OUTPUT_REVIEWER).filter(agency=agency)
        words = f"An output of {request.agency.state_name} ({request.number}) {said}."
        notices.tell_people(reviewers, words, now, path=f"/output-reviews/{review.pk}/")


def of(output: Output) -> list[OutputReview]:
    """The reviews of the output's exact files."""
    return list(output.reviews.filter(files_sha256=output.files_sha256).select_related("agency", "answered_by"))


@transaction.atomic
def answer(review: OutputReview, *, actor: Person, verdict: str, files_sha256: str, reason: str = "") -> OutputReview:
    """A state's answer, once, about the files it was shown."""
    Output.objects.select_for_update().get(pk=review.output_id)
    rows = OutputReview.objects.select_for_update(of=("self",)).select_related("output__request", "agency")
    locked = rows.get(pk=review.pk)
    output_policies.check_answer_output(actor, locked)
    if files_sha256 != locked.files_sha256:
        raise Denied("The files of this output are others now. Look at them first.")
    if verdict == PartnerReview.Verdict.OBJECTION and not reason.strip():
        raise Denied("Say what you object to, so that BLS can resolve it.")
    if verdict not in {PartnerReview.Verdict.NO_OBJECTION, PartnerReview.Verdict.OBJECTION}:
        raise Denied("A reviewer answers with no objection, or with an objection.")
    now, request = timezone.now(), locked.output.request
    locked.verdict, locked.reason, locked.answered_at, locked.answered_by = verdict, reason.strip(), now, actor
    locked.save()
    words = f"{locked.agency.state_name} answered about an output of {request.number}."
    notices.tell_about(request, words, [Role.DISCLOSURE_ANALYST, Role.APPROVING_OFFICIAL], now)
    detail = {"state": locked.agency.fips, "verdict": verdict, "files_sha256": files_sha256}
    events.record(
        "output_review.answer", actor=actor, request_number=request.number, subject=locked.pk, detail=detail, at=now
    )
    return locked
