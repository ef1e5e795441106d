"""A state's answer about the exact bytes it was shown: no objection, an objection, its withdrawal, or the lapse."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from requests_app import output_policies, policies, review_policies
from requests_app.models import OutputReview, PartnerReview, Person
from requests_app.policies import Denied
from requests_app.review_policies import Review
from requests_app.services.event_log import events
from requests_app.services.life import notices
from requests_app.services.packages.packages import current_package
from requests_app.services.reviews.asking import go_on_if_agreed
from requests_app.services.reviews.locking import lock
from requests_app.states import Role

Verdict = PartnerReview.Verdict
AGREED = "agreed to"
TOLD_OF_OBJECTIONS = (Role.DISCLOSURE_ANALYST, Role.PROGRAM_ANALYST, Role.APPROVING_OFFICIAL)


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
    locked = lock(review)
    policies.check_answer_partner_review(actor, locked)
    current_package(locked.request, package_sha256)
    if locked.verdict != Verdict.OPEN:
        raise Denied(f"{locked.agency.state_name} has already answered.")
    _check_words(verdict, reason)
    locked.cells = cells or []
    _keep(locked, actor, verdict, reason, cells=len(locked.cells))
    return locked


@transaction.atomic
def answer_output(
    review: OutputReview, *, actor: Person, verdict: str, files_sha256: str, reason: str = ""
) -> OutputReview:
    """The same about the files of an output; a person at BLS clears it once every state has agreed."""
    locked = lock(review)
    output_policies.check_answer_output(actor, locked)
    if files_sha256 != locked.files_sha256:
        raise Denied("The files of this output are others now. Look at them first.")
    _check_words(verdict, reason)
    _keep(locked, actor, verdict, reason)
    return locked


def _check_words(verdict: str, reason: str) -> None:
    if verdict not in {Verdict.NO_OBJECTION, Verdict.OBJECTION}:
        raise Denied("A reviewer answers with no objection, or with an objection.")
    if verdict == Verdict.OBJECTION and not reason.strip():
        raise Denied("Say what you object to, so that BLS can resolve it.")


@transaction.atomic
def record_lapse(review: Review, *, actor: Person, reason: str) -> None:
    """BLS records that a missed deadline is consent, where the state's MOU says so, with what was tried before."""
    locked = lock(review)
    review_policies.check_record_lapse(actor, locked)
    if not reason.strip():
        raise Denied("Say how the state was asked and reminded.")
    _keep(locked, actor, Verdict.CONSENT_BY_LAPSE, reason)


def _keep(review: Review, actor: Person, verdict: str, reason: str, **facts: Any) -> None:
    """Keeps the answer to a locked review, tells BLS of what it has to act on, and lets a request go on."""
    review.verdict, review.reason = Verdict(verdict), reason.strip()
    review.answered_at, review.answered_by = timezone.now(), actor
    review.save()
    _tell(review, "objects to" if verdict == Verdict.OBJECTION else AGREED)
    _record("answer", review, actor, verdict=verdict, **facts)
    _go_on(review)


def _tell(review: Review, did: str) -> None:
    """Objections, and whatever is said of an output: the last agreement clears none by itself, as a package's does."""
    if did == AGREED and isinstance(review, PartnerReview):
        return
    words = f"{review.agency.state_name} {did} {review.what} of {review.request.number}."
    notices.tell_about(review.request, words, TOLD_OF_OBJECTIONS, timezone.now())


def _go_on(review: Review) -> None:
    if isinstance(review, PartnerReview):
        go_on_if_agreed(review.request)


def agree_to_several(seen: dict[str, str], *, actor: Person) -> tuple[list[Review], list[str]]:
    """No objection to several outputs, by review and the hash that stood on the list; each for itself.

    Returns those agreed to, and what stood in the way of the others: an output the person has not opened, or one
    that was built again meanwhile.
    """
    mine = {"pk__in": seen, "agency": actor.agency_id}
    packages = PartnerReview.objects.filter(**mine).select_related("agency", "request").order_by("due_on")
    outputs = OutputReview.objects.filter(**mine).select_related("agency", "output__request").order_by("due_on")
    agreed: list[Review] = []
    refused = []
    reviews: list[Review] = [*packages, *outputs]
    for review in reviews:
        try:
            agreed.append(_agree(review, actor, seen[review.pk]))
        except Denied as denied:
            refused.append(f"{review.request.number}: {' '.join(denied.reasons)}")
    return agreed, refused


def _agree(review: Review, actor: Person, sha256: str) -> Review:
    """No objection to bytes the person has opened."""
    if isinstance(review, OutputReview):
        review_policies.check_agree_unread_output(actor, review)
        return answer_output(review, actor=actor, verdict=Verdict.NO_OBJECTION, files_sha256=sha256)
    review_policies.check_agree_unread(actor, review)
    return answer(review, actor=actor, verdict=Verdict.NO_OBJECTION, package_sha256=sha256)


@transaction.atomic
def withdraw_objection(review: Review, *, actor: Person, why: str) -> None:
    """The state takes its objection back, with a reason; what it objected to stays readable beside it."""
    locked = lock(review)
    review_policies.check_withdraw_objection(actor, locked)
    if not why.strip():
        raise Denied("Say why your state no longer objects.")
    locked.withdrawn_at, locked.withdrawn_by, locked.withdrawn_why = timezone.now(), actor, why.strip()
    locked.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_why"])
    _tell(locked, "withdrew its objection to")
    _record("withdraw_objection", locked, actor)
    _go_on(locked)


def _record(what: str, review: Review, actor: Person, **detail: Any) -> None:
    """What a state said is told with the hash of the bytes it was said about."""
    events.record(
        f"{review.EVENTS}.{what}",
        actor=actor,
        request_number=review.request.number,
        subject=review.pk,
        detail={"state": review.agency.fips, "sha256": review.sha256, **detail},
    )
