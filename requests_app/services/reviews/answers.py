"""A state's answer about the exact bytes it was shown: no objection, an objection, its withdrawal, or the lapse."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from requests_app import policies, review_policies
from requests_app.models import DataRequest, PartnerReview, Person
from requests_app.policies import Denied
from requests_app.services.event_log import events
from requests_app.services.life import notices
from requests_app.services.packages.packages import current_package
from requests_app.services.reviews.asking import go_on_if_agreed
from requests_app.states import Role

Verdict = PartnerReview.Verdict
TOLD_OF_OBJECTIONS = (Role.DISCLOSURE_ANALYST, Role.PROGRAM_ANALYST, Role.APPROVING_OFFICIAL)


def _lock(review: PartnerReview) -> tuple[DataRequest, PartnerReview]:
    request = DataRequest.objects.select_for_update().get(pk=review.package.request_id)
    locked = PartnerReview.objects.select_for_update(of=("self",)).select_related("agency", "package", "request")
    return request, locked.get(pk=review.pk)


@transaction.atomic
def answer(
    review: PartnerReview,
    *,
    actor: Person,
    verdict: str,
    package_sha256: str,
    reason: str = "",
    cells: list[list[str]] | None = None,
) -> PartnerReview:
    """Any reviewer of the state answers, once for the state; the last agreement moves the request on."""
    request, locked = _lock(review)
    policies.check_answer_partner_review(actor, locked)
    current_package(request, package_sha256)
    if locked.verdict != Verdict.OPEN:
        raise Denied(f"{locked.agency.state_name} has already answered.")
    if verdict not in {Verdict.NO_OBJECTION, Verdict.OBJECTION}:
        raise Denied("A reviewer answers with no objection, or with an objection.")
    if verdict == Verdict.OBJECTION and not reason.strip():
        raise Denied("Say what you object to, so that BLS can resolve it.")
    return _keep(request, locked, actor, verdict, reason, cells or [])


@transaction.atomic
def record_lapse(review: PartnerReview, *, actor: Person, reason: str) -> PartnerReview:
    """BLS records that a missed deadline is consent, where the state's MOU says so, with what was tried before."""
    request, locked = _lock(review)
    review_policies.check_record_lapse(actor, locked)
    if not reason.strip():
        raise Denied("Say how the state was asked and reminded.")
    return _keep(request, locked, actor, Verdict.CONSENT_BY_LAPSE, reason, [])


def _keep(
    request: DataRequest, review: PartnerReview, actor: Person, verdict: str, reason: str, cells: list[list[str]]
) -> PartnerReview:
    now = timezone.now()
    review.verdict, review.reason, review.cells = Verdict(verdict), reason.strip(), cells
    review.answered_at, review.answered_by = now, actor
    review.save()
    if verdict == Verdict.OBJECTION:
        words = f"{review.agency.state_name} objects to the package of {request.number}."
        notices.tell_about(request, words, TOLD_OF_OBJECTIONS, now)
    _record("partner_review.answer", review, actor, verdict=verdict, cells=len(cells))
    go_on_if_agreed(request)
    return review


def agree_to_several(seen: dict[str, str], *, actor: Person) -> tuple[list[PartnerReview], list[str]]:
    """No objection to several outputs, by review and the hash that stood on the list; each for itself.

    Returns those agreed to, and what stood in the way of the others: an output the person has not opened, or one
    that was built again meanwhile.
    """
    reviews = PartnerReview.objects.filter(pk__in=seen, agency=actor.agency_id).select_related("agency", "request")
    agreed, refused = [], []
    for review in reviews.order_by("due_on"):
        try:
            review_policies.check_agree_unread(actor, review)
            agreed.append(answer(review, actor=actor, verdict=Verdict.NO_OBJECTION, package_sha256=seen[review.pk]))
        except Denied as denied:
            refused.append(f"{review.request.number}: {' '.join(denied.reasons)}")
    return agreed, refused


@transaction.atomic
def withdraw_objection(review: PartnerReview, *, actor: Person, why: str) -> PartnerReview:
    """The state takes its objection back, with a reason; what it objected to stays readable beside it."""
    request, locked = _lock(review)
    review_policies.check_withdraw_objection(actor, locked)
    if not why.strip():
        raise Denied("Say why your state no longer objects.")
    now = timezone.now()
    locked.withdrawn_at, locked.withdrawn_by, locked.withdrawn_why = now, actor, why.strip()
    locked.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_why"])
    words = f"{locked.agency.state_name} withdrew its objection to the package of {request.number}."
    notices.tell_about(request, words, TOLD_OF_OBJECTIONS, now)
    _record("partner_review.withdraw_objection", locked, actor)
    go_on_if_agreed(request)
    return locked


def _record(kind: str, review: PartnerReview, actor: Person, **detail: Any) -> None:
    """What a state said is told with the hash of the bytes it was said about."""
    events.record(
        kind,
        actor=actor,
        request_number=review.request.number,
        subject=review.pk,
        detail={"state": review.agency.fips, "sha256": review.package_sha256, **detail},
    )
